/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_table.h"
#include "check/examined.h"

static const CheckFinding *const findings[] = {NULL};

/* The comparison itself is made by row-counts, structure, content and attested, each with its findings. */
static void run(CheckContext *context, CheckResult *result) {
    result->expected = "an attestation, or the live database";
    if (examined_blind(context, result))
        return;
    if (context->attested) {
        result->observed = "equal to the attestation";
        check_pass(result);
    } else if (context->live != NULL && !check_blind(context, result)) {
        result->observed = "compared with the live database";
        check_pass(result);
    } else if (context->live_asked) {
        check_unknown(context, result, "the live database could not be read");
    } else {
        check_skip(context, result, "there is neither an attestation nor a live database (--against) to compare with");
    }
}

const Check check_source = {
    .id = "source",
    .title = "The copy was held to its source",
    .subject = "The restored copy against its source",
    .explain = "That a copy equals its backup says nothing about what the backup should have held. For the proof level "
               "matching there must be a reference: the attestation written when the backup was taken, or the live "
               "database within tolerance.",
    .level = 4,
    .findings = findings,
    .run = run};
