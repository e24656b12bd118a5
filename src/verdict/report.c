/* SPDX-License-Identifier: PostgreSQL */
#include "verdict/report.h"

#include <assert.h>

#include "verdict/ladder.h"

const char *report_verdict_name(Verdict verdict) {
    return ladder_verdicts[verdict].name;
}

const char *report_proof_name(int level) {
    assert(level >= 0 && level < LADDER_LEVELS);
    return ladder_levels[level].name;
}

int report_exit_status(Verdict verdict) {
    switch (verdict) {
    case VERDICT_PASS:
    case VERDICT_WARN:
        return 0;
    case VERDICT_FAIL:
        return 1;
    case VERDICT_UNKNOWN:
        break;
    }
    return 2;
}

void report_findings(Arena *arena, const Report *report, CheckSeverity least, Findings *out) {
    *out = (Findings){0};
    LIST_EACH (const CheckResult, result, report->checks) {
        LIST_EACH (const Finding, finding, result->findings) {
            if (finding->severity >= least)
                *LIST_PUSH(arena, *out) = *finding;
        }
    }
}
