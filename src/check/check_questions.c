/* SPDX-License-Identifier: PostgreSQL */
#include "check/check_table.h"
#include "check/examined.h"

static const CheckFinding finding = {
    .id = "answer-unexpected",
    .severity = CHECK_FAILURE,
    .title = "A question of the application has another answer than expected",
    .means = "The restored copy does not answer as the application needs it to. The rows may be there and still "
             "be the wrong ones.",
    .action = "Run the question's SQL ([check NAME] in the configuration) in the live database. If the answer "
              "is the same there, the expectation is out of date; if not, this backup is not what you think it "
              "is.",
    .acceptable = true};

static const CheckFinding *const findings[] = {&finding, NULL};

static void run(CheckContext *context, CheckResult *result) {
    const ExaminedProbe probe = {.probe = EXAMINE_QUESTIONS,
                                 .finding = &finding,
                                 .noun = "question",
                                 .expected = "as expected",
                                 .optional = true};
    examined_run(context, result, &probe);
}

const Check check_questions = {
    .id = "questions",
    .title = "The application's questions",
    .subject = "The application's own questions",
    .explain = "Each [check NAME] section of the configuration is one statement with an expected answer, asked "
               "of the restored copy, read-only, as the role it names.",
    .level = 5,
    .findings = findings,
    .run = run};
