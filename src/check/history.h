/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CHECK_HISTORY_H
#define LIFEBOAT_CHECK_HISTORY_H

#include "base/list.h"
#include "base/time.h"
#include "inventory/inventory.h"

/*
 * History: what earlier runs of the same target saw, as the checks need it. Filled by the store; the checks never ask a
 * database. Newest first, at most 90 days.
 */
typedef struct HistoryRun {
    const char *run_id;
    Time finished_at;
    const char *verdict; /* "pass", "warn", "fail", "unknown" */
    const char *backup_id;
    Time backup_taken_at;
    uint64_t backup_size;
} HistoryRun;

typedef struct History {
    LIST(HistoryRun) runs;
    const Inventory
        *last_verified;      /* tables of the newest run with verdict pass or warn of ANOTHER backup; may be NULL */
    Time last_verified_at;   /* its finish time, TIME_NONE when there is none */
    const char *unavailable; /* why the store could not be asked; NULL when it answered */
    bool asked;              /* false: runs without a target keep no history */
} History;

#endif
