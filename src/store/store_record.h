/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_STORE_STORE_RECORD_H
#define LIFEBOAT_STORE_STORE_RECORD_H

#include "store/store.h"

/*
 * What the log columns say about a report; the same numbers in SQLite and in backup_verification_log.
 */

/* Checks that ran and held (pass, warn), and checks that failed or could not run (fail, unknown). Skipped: neither. */
void store_record_count(const Report *report, int *passed, int *failed);

/* Findings of all checks and the checks that could not run, as an array; NULL when there is neither. */
json_t *store_record_details(Arena *arena, const Report *report);

/* Identity of what stands at a path now: absolute name, and newest modification time of the file or of a directory's
 * files; TIME_NONE when it cannot be looked at. */
void store_record_identity(Arena *arena, const char *path, const char **absolute, Time *modified);

/* Bits of table_count.flags */
enum { STORE_RECORD_UNLOGGED = 1, STORE_RECORD_PARTITION = 2, STORE_RECORD_DATA = 4 };

#endif
