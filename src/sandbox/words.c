/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/words.h"

#include <string.h>

typedef enum Part { PART_NONE, PART_MESSAGE, PART_STATEMENT } Part;

struct Words {
    Arena *arena;
    void (*report)(void *context, const WordsError *error);
    void *context;
    const char *entry;
    Part part; /* what a line without the program's name continues */
    bool open;
    bool server;
    Buf *message, *detail, *statement;
    uint64_t errors;
    int64_t ignored;
};

Words *words_new(Arena *arena, void (*report)(void *context, const WordsError *error), void *context) {
    Words *words = ARENA_NEW(arena, Words);
    *words = (Words){.arena = arena,
                     .report = report,
                     .context = context,
                     .entry = "",
                     .message = buf_new(arena, WORDS_STATEMENT),
                     .detail = buf_new(arena, WORDS_STATEMENT),
                     .statement = buf_new(arena, WORDS_STATEMENT),
                     .ignored = -1};
    return words;
}

static void append(Buf *buf, Text text) {
    size_t room = buf->maximum - buf->length;
    if (buf->length > 0 && room > 1) {
        buf_byte(buf, '\n');
        room--;
    }
    buf_text(buf, text_slice(text, 0, room));
}

static bool cut_prefix(Text *line, const char *prefix) {
    if (!text_starts(*line, prefix))
        return false;
    *line = text_slice(*line, strlen(prefix), line->length);
    return true;
}

static void finish_error(Words *words) {
    if (!words->open)
        return;
    words->open = false;
    words->part = PART_NONE;
    words->errors++;
    const WordsError error = {.entry = words->entry,
                              .message = text_dup(words->arena, buf_view(words->message)),
                              .detail = text_dup(words->arena, buf_view(words->detail)),
                              .statement = text_dup(words->arena, buf_view(words->statement)),
                              .server = words->server};
    words->report(words->context, &error);
}

/* "could not execute query: ERROR:  type ... does not exist" and "COPY failed for table "x": ERROR:  ...": the server's
 * words begin after the severity, which is followed by two spaces. */
static Text server_words(Text line, bool *server) {
    static const char *const severities[] = {"ERROR:  ", "FATAL:  ", "PANIC:  "};
    for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++) {
        const char *at = memmem(line.at, line.length, severities[i], 8);
        if (at != NULL) {
            *server = true;
            return text_slice(line, (size_t)(at - line.at) + 8, line.length);
        }
    }
    *server = false;
    return line;
}

static void start_error(Words *words, Text line) {
    finish_error(words);
    buf_clear(words->message);
    buf_clear(words->detail);
    buf_clear(words->statement);
    words->open = true;
    words->part = PART_MESSAGE;
    append(words->message, server_words(line, &words->server));
}

/* "1255 16388 FUNCTION public touch() app" after "from TOC entry 3; ": the two numbers mean nothing to people. */
static void set_entry(Words *words, Text line) {
    finish_error(words);
    Text rest;
    text_cut(line, ';', &rest);
    rest = text_trim(rest);
    for (int numbers = 0; numbers < 2; numbers++) {
        Text after;
        uint64_t value;
        if (text_to_u64(text_cut(rest, ' ', &after), &value))
            rest = after;
    }
    words->entry = text_dup(words->arena, text_slice(rest, 0, 400));
}

static void own_line(Words *words, Text line) {
    uint64_t ignored;
    if (cut_prefix(&line, "from TOC entry ")) {
        set_entry(words, line);
    } else if (cut_prefix(&line, "error: ")) {
        if (cut_prefix(&line, "Command was: ")) { /* 12 and 13 print the command as a message of its own */
            words->part = PART_STATEMENT;
            append(words->statement, line);
        } else {
            start_error(words, line);
        }
    } else if (cut_prefix(&line, "warning: errors ignored on restore: ")) {
        finish_error(words);
        words->ignored = text_to_u64(text_trim(line), &ignored) && ignored <= INT64_MAX ? (int64_t)ignored : -1;
    } else if (cut_prefix(&line, "detail: ") && words->open) {
        if (cut_prefix(&line, "Command was: ")) {
            words->part = PART_STATEMENT;
            append(words->statement, line);
        } else {
            append(words->detail, line);
        }
    } else {
        finish_error(words); /* "while PROCESSING TOC:", hints, progress */
    }
}

void words_line(Words *words, Text line) {
    if (cut_prefix(&line, "pg_restore: ")) {
        own_line(words, line);
        return;
    }
    if (!words->open)
        return;
    if (words->part == PART_STATEMENT) {
        append(words->statement, line);
    } else if (cut_prefix(&line, "Command was: ")) {
        words->part = PART_STATEMENT;
        append(words->statement, line);
    } else {
        append(words->detail, line);
    }
}

void words_end(Words *words) {
    finish_error(words);
}

uint64_t words_errors(const Words *words) {
    return words->errors;
}

int64_t words_ignored(const Words *words) {
    return words->ignored;
}
