/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/log_line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "runbook/condition.h"

/* Lines of several processes are not quite in order; what is older than the window by so much ends the search. */
#define SLACK (10 * TIME_MINUTE)

/* Abbreviations that PostgreSQL and others write for log_timezone, without those that mean several zones. */
static const struct Zone {
    const char *name;
    int minutes;
} zones[] = {
    {"UTC", 0},    {"GMT", 0},    {"WET", 0},    {"WEST", 60},  {"BST", 60},   {"CET", 60},    {"CEST", 120},
    {"EET", 120},  {"EEST", 180}, {"MSK", 180},  {"SAST", 120}, {"EST", -300}, {"EDT", -240},  {"CST", -360},
    {"CDT", -300}, {"MST", -420}, {"MDT", -360}, {"PST", -480}, {"PDT", -420}, {"AKST", -540}, {"AKDT", -480},
    {"HST", -600}, {"JST", 540},  {"KST", 540},  {"AEST", 600}, {"AEDT", 660}, {"ACST", 570},  {"ACDT", 630},
    {"AWST", 480}, {"NZST", 720}, {"NZDT", 780}, {"IST", 330},
};

static size_t digits_at(Text text, size_t at) {
    size_t end = at;
    while (end < text.length && text.at[end] >= '0' && text.at[end] <= '9')
        end++;
    return end - at;
}

/* What stands behind the time of day: an offset or an abbreviation; its length and the seconds east of UTC. */
static size_t zone_at(Text text, int64_t *seconds) {
    size_t blank = text_starts(text, " ") ? 1 : 0, end = blank;
    Text rest = text_slice(text, blank, text.length);
    *seconds = 0;
    if (text_starts(rest, "Z"))
        return blank + 1;
    if (text_starts(rest, "+") || text_starts(rest, "-")) {
        size_t hours = digits_at(rest, 1), at = 1 + hours;
        uint64_t number = 0, minutes = 0;
        if ((hours != 2 && hours != 4) || !text_to_u64(text_slice(rest, 1, at), &number))
            return 0;
        if (hours == 4) {
            minutes = number % 100;
            number /= 100;
        } else if (at < rest.length && rest.at[at] == ':' && digits_at(rest, at + 1) == 2) {
            text_to_u64(text_slice(rest, at + 1, at + 3), &minutes);
            at += 3;
        }
        *seconds = (int64_t)(number * 3600 + minutes * 60) * (rest.at[0] == '-' ? -1 : 1);
        return blank + at;
    }
    while (end < text.length && text.at[end] >= 'A' && text.at[end] <= 'Z')
        end++;
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
        if (text_is(text_slice(text, blank, end), zones[i].name)) {
            *seconds = (int64_t)zones[i].minutes * 60;
            return end;
        }
    return 0;
}

bool log_line_time(Text line, Time *out) {
    size_t clock = 11; /* "2026-11-25 " */
    if (line.length < clock + 8 || (line.at[10] != ' ' && line.at[10] != 'T'))
        return false;
    size_t end = clock + 8;
    if (end < line.length && line.at[end] == '.')
        end += 1 + digits_at(line, end + 1);
    int64_t east = 0;
    Time when = 0;
    if (!time_parse(text_slice(line, 0, end), &when))
        return false;
    zone_at(text_slice(line, end, line.length), &east);
    *out = when - east * TIME_SECOND;
    return true;
}

/* A number of seconds since 1970, or of milliseconds, or a text. */
static Time moment_of(const json_t *value) {
    Time when = TIME_NONE;
    if (json_is_string(value)) {
        Text text = {json_string_value(value), json_string_length(value)};
        return time_parse(text, &when) ? when : TIME_NONE;
    }
    double number = json_is_number(value) ? json_number_value(value) : NAN;
    number = number > 1e11 ? number / 1000 : number;
    return number > 0 && number < 1e11 ? (Time)(number * (double)TIME_SECOND) : TIME_NONE;
}

static Time time_of_object(const json_t *document) {
    static const char *const names[] = {"time", "timestamp", "ts"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const json_t *value = json_object_get(document, names[i]);
        if (value != NULL)
            return moment_of(value);
    }
    uint64_t microseconds = 0;
    const char *journal = json_string_value(json_object_get(document, "__REALTIME_TIMESTAMP"));
    return text_to_u64(text_of(journal), &microseconds) && microseconds < INT64_MAX ? (Time)microseconds : TIME_NONE;
}

void log_line_read(Arena *arena, Text text, LogLine *out) {
    *out = (LogLine){.text = text, .when = TIME_NONE};
    if (text_starts(text, "{"))
        out->document = condition_json_read(arena, text);
    if (!json_is_object(out->document))
        out->document = NULL;
    if (out->document != NULL)
        out->when = time_of_object(out->document);
    else if (!log_line_time(text, &out->when))
        out->when = TIME_NONE;
}

/* --- reading --- */

static void give(Arena *arena, Text text, bool too_long, const LogLineFile *file) {
    LogLine line = {.too_long = true, .when = TIME_NONE};
    if (text_ends(text, "\r"))
        text.length--;
    if (!too_long && text_trim(text).length == 0)
        return;
    if (!too_long)
        log_line_read(arena, text, &line);
    file->on_line(arena, &line, file->context);
}

void log_line_each(Text bytes, const LogLineFile *file) {
    Arena *scratch = arena_new();
    while (bytes.length > 0) {
        Text line = text_cut(bytes, '\n', &bytes);
        give(scratch, line, line.length > LOG_LINE_LONGEST, file);
        if (arena_used(scratch) > LOG_LINE_LONGEST) {
            arena_free(scratch);
            scratch = arena_new();
        }
    }
    arena_free(scratch);
}

/* The first instant that a line at or behind `offset` has. */
static Err *first_time(Arena *arena, int descriptor, uint64_t offset, Time *out) {
    enum { PIECE = 64 * 1024 };
    char *piece = arena_alloc(arena, PIECE);
    size_t got = 0;
    *out = TIME_NONE;
    TRY(file_read_at(arena, descriptor, offset, piece, PIECE, &got));
    Text rest = {piece, got}, line = {0};
    ptrdiff_t last = -1;
    for (size_t i = 0; i < got; i++)
        if (piece[i] == '\n')
            last = (ptrdiff_t)i;
    rest.length = last < 0 ? 0 : (size_t)last;
    text_cut(rest, '\n', &rest); /* the end of a line that began before */
    while (rest.length > 0 && *out == TIME_NONE) {
        LogLine read = {0};
        line = text_cut(rest, '\n', &rest);
        log_line_read(arena, line, &read);
        *out = read.when;
    }
    return NULL;
}

/* Where to begin, so that everything since the instant is behind it: the search goes back in growing steps. */
static Err *find_start(Arena *arena, int descriptor, uint64_t size, Time since, uint64_t *start) {
    uint64_t limit = size > LOG_LINE_LIMIT ? size - LOG_LINE_LIMIT : 0;
    *start = limit;
    for (uint64_t step = 1 << 20; since != TIME_NONE && step < size - limit; step *= 2) {
        Arena *scratch = arena_new();
        Time when = TIME_NONE;
        Err *err = first_time(scratch, descriptor, size - step, &when);
        err = err == NULL ? NULL : err_copy(arena, err);
        arena_free(scratch);
        if (err != NULL)
            return err;
        if (when != TIME_NONE && when < since - SLACK) {
            *start = size - step;
            break;
        }
    }
    return NULL;
}

typedef struct Reading {
    int descriptor;
    uint64_t at, end;
    Buf *line;      /* the beginning of a line whose end was not read yet */
    bool skipping;  /* the rest of a line that is too long, or that began before the start */
    bool forgotten; /* of that line: it began before the start, nobody misses it */
} Reading;

static void take_piece(Arena *scratch, Reading *reading, Text piece, const LogLineFile *file) {
    while (piece.length > 0) {
        ptrdiff_t end = text_find(piece, '\n');
        Text part = text_slice(piece, 0, end < 0 ? piece.length : (size_t)end);
        if (!reading->skipping && !buf_text(reading->line, part))
            reading->skipping = true;
        if (end < 0)
            return;
        if (!reading->forgotten)
            give(scratch, buf_view(reading->line), reading->skipping, file);
        buf_clear(reading->line);
        reading->skipping = reading->forgotten = false;
        piece = text_slice(piece, (size_t)end + 1, piece.length);
    }
}

static Err *read_lines(Arena *arena, Reading *reading, const LogLineFile *file) {
    enum { PIECE = 256 * 1024 };
    char *piece = arena_alloc(arena, PIECE);
    size_t got = 1;
    while (reading->at < reading->end && got > 0) {
        TRY(interrupt_check(arena));
        uint64_t left = reading->end - reading->at;
        TRY(file_read_at(arena, reading->descriptor, reading->at, piece, left < PIECE ? (size_t)left : PIECE, &got));
        reading->at += got;
        Arena *scratch = arena_new();
        take_piece(scratch, reading, (Text){piece, got}, file);
        arena_free(scratch);
    }
    if (!reading->forgotten && (reading->line->length > 0 || reading->skipping)) {
        Arena *scratch = arena_new();
        give(scratch, buf_view(reading->line), reading->skipping, file);
        arena_free(scratch);
    }
    return NULL;
}

Err *log_line_file(Arena *arena, const LogLineFile *file, bool *whole) {
    FileInfo info;
    Reading reading = {.line = buf_new(arena, LOG_LINE_LONGEST)};
    TRY(file_open(arena, file->path, &reading.descriptor, &info));
    TRY(find_start(arena, reading.descriptor, info.size, file->since, &reading.at));
    /* A file that grows while it is read is read to where it ended. */
    reading.end = info.size;
    reading.skipping = reading.forgotten = reading.at > 0;
    *whole = reading.at == 0;
    return read_lines(arena, &reading, file);
}
