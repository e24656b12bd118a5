/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_CONTAIN_H
#define LIFEBOAT_BASE_CONTAIN_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Contain: a piece of our own work done in a child process, so that a crash on hostile bytes costs that piece and not
 * the program: the parent lives to say that it could not tell, to record it, and to alert.
 *
 * The child is a fork: it sees everything the parent had, and whatever it changes in memory is lost. Results go through
 * descriptors that both have (a memfd, standard error) and through the returned status and error. The child writes no
 * core file (it would hold rows of the backup), dies with the parent, and is told when the user interrupts. Call it
 * before threads and connections are started.
 */
typedef Err *(*ContainWork)(Arena *arena, void *context, int *status);

typedef struct ContainResult {
    bool finished;    /* the work came to its end: `status` is what it set */
    int status;       /* 0 unless set */
    const char *died; /* not finished: how it ended, "ended by signal 11 (Segmentation fault)" */
} ContainResult;

/* The error of the work itself, or of starting the child. A child that died is a result. */
Err *contain_run(Arena *arena, ContainWork work, void *context, ContainResult *out);

#endif
