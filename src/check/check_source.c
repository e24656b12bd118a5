/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "check/check_attestation.h"
#include "check/check_table.h"
#include "check/examined.h"
#include "check/scope.h"

static const CheckFinding *const findings[] = {&check_attestation_differs, NULL};

/* Of the copy what the rows say is held to the attestation; what the sandbox leaves out on purpose is structure. */
static bool is_about_rows(CheckContext *context, const InventoryDifference *difference) {
    const InventoryTable *attested = difference->left_table;
    if (difference->kind == INVENTORY_SEQUENCE || strcmp(difference->what, "LARGE OBJECTS") == 0)
        return true;
    if (attested == NULL || attested->kind != 'r' || !attested->has_data || scope_ignored(context, attested))
        return false;
    return difference->kind == INVENTORY_ROWS || difference->kind == INVENTORY_DIGEST ||
           (difference->kind == INVENTORY_ONLY_LEFT && strcmp(difference->what, "TABLE") == 0);
}

/* Rows that were attested, and that could not be counted in the copy: neither good nor bad. */
static bool is_blind_spot(CheckContext *context, const InventoryDifference *difference) {
    const InventoryTable *attested = difference->left_table;
    return difference->kind == INVENTORY_NOT_COMPARED && attested != NULL && attested->kind == 'r' &&
           attested->has_data && !scope_ignored(context, attested);
}

static void compare(CheckContext *context, CheckResult *result) {
    InventoryDifferences differences;
    attest_compare(context->arena, context->attestation->inventory, context->restored->items[0], &differences);
    LIST_EACH (const InventoryDifference, difference, differences) {
        if (is_blind_spot(context, difference))
            check_unknown(context, result, "%s could not be compared with the attestation; %s", difference->name,
                          difference->why);
        if (!is_about_rows(context, difference))
            continue;
        Finding *finding = check_report(context, result, &check_attestation_differs, difference->name,
                                        "The restored copy of %s is not what was attested", difference->name);
        finding->expected = difference->left;
        finding->found = difference->right;
    }
    result->observed = "the restored copy was compared with the attestation";
    check_pass(result);
}

/* Without an attestation the comparison itself is made by row-counts, structure and content, each with its findings. */
static void run(CheckContext *context, CheckResult *result) {
    result->expected = "an attestation, or the live database";
    if (examined_blind(context, result))
        return;
    if (context->attested && context->restored != NULL && context->restored->count == 1) {
        compare(context, result);
    } else if (context->attested) {
        check_unknown(context, result, "the restored copy could not be counted");
    } else if (context->live != NULL && !check_blind(context, result)) {
        result->observed = "compared with the live database";
        check_pass(result);
    } else if (context->live_asked) {
        check_unknown(context, result, "the live database could not be read");
    } else if (context->attestation != NULL) {
        check_unknown(context, result, "the backup is not what was attested");
    } else {
        check_skip(context, result, "there is neither an attestation nor a live database (--against) to compare with");
    }
}

const Check check_source = {
    .id = "source",
    .title = "The copy was held to its source",
    .subject = "The restored copy against its source",
    .explain = "That a copy equals its backup says nothing about what the backup should have held. For the proof level "
               "matching there must be a reference: the attestation written when the backup was taken, which the copy "
               "must equal exactly, or the live database within tolerance.",
    .level = 4,
    .findings = findings,
    .run = run};
