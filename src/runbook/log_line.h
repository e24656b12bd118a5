/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_RUNBOOK_LOG_LINE_H
#define LIFEBOAT_RUNBOOK_LOG_LINE_H

#include <jansson.h>

#include "base/err.h"
#include "base/text.h"
#include "base/time.h"

/*
 * Lines of a log, and the last ones of a large file in bounded time and memory.
 *
 * The time of a line is its JSON member time, timestamp, ts or __REALTIME_TIMESTAMP, else what it begins with: a date
 * and a time as PostgreSQL's %m writes them, with an offset, a known abbreviation of a zone, or none (then UTC).
 */
typedef struct LogLine {
    Text text;
    json_t *document; /* NULL: not a JSON object */
    bool too_long;    /* beyond 1 MiB: not kept, `text` is empty */
    Time when;        /* TIME_NONE: it has none of its own */
} LogLine;

void log_line_read(Arena *arena, Text text, LogLine *out);

/* The instant a line of text begins with; false when it begins with none. */
bool log_line_time(Text line, Time *out);

typedef struct LogLineFile {
    const char *path;
    Time since; /* older lines need not be given; TIME_NONE: all that is read */
    /* Each line that is not blank, in order; what is in the arena lives until the call returns. */
    void (*on_line)(Arena *arena, const LogLine *line, void *context);
    void *context;
} LogLineFile;

/* At most the last 64 MiB. *whole is false when the file has more in front of what was given. */
Err *log_line_file(Arena *arena, const LogLineFile *file, bool *whole);

/* The same with bytes (of the journal): `whole` is for the caller to know. */
void log_line_each(Text bytes, const LogLineFile *file);

enum { LOG_LINE_LIMIT = 64 << 20, LOG_LINE_LONGEST = 1 << 20 };

#endif
