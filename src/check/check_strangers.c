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
    .title = "A stranger can read rows",
    .means = "As anon, or as an authenticated user who belongs to nobody, rows of this table or view can be seen: its "
             "row-level security is off, a policy lets everybody in, or a view shows them as its owner. For a table "
             "that is meant to be public that is right; for any other it is a leak, in the live database too.",
    .action = "Look at the table's policies (a view: security_invoker). If it is meant to be public: open_tables = "
              "SCHEMA.TABLE. If not, "
              "mend the policy in the live database now.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&finding, NULL};

static void run(CheckContext *context, CheckResult *result) {
    const ExaminedProbe probe = {.probe = EXAMINE_STRANGERS,
                                 .finding = &finding,
                                 .noun = "question by a stranger",
                                 .nouns = "questions by strangers",
                                 .expected = "nothing for strangers",
                                 .optional = true};
    examined_run(context, result, &probe);
}

const Check check_strangers = {
    .id = "strangers",
    .title = "Strangers see no rows",
    .subject = "What strangers can see",
    .explain = "Each table and view that anon or authenticated may select from is asked as that role, with the "
               "claims of a user that does not exist: it shows no row. What one signed-in user must not see of "
               "another is a question of the application: [check NAME] with role and claims.",
    .level = 5,
    .findings = findings,
    .options = options,
    .run = run};
