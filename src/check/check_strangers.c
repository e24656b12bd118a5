/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_copy.h"
#include "check/check_table.h"
#include "check/examined.h"

const Option check_strangers_open = {.name = "open_tables",
                                     .type = OPTION_LIST,
                                     .argument = "TABLES",
                                     .summary = "tables whose rows everybody may read, as schema.table"};

static const Option *const options[] = {&check_strangers_open, NULL};

static const CheckFinding finding = {
    .id = "visible-to-strangers",
    .severity = CHECK_WARNING,
    .title = "A stranger can read rows of a table with row-level security",
    .means = "As anon, or as an authenticated user who belongs to nobody, rows of this table can be seen. For a "
             "table that is meant to be public that is right; for any other it is a leak, in the live database "
             "too.",
    .action = "Look at the table's policies. If it is meant to be public: open_tables = SCHEMA.TABLE. If not, "
              "mend the policy in the live database now.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&finding, NULL};

static void run(CheckContext *context, CheckResult *result) {
    const ExaminedProbe probe = {.probe = EXAMINE_STRANGERS,
                                 .finding = &finding,
                                 .noun = "table as a role",
                                 .nouns = "tables as a role",
                                 .expected = "nothing for strangers"};
    examined_run(context, result, &probe);
}

const Check check_strangers = {
    .id = "strangers",
    .title = "Strangers see no rows",
    .subject = "What strangers can see",
    .explain = "For each table with row-level security that anon or authenticated may select from: asked as "
               "that role, with the claims of a user that does not exist, it shows no row.",
    .level = 5,
    .findings = findings,
    .options = options,
    .run = run};
