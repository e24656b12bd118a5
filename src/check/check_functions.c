/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_table.h"
#include "check/examined.h"

static const CheckFinding finding = {
    .id = "function-broken",
    .severity = CHECK_WARNING,
    .title = "A function of the restored copy does not compile",
    .means = "The function's body names something that is not there, or is malformed. pg_dump creates functions "
             "without looking at their bodies, so a restore does not notice.",
    .action = "Create it anew in the live database with check_function_bodies on: the error is the same. If it "
              "is fine there, what it needs is not in the backup.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&finding, NULL};

static void run(CheckContext *context, CheckResult *result) {
    const ExaminedProbe probe = {
        .probe = EXAMINE_FUNCTIONS, .finding = &finding, .noun = "function", .expected = "compile"};
    examined_run(context, result, &probe);
}

const Check check_functions = {
    .id = "functions",
    .title = "Functions compile",
    .subject = "Compiling the functions",
    .explain =
        "The bodies of SQL and PL/pgSQL functions are given to the validator of their language: SQL "
        "bodies against the tables they name, PL/pgSQL ones for their syntax. Where plpgsql_check is installed, it "
        "looks for tables, columns and functions that PL/pgSQL bodies name and that are not there.",
    .level = 4,
    .findings = findings,
    .run = run};
