/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_RESTORE_PLAN_H
#define LIFEBOAT_CMD_RESTORE_PLAN_H

#include "base/config.h"
#include "sandbox/destination.h"

/*
 * What a restore in earnest will do, before it does it: is the target production, may it be written to, and how long
 * will it take.
 */
typedef struct RestorePlan {
    const Backup *backup;
    const Destination *destination;
    const char *production;   /* why the server counts as production, or NULL */
    const char *unknown;      /* why it could not be told, or NULL */
    const char *obstacle;     /* why it is refused without --confirm, or NULL */
    double seconds;           /* expected; 0: nothing is known */
    const char *seconds_from; /* where that comes from */
} RestorePlan;

/* Asks every `against` of the configuration, and the attestation beside the backup, whether the server is theirs. */
Err *restore_plan_make(Arena *arena, const Config *config, RestorePlan *plan);

/* From the phases of earlier restores that the store remembers, else from a throughput that was measured elsewhere. */
void restore_plan_expect(Arena *arena, const Config *config, RestorePlan *plan);

/* ERR_USAGE when `confirm` names another database; ERR_PERMISSION when there is an obstacle and no confirmation. */
Err *restore_plan_permit(Arena *arena, const RestorePlan *plan, const char *confirm);

#endif
