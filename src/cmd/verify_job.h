/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_VERIFY_JOB_H
#define LIFEBOAT_CMD_VERIFY_JOB_H

#include "base/config.h"
#include "cmd/verify_output.h"

/*
 * One thing that `lifeboat verify` was asked for: a path on the command line, or a target of the configuration. It may
 * mean several backups. Everything that reads a backup happens in child processes, one for each: when one dies the
 * parent reports that it could not tell, records that and alerts, and goes on with the next.
 */
typedef struct VerifyJob {
    const char *path;
    bool all;           /* of a folder every backup, not only the newest */
    const char *target; /* "" without one */
    const Settings *settings;
    bool recorded; /* in the store; the channels are told */
} VerifyJob;

/* Verifies and adds the reports to the output. An error when interrupted, or when the configuration is wrong. */
Err *verify_job_run(Arena *arena, const VerifyJob *job, const Config *config, const VerifyOutput *output);

#endif
