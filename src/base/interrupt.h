/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_INTERRUPT_H
#define LIFEBOAT_BASE_INTERRUPT_H

#include <stdbool.h>

#include "base/err.h"

/*
 * The one piece of process-wide state: has the user asked us to stop? The first SIGINT, SIGTERM or SIGHUP sets the flag
 * and says so on standard error; work ends at its next check, cleans up and exits with 130. A second one ends the
 * process at once.
 */
void interrupt_install(void);
/* No words on standard error: for a child whose parent says them. */
void interrupt_quiet(void);
bool interrupt_requested(void);
/* For tests, and for a service that stops its work. */
void interrupt_request(void);
/* NULL, or the ERR_INTERRUPTED to return. Loops call it at least every 10 ms of work. */
Err *interrupt_check(Arena *arena);

#endif
