/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "sandbox/words.h"

typedef struct Seen {
    Arena *arena;
    Buf *errors; /* one line an error: entry|message|statement */
} Seen;

static void note(void *context, const WordsError *error) {
    Seen *seen = context;
    buf_printf(seen->errors, "%s|%s%s|%s\n", error->entry, error->server ? "" : "own:", error->message,
               error->statement);
}

static const struct {
    const char *name, *lines, *errors;
    int64_t ignored;
} cases[] = {
    {"silence", "", "", -1},
    {"one",
     "pg_restore: while PROCESSING TOC:\n"
     "pg_restore: from TOC entry 3; 1255 16388 FUNCTION public touch() app\n"
     "pg_restore: error: could not execute query: ERROR:  role \"app\" does not exist\n"
     "Command was: ALTER FUNCTION public.touch() OWNER TO app;\n\n\n"
     "pg_restore: warning: errors ignored on restore: 1\n",
     "FUNCTION public touch() app|role \"app\" does not exist|ALTER FUNCTION public.touch() OWNER TO app;\n\n\n", 1},
    {"statement over lines",
     "pg_restore: from TOC entry 9; 1259 1 TABLE public t app\n"
     "pg_restore: error: could not execute query: ERROR:  type \"v\" does not exist\n"
     "LINE 2:     a v\n            ^\n"
     "Command was: CREATE TABLE t (\n    a v\n);\n"
     "pg_restore: error: could not execute query: ERROR:  relation \"t\" does not exist\n"
     "Command was: ALTER TABLE t OWNER TO app;\n"
     "pg_restore: warning: errors ignored on restore: 2\n",
     "TABLE public t app|type \"v\" does not exist|CREATE TABLE t (\n    a v\n);\n"
     "TABLE public t app|relation \"t\" does not exist|ALTER TABLE t OWNER TO app;\n",
     2},
    {"copy",
     "pg_restore: from TOC entry 5; 0 2 TABLE DATA public t app\n"
     "pg_restore: error: COPY failed for table \"t\": ERROR:  invalid byte sequence for encoding \"UTF8\": 0xff\n"
     "CONTEXT:  COPY t, line 1\n"
     "pg_restore: warning: errors ignored on restore: 1\n",
     "TABLE DATA public t app|invalid byte sequence for encoding \"UTF8\": 0xff|\n", 1},
    {"cut short", "pg_restore: error: could not read from input file: end of file\n",
     "|own:could not read from input file: end of file|\n", -1},
    {"no number", "pg_restore: warning: errors ignored on restore: many\n", "", -1},
};

static void table(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        Seen seen = {.arena = arena, .errors = buf_new(arena, 65536)};
        Words *words = words_new(arena, note, &seen);
        Text rest = text_of(cases[i].lines);
        while (rest.length > 0)
            words_line(words, text_cut(rest, '\n', &rest));
        words_end(words);
        assert_string_equal(seen.errors->length == 0 ? "" : seen.errors->at, cases[i].errors);
        assert_int_equal(words_ignored(words), cases[i].ignored);
        arena_free(arena);
    }
}

/* A statement of any length is kept up to a bound. */
static void bounded(void **state) {
    (void)state;
    Arena *arena = arena_new();
    Seen seen = {.arena = arena, .errors = buf_new(arena, 1 << 20)};
    Words *words = words_new(arena, note, &seen);
    words_line(words, TEXT("pg_restore: error: could not execute query: ERROR:  x"));
    words_line(words, TEXT("Command was: INSERT"));
    for (int i = 0; i < 10000; i++)
        words_line(words, TEXT("a line of a very long statement"));
    words_end(words);
    assert_int_equal(words_errors(words), 1);
    assert_true(seen.errors->length < WORDS_STATEMENT + 100);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(table), cmocka_unit_test(bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
