/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_PROGRESS_H
#define LIFEBOAT_CMD_PROGRESS_H

#include <stdint.h>

#include "base/arena.h"

/*
 * Progress: one line on standard error that is drawn over itself: what is being done, how far, how fast, and how long
 * it will take. Only when standard error is a terminal that can go back to the start of a line; nothing is shown for
 * work that ends within a blink. Any thread may report.
 */
typedef struct Progress Progress;

Progress *progress_new(Arena *arena);

/* `phase` must outlive the progress; "reading" counts bytes, anything else counts pieces. A new phase starts anew. */
void progress_show(void *progress, const char *phase, uint64_t done, uint64_t total);

/* Wipes the line. Call it before anything else is written to the terminal. */
void progress_clear(Progress *progress);

#endif
