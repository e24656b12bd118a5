/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_attestation.h"

#include <string.h>

#include "check/check_table.h"
#include "check/scope.h"

const CheckFinding check_attestation_differs = {
    .id = "attestation-differs",
    .severity = CHECK_FAILURE,
    .title = "The backup is not what was attested when it was taken",
    .means =
        "A file has another size or SHA-256, or a table has other rows, than was written down at the moment of the "
        "snapshot. Bytes changed since: on the disk, on the way, or by somebody's hand.",
    .action =
        "Do not rely on this copy. Compare with another one of the same backup (sha256sum, and the numbers in its "
        ".attest.json); if there is none, take a new backup now and look at the disk: smartctl -a, dmesg.",
    .acceptable = false};

static const CheckFinding unreadable = {
    .id = "attestation-unreadable",
    .severity = CHECK_FAILURE,
    .title = "The attestation beside the backup cannot be read",
    .means = "There is a file NAME.attest.json, and it is cut off, damaged, or something else. What it attested cannot "
             "be compared, and what damaged it may have damaged more.",
    .action = "Look at the file. The backup itself may be good: restored and compared with live it can still be proved "
              "(--restore --against). Take a new backup: lifeboat backup.",
    .acceptable = true};

static const CheckFinding signature = {
    .id = "attestation-signature",
    .severity = CHECK_FAILURE,
    .title = "The attestation is not signed with the key that was configured",
    .means = "verify_key says whose signature to expect. Without it whoever can replace the backup can replace what it "
             "is compared with.",
    .action = "If the key was changed, or this backup is older than the key, verify it with the key of its time "
              "(--verify-key). Otherwise treat the backup as replaced, and find out by whom.",
    .acceptable = false};

static const CheckFinding *const findings[] = {&check_attestation_differs, &unreadable, &signature, NULL};

typedef struct Tally {
    uint64_t differences, not_compared;
    const char *not_compared_why;
} Tally;

/* ---- the signature ---- */

/* Whether the signature says what was asked of it. */
static bool signature_holds(CheckContext *context, CheckResult *result) {
    const Attest *attest = context->attestation;
    if (context->verify_key == NULL || (attest != NULL && context->signature_valid))
        return true;
    const char *found = attest == NULL              ? "there is no attestation"
                        : attest->signature == NULL ? "it is not signed"
                                                    : "it was signed by another key, or changed since";
    Finding *finding = check_report(context, result, &signature, "", "The attestation: %s", found);
    finding->expected = "signed with verify_key";
    finding->found = found;
    return false;
}

/* ---- files and rows ---- */

/* Roles and tablespaces can be had again, rows cannot. */
static bool is_lost_globals(const CheckContext *context, const BackupDefect *defect) {
    const char *globals = context->attestation->globals.name;
    return defect->kind == BACKUP_DEFECT_MISSING && globals != NULL &&
           strcmp(defect->where, text_safe(context->arena, globals)) == 0;
}

static void compare_files(CheckContext *context, CheckResult *result, Tally *tally) {
    LIST_EACH (const BackupDefect, defect, context->attestation_files) {
        CheckFinding graded =
            check_graded(&check_attestation_differs, is_lost_globals(context, defect) ? CHECK_WARNING : CHECK_FAILURE);
        check_report(context, result, &graded, defect->where, "%s: %s", defect->where, defect->message);
        tally->differences++;
    }
}

static const char *difference_text(Arena *arena, const InventoryDifference *difference) {
    switch (difference->kind) {
    case INVENTORY_ONLY_LEFT:
        return "it was attested and is not in the backup";
    case INVENTORY_ONLY_RIGHT:
        return "it is in the backup and was not attested";
    case INVENTORY_ROWS:
        return arena_printf(arena, "%s rows were attested, the backup holds %s", difference->left, difference->right);
    case INVENTORY_DIGEST:
        return "its content is not what was attested";
    case INVENTORY_COLUMNS:
        return "its columns are not those that were attested";
    default:
        return "its value is not the one that was attested";
    }
}

static bool is_ignored(CheckContext *context, const InventoryDifference *difference) {
    const InventoryTable *table = difference->left_table != NULL ? difference->left_table : difference->right_table;
    return table != NULL && scope_ignored(context, table);
}

static void compare_rows(CheckContext *context, CheckResult *result, Tally *tally) {
    InventoryDifferences differences;
    attest_compare(context->arena, context->attestation->inventory, context->backup->inventory, &differences);
    LIST_EACH (const InventoryDifference, difference, differences) {
        if (is_ignored(context, difference))
            continue;
        if (difference->kind == INVENTORY_NOT_COMPARED) {
            if (tally->not_compared++ == 0)
                tally->not_compared_why = arena_printf(context->arena, "%s: %s", difference->name, difference->why);
            continue;
        }
        tally->differences++;
        Finding *finding =
            check_report(context, result, &check_attestation_differs, difference->name, "%s %s: %s", difference->what,
                         difference->name, difference_text(context->arena, difference));
        finding->expected = difference->left;
        finding->found = difference->right;
    }
}

static const char *observed(CheckContext *context) {
    const Attest *attest = context->attestation;
    Arena *arena = context->arena;
    return arena_printf(arena, "%s, %s, %s%s", check_count_text(arena, attest->files.count, "file"),
                        check_count_text(arena, attest->inventory->tables.count, "table"),
                        check_count_text(arena, inventory_total_rows(attest->inventory), "row"),
                        context->verify_key == NULL ? "" : ", signed");
}

static void compare(CheckContext *context, CheckResult *result) {
    Tally tally = {0};
    compare_files(context, result, &tally);
    compare_rows(context, result, &tally);
    if (tally.not_compared > 0)
        check_unknown(context, result, "%s could not be compared with the attestation; %s",
                      check_count_text(context->arena, tally.not_compared, "item"), tally.not_compared_why);
    if (tally.differences > 0)
        result->observed = check_count_text(context->arena, tally.differences, "difference");
    check_pass(result);
}

static void run(CheckContext *context, CheckResult *result) {
    const Err *err = context->attestation_error;
    result->expected = "what was attested";
    if (err != NULL && !err_is(err, ERR_DATA)) {
        check_unknown(context, result, "the attestation could not be compared: %s", err_text(context->arena, err));
        return;
    }
    if (err != NULL) {
        check_report(context, result, &unreadable, "", "The attestation cannot be read: %s",
                     err_text(context->arena, err));
        return;
    }
    if (!signature_holds(context, result) || check_blind(context, result))
        return;
    if (context->attestation == NULL) {
        check_skip(context, result, "there is no attestation beside the backup (lifeboat backup writes one)");
        return;
    }
    result->observed = observed(context);
    compare(context, result);
    context->attested = result->status == CHECK_PASS;
}

const Check check_attestation = {
    .id = "attestation",
    .title = "It is what was attested when it was taken",
    .subject = "The backup against an attestation",
    .explain =
        "When NAME.attest.json stands beside the backup, as lifeboat backup leaves it: size and SHA-256 of every "
        "file, the rows and the content of every table, the value of every sequence and every object are exactly "
        "those of the snapshot that the backup was taken from. There is no tolerance: nothing happened in "
        "between. With verify_key the attestation must be signed with that key.",
    .level = 2,
    .findings = findings,
    .run = run};
