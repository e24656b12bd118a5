/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_EXIT_STATUS_H
#define LIFEBOAT_CMD_EXIT_STATUS_H

#include "base/err.h"

/*
 * Exit statuses, declared once. 0 is given only when something was looked at and held; whatever kept lifeboat from
 * looking is 2 or has a status of its own, so that a script that tests for 0 cannot take silence for a pass.
 */
typedef struct ExitStatus {
    int number;
    const char *name;
    const char *summary; /* one line */
    const char *action;  /* what a script or a person does about it */
} ExitStatus;

extern const ExitStatus exit_status_table[]; /* ends with a NULL name */

enum {
    EXIT_STATUS_OK = 0,
    EXIT_STATUS_FAIL = 1,
    EXIT_STATUS_UNKNOWN = 2,
    EXIT_STATUS_USAGE = 64,
    EXIT_STATUS_CONFIG = 78,
    EXIT_STATUS_INTERRUPTED = 130,
};

/* The status of a command that ended with that error. */
int exit_status_of(const Err *err);

#endif
