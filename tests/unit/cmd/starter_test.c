/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/critical.h"
#include "cmd/starter.h"
#include "cmd/target.h"
#include "verdict/verify.h"

static void tables_are_chosen_for_reasons(void **state) {
    static const struct {
        CriticalFacts facts;
        const char *reasons; /* NULL: not chosen */
    } cases[] = {
        {{"public", "contacts", 0, 8192, 1000000000}, "its name"},
        {{"public", "widgets", 0, 8192, 1000000000}, NULL},
        {{"public", "widgets", 1, 8192, 1000000000}, NULL},
        {{"public", "widgets", 2, 8192, 1000000000}, "2 tables refer to it"},
        {{"public", "events", 0, 620000000, 1000000000}, "620 MB, 62 % of the data"},
        {{"public", "events", 0, 90000000, 1000000000}, NULL},
        {{"public", "events", 0, 8192, 8192}, NULL}, /* all of nothing */
        {{"public", "events", 0, 0, 0}, NULL},
        {{"public", "call_logs", 3, 400000000, 1000000000}, "its name; 3 tables refer to it; 400 MB, 40 % of the data"},
        {{"auth", "users", 5, 8192, 1000000000}, "its name; 5 tables refer to it"},
        {{"auth", "sessions", 5, 8192, 1000000000}, NULL},
        {{"realtime", "messages", 5, 900000000, 1000000000}, NULL},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int strength = -1;
        const char *reasons = critical_reasons(arena, &cases[i].facts, &strength);
        if (cases[i].reasons == NULL) {
            if (reasons != NULL)
                fail_msg("case %zu: %s", i, reasons);
            continue;
        }
        assert_non_null(reasons);
        assert_string_equal(reasons, cases[i].reasons);
        assert_true(strength > 0);
    }
    arena_free(arena);
}

static void values_stand_in_the_file_as_they_are_meant(void **state) {
    Arena *arena = arena_new();
    assert_string_equal(starter_value(arena, "public.\"a$b\", x"), "public.\"a$$b\", x");
    assert_null(starter_value(arena, "a\nmax_age = 100d"));
    assert_null(starter_value(arena, "a\033[31m"));
    arena_free(arena);
}

static const char *render(Arena *arena, Starter *starter) {
    Buf *out = buf_new(arena, 1 << 20);
    starter_render(arena, starter, out);
    assert_false(out->full);
    return out->at;
}

/* What is written is what is read: the whole file, with every other setting left at its default. */
static void the_file_reads_back(void **state) {
    Arena *arena = arena_new();
    Starter starter = {.target = "prod", .channel = NULL};
    *LIST_PUSH(arena, starter.values) = (StarterValue){"target", "path", "/b ; x # y", NULL, false};
    *LIST_PUSH(arena, starter.values) = (StarterValue){"target", "against", "host=h password=p$$w", NULL, false};
    *LIST_PUSH(arena, starter.values) = (StarterValue){
        "target", "critical", starter_value(arena, "public.a, public.\"b,$c\""), "Chosen:\n  a: b\n\nmore", false};
    Config *config = NULL;
    Targets targets = {0};
    assert_null(config_parse(arena, text_of(render(arena, &starter)), "x.conf", &config));
    assert_null(target_load_all(arena, config, &targets));
    assert_int_equal(targets.count, 1);
    const Settings *settings = targets.items[0].settings;
    assert_string_equal(targets.items[0].name, "prod");
    assert_string_equal(settings_text(settings, &target_path), "/b ; x # y");
    assert_string_equal(settings_text(settings, &verify_against), "host=h password=p$w");
    size_t count = 0, rows = 0, told = 0;
    const char *const *tables = settings_list(settings, settings_find(settings, "critical"), &count);
    assert_int_equal(count, 2);
    assert_string_equal(tables[1], "public.\"b,$c\"");
    const Option *const *all = settings_rows(settings, &rows);
    for (size_t i = 0; i < rows; i++)
        told += settings_given(settings, all[i]);
    assert_int_equal(told, 3);
    assert_null(config_section(config, "notify", "slack"));
    arena_free(arena);
}

/* Every comment that holds a setting with a default can be uncommented. */
static void every_default_in_the_file_is_valid(void **state) {
    Arena *arena = arena_new();
    Starter starter = {.target = "prod", .channel = "slack"};
    Buf *uncommented = buf_new(arena, 1 << 20);
    size_t freed = 0;
    for (Text rest = text_of(render(arena, &starter)); rest.length > 0;) {
        Text line = text_cut(rest, '\n', &rest);
        bool setting = text_starts(line, "#") && !text_starts(line, "# ") && text_find(line, '=') > 0;
        /* placeholders are upper case: nothing to uncomment as it stands */
        Text value = text_trim(text_slice(line, (size_t)(text_find(line, '=') + 1), line.length));
        setting = setting && value.length > 0 && !(value.at[0] >= 'A' && value.at[0] <= 'Z');
        freed += setting;
        buf_text(uncommented, setting ? text_slice(line, 1, line.length) : line);
        buf_byte(uncommented, '\n');
    }
    assert_true(freed > 5);
    Config *config = NULL;
    Targets targets = {0};
    const Err *err = config_parse(arena, buf_view(uncommented), "x.conf", &config);
    if (err == NULL)
        err = target_load_all(arena, config, &targets);
    if (err != NULL)
        fail_msg("%s", err_text(arena, err));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_chosen_for_reasons),
        cmocka_unit_test(values_stand_in_the_file_as_they_are_meant),
        cmocka_unit_test(the_file_reads_back),
        cmocka_unit_test(every_default_in_the_file_is_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
