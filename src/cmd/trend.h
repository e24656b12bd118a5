/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_TREND_H
#define LIFEBOAT_CMD_TREND_H

#include "cmd/terminal.h"
#include "store/store.h"

/*
 * Trend: how targets fared over time, in a few lines for people. Time is cut into as many stretches as fit on the line,
 * oldest left; a stretch shows the worst verdict in it, and one without a run shows a dot: silence is no pass.
 */
typedef struct Trend {
    Arena *arena;
    const Terminal *terminal;
    Time from, until;
} Trend;

/* Each target of the runs (newest first), in the order in which it first appears. */
void trend_print(const Trend *trend, const StoreRuns *runs, FILE *out);

TerminalMark trend_mark(const char *verdict);

#endif
