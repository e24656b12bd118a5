/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_RESTORE_TEXT_H
#define LIFEBOAT_CMD_RESTORE_TEXT_H

#include "base/json.h"
#include "cmd/command.h"
#include "cmd/restore_plan.h"
#include "verdict/recover.h"

/*
 * What `lifeboat restore` says: the plan before anything is touched, what came of it, and what is left to do.
 */
void restore_text_plan(const CommandCall *call, const RestorePlan *plan);

/* What reading the whole backup added to it: rows, what the server lacks, the expected time. */
void restore_text_details(const CommandCall *call, const RestorePlan *plan);

/* The outcome; recover_run need not have been called, or may have failed with that error (NULL: it did not). */
void restore_text_outcome(const CommandCall *call, const RestorePlan *plan, const Recover *recover, const Err *err);

/* All of it for programs: schema lifeboat.restore/1. */
json_t *restore_text_json(Arena *arena, const RestorePlan *plan, const Recover *recover, const Err *err);

#endif
