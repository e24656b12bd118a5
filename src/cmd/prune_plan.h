/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_PRUNE_PLAN_H
#define LIFEBOAT_CMD_PRUNE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

/*
 * Prune plan: which backups of a folder may go. A pure function: what is known of them in, a reason for each out.
 *
 * Never removed: what is younger than the limit or does not tell its age; the newest that was proved (restored; when
 * none was, read whole), and the newest of those that no later verification failed; the newest two, and the newest two
 * that did not fail. When no backup at all is known to be good, nothing is removed: the oldest may be the only good
 * one.
 */
typedef enum PruneReason {
    PRUNE_REMOVE,
    PRUNE_YOUNG,
    PRUNE_PROVED,     /* the newest that was */
    PRUNE_LAST_TWO,   /* one of the last copies */
    PRUNE_UNVERIFIED, /* nothing may go, because none is known to be good */
} PruneReason;

typedef struct PruneBackup {
    const char *path;
    Time taken_at; /* TIME_NONE when unknown */
    uint64_t size;
    int level;   /* highest proof level of a run that passed (or warned), of the file as it is; 0 when there was none */
    bool failed; /* the newest run that came to an answer said fail */
    PruneReason reason; /* set by prune_plan_decide */
} PruneBackup;

/* Sorts newest first and sets the reasons. */
void prune_plan_decide(PruneBackup *backups, size_t count, Time now, int64_t keep);

/* "one of the last two copies": for people; "last-two": for programs. */
const char *prune_plan_text(PruneReason reason);
const char *prune_plan_id(PruneReason reason);

#endif
