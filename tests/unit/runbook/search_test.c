/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runbook/search.h"

static void a_message_is_found_although_its_pieces_vary(void **state) {
    static const struct {
        const char *message, *text;
        bool found;
    } cases[] = {
        {"deadlock detected", "2026-01-01 ERROR:  deadlock detected", true},
        {"duplicate key value violates unique constraint \"a_pkey\"",
         "duplicate key value violates unique constraint \"b_pkey\" (23505)", true},
        {"ERROR:  invalid page in block 12 of relation base/16384/16402",
         "ERROR: invalid page in block 7 of relation base/5/1", true},
        {"reached maximum value of sequence \"x\" (2147483647)", "REACHED maximum value of sequence \"y\" (32767)",
         true},
        {"role \"<name>\" does not exist", "FATAL: role \"somebody\" does not exist", true},
        {"connection to ... refused by the server", "connection to 10.0.0.1 refused by the server", true},
        {"deadlock detected", "deadlock was detected", false},
        {"duplicate key value violates unique constraint \"a\"", "null value violates not-null constraint", false},
        {"12345678901234", "12345678901234", false}, /* nothing but varying */
        {"failed", "it failed", false},              /* too short to say anything */
        {"", "anything", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        if (search_message_in(arena, cases[i].message, cases[i].text) != cases[i].found)
            fail_msg("case %zu", i);
        arena_free(arena);
    }
}

/* Every message of the built-in runbook finds an issue that has it, whatever stands around it in a log. */
static void every_message_finds_its_issue(void **state) {
    Arena *arena = arena_new();
    Runbook *runbook = NULL;
    size_t asked = 0;
    assert_null(runbook_load(arena, &(RunbookPlaces){0}, &runbook));
    LIST_EACH (Issue *, issue, runbook->issues) {
        LIST_EACH (const char *, text, (*issue)->error_texts) {
            const char *line = arena_printf(arena, "2026-01-02 03:04:05.678 UTC [99] a@b %s", *text);
            if (!search_message_in(arena, *text, line))
                continue;
            SearchHits hits = {0};
            Arena *work = arena_child(arena);
            if (asked++ % 9 != 0) /* each is a search of the whole runbook: a ninth of them is enough */
                continue;
            search_runbook(work, runbook, line, &hits);
            assert_true(hits.count > 0 && hits.items[0].message != NULL);
            assert_true(search_message_in(work, hits.items[0].message, line));
            arena_free(work);
        }
    }
    assert_true(asked > 50);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_found_although_its_pieces_vary),
        cmocka_unit_test(every_message_finds_its_issue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
