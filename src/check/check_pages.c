/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_copy.h"
#include "check/check_table.h"
#include "check/examined.h"

const Option check_pages_amcheck = {.name = "amcheck",
                                    .type = OPTION_FLAG,
                                    .summary = "run pg_amcheck over the restored copy",
                                    .detail = "Reads every page of every table and B-tree index of the copy and looks "
                                              "each row up in its indexes. It takes about as long as the restore."};

static const Option *const options[] = {&check_pages_amcheck, NULL};

static const CheckFinding finding = {
    .id = "index-inconsistent",
    .severity = CHECK_FAILURE,
    .title = "pg_amcheck found an inconsistent table or index",
    .means = "An index of the restored copy does not hold what its table holds, or a page is damaged. Freshly "
             "restored, this points at the machine (disk, memory) or at an operator class whose sort order is "
             "broken.",
    .action = "Restore again on another machine. If it is the same there, look at the collation or operator "
              "class of the index.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&finding, NULL};

static void run(CheckContext *context, CheckResult *result) {
    const ExaminedProbe probe = {
        .probe = EXAMINE_PAGES, .finding = &finding, .noun = "relation", .expected = "consistent", .optional = true};
    examined_run(context, result, &probe);
}

const Check check_pages = {.id = "pages",
                           .title = "Tables and indexes agree",
                           .subject = "Tables against their indexes (amcheck)",
                           .explain =
                               "When asked for with amcheck: pg_amcheck --heapallindexed over the restored copy.",
                           .level = 4,
                           .findings = findings,
                           .options = options,
                           .run = run};
