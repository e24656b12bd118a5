/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/runbook_diagnose.h"

static const Option *const options[] = {
    &runbook_diagnose_all,
    &runbook_open_target,
    &runbook_diagnose_against,
    &runbook_diagnose_json,
    &runbook_option_directory,
    &runbook_option_additional,
    NULL,
};

const Command cmd_runbook_diagnose = {
    .name = "runbook diagnose",
    .group = COMMAND_GROUP_RUNBOOK,
    .synopsis = "runbook diagnose [ISSUE ... | --all]",
    .summary = "ask which issues of the runbook are present, and what to read first",
    .detail =
        "Each issue is present, absent, or cannot be told, with what was seen. Only looks: statements run in read-only "
        "transactions that are rolled back, with a time-out of 2 s, on one connection where slots are short and on "
        "four "
        "at most; endpoints get 5 s, scripts 20 s, and of a log the last 64 MiB are read. Works while the database is "
        "down: it is tried once, and what asks endpoints, logs and programs is still asked.\n\n"
        "Whatever goes wrong with a question, be it a missing right, a time-out, a missing file or a parameter without "
        "a "
        "value, makes its issue \"cannot tell\", never \"absent\".\n\n"
        "The database is the target's (against), or --against, or what PGHOST, PGSERVICE and the like say. With one "
        "ISSUE everything that was seen is shown, also what only explains.\n\n"
        "Exit status: 1 when an issue is present, else 2 when one could not be told, else 0.",
    .examples = "$ lifeboat runbook diagnose --all\nWhat is wrong, ranked, and what to read first.\n"
                "$ lifeboat runbook diagnose blocked-sessions --target production\nOne issue with all its evidence.\n"
                "$ lifeboat runbook diagnose --all --json\nFor a script or a monitor (schema lifeboat.diagnosis/1).",
    .options = options,
    .run = runbook_diagnose,
};
