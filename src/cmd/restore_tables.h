/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_RESTORE_TABLES_H
#define LIFEBOAT_CMD_RESTORE_TABLES_H

#include "cmd/command.h"
#include "cmd/restore_plan.h"
#include "verdict/recover.h"

/*
 * `lifeboat restore --tables`: rows of chosen tables into a schema of their own, and the SQL that copies them back.
 */
typedef struct RestoreTables {
    CommandCall *call;
    const RestorePlan *plan;
    const RecoverRequest *request;
    const char *bindir;
    const char *const *names; /* as people write them */
    size_t count;
    const char *schema; /* NULL: restored_YYYYMMDD */
    const char *sql;    /* file for the script, or NULL */
    bool json, dry_run;
} RestoreTables;

/* The backup has been read, and holds. Sets the exit status. */
Err *restore_tables_run(const RestoreTables *asked);

#endif
