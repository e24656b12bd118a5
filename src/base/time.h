/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_TIME_H
#define LIFEBOAT_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

/*
 * Instants are Time: microseconds since 1970-01-01 UTC, TIME_NONE when unknown. Lengths of time are microseconds too.
 * Elapsed time is measured with time_monotonic, never by subtracting wall clocks.
 */
typedef int64_t Time;
#define TIME_NONE INT64_MIN
#define TIME_SECOND INT64_C(1000000)
#define TIME_MINUTE (60 * TIME_SECOND)
#define TIME_HOUR (60 * TIME_MINUTE)
#define TIME_DAY (24 * TIME_HOUR)

/* Wall clock. LIFEBOAT_NOW (RFC 3339) in the environment overrides it, for rehearsals and tests; the report says so. */
Time time_now(void);
bool time_is_overridden(void);
/* Wall clock, never overridden: for comparing with other machines' clocks and with files. */
Time time_real(void);
/* Microseconds of a clock that never jumps. */
int64_t time_monotonic(void);

/* "2026-11-23T05:00:00Z" (milliseconds shown only when not zero); "unknown" for TIME_NONE. */
const char *time_text(Arena *arena, Time when);
/* RFC 3339, and PostgreSQL's ISO output ("2026-11-23 05:00:00.123+00"), and plain "2026-11-23". */
bool time_parse(Text text, Time *out);
/* From broken-down UTC fields (month 1..12); false when a field is out of range. */
bool time_from_fields(int year, int month, int day, int hour, int minute, int second, Time *out);

/* "3 h 12 min", "45 s", "0.8 s", "12 days": two units at most, for people. */
const char *time_length_text(Arena *arena, int64_t length);
/* "90s", "15m", "24h", "7d", "2w", "1h30m", "500ms": units required. */
bool time_length_parse(Text text, int64_t *out);

#endif
