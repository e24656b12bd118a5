/* SPDX-License-Identifier: PostgreSQL */
#include "verdict/ladder.h"

#include "verdict/report.h"

const LadderWord ladder_verdicts[LADDER_VERDICTS] = {
    [VERDICT_UNKNOWN] = {"unknown", "lifeboat could not tell: a check that was asked for could not run",
                         "Nothing has been shown, so it is treated like a failure: it is logged as one, it alerts, and "
                         "it never ends with exit status 0. The report says which check could not run and why."},
    [VERDICT_PASS] = {"pass", "every check that was asked for ran and held",
                      "How much that proves is said by the proof level beside it, and what was not looked at is listed "
                      "under \"not tested\"."},
    [VERDICT_WARN] =
        {"warn", "nothing is broken, but something should be looked at before it is",
         "Warnings have thresholds of their own. The exit status is 0; with --strict a warning is a failure."},
    [VERDICT_FAIL] = {"fail", "something is wrong with the backup, or with when and how it is taken",
                      "Do not count on this backup. Each finding says what is wrong, where, and what to do now."},
};

const LadderWord ladder_levels[LADDER_LEVELS] = {
    {"none", "nothing has been shown", "No check of the first rung held."},
    {"listed", "the backup exists, is fresh enough and has a believable size",
     "It says nothing about the content: a file of the right size may hold anything."},
    {"decoded", "every byte was read and understood, critical tables are there, row counts are believable",
     "Every stream decompressed and its checksum was checked, every row was counted. It says nothing about whether a "
     "server would take it. In an uncompressed dump a flipped byte inside a text value can stay unseen at this level."},
    {"restored", "it restores into an empty server with no unexplained error",
     "The way back works with the tools at hand. It says nothing about whether the content is what it should be."},
    {"matching",
     "structure and content of the restored copy equal the attestation, or the live database within tolerance",
     "What comes back is what was there."},
    {"serving", "the application's own questions are answered by the restored copy, by reading and by writing",
     "The restored database is usable, not just complete."},
    {"drilled", "all of it inside the recovery objectives, from the copy that would be used",
     "The whole way back was walked, with a clock."},
};
