/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "cmd/section.h"
#include "cmd/target.h"

static Config *parse(Arena *arena, const char *text) {
    Config *config = NULL;
    assert_null(config_parse(arena, text_of(text), "x.conf", &config));
    return config;
}

static void targets_are_loaded_with_their_settings(void **state) {
    Arena *arena = arena_new();
    const Config *config = parse(arena, "[target production]\npath = /backups\nmax_age = 2h\n[target staging]\n");
    Target target = {0};
    assert_null(target_load(arena, config, "production", &target));
    assert_string_equal(target.name, "production");
    assert_string_equal(settings_text(target.settings, &target_path), "/backups");
    const Option *max_age = settings_find(target.settings, "max_age");
    assert_int_equal(settings_duration(target.settings, max_age), 2 * TIME_HOUR);
    Targets all = {0};
    assert_null(target_load_all(arena, config, &all));
    assert_int_equal(all.count, 2);
    assert_string_equal(all.items[1].name, "staging");
    assert_null(settings_text(all.items[1].settings, &target_path));
    arena_free(arena);
}

static void unknown_targets_are_refused_with_a_name_that_exists(void **state) {
    static const struct {
        const char *config, *name, *message, *hint;
    } cases[] = {
        {"[target production]\n", "producton", "x.conf has no section [target producton]",
         "did you mean \"production\"?"},
        {"[target production]\n", "x", "x.conf has no section [target x]", "did you mean \"production\"?"},
        {"[store]\n", "x\033[31m", "x.conf has no section [target x\\x1b[31m]", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        Target target = {0};
        const Err *err = target_load(arena, parse(arena, cases[i].config), cases[i].name, &target);
        assert_non_null(err);
        assert_int_equal(err->kind, ERR_USAGE);
        assert_string_equal(err->message, cases[i].message);
        if (cases[i].hint == NULL)
            assert_null(err_first_hint(err));
        else
            assert_string_equal(err_first_hint(err), cases[i].hint);
        arena_free(arena);
    }
    Arena *arena = arena_new();
    Target target = {0};
    Config *none = NULL;
    assert_null(config_read(arena, NULL, &none));
    const Err *err = target_load(arena, none, "production", &target);
    assert_non_null(strstr(err->message, "there is no configuration"));
    arena_free(arena);
}

static void a_wrong_setting_is_refused_by_line(void **state) {
    Arena *arena = arena_new();
    Targets all = {0};
    const Err *err = target_load_all(arena, parse(arena, "[target a]\npath = /x\n[target b]\nmax_aeg = 1h\n"), &all);
    assert_non_null(err);
    assert_int_equal(err->kind, ERR_CONFIG);
    assert_non_null(strstr(err->message, "x.conf:4"));
    assert_string_equal(err_first_hint(err), "did you mean max_age?");
    arena_free(arena);
}

static void sections_nobody_reads_are_refused(void **state) {
    static const struct {
        const char *config, *message; /* NULL: accepted */
    } cases[] = {
        {"[target a]\n", NULL},
        {"", NULL},
        {"[runbook]\n[runbook a]\n", NULL},
        {"[store a]\n", "x.conf:1: [store] takes no name"},
        {"\n[tagret a]\n", "x.conf:2: there is no section kind [tagret]"},
        {"[target]\n", "x.conf:1: [target] needs a name: [target NAME]"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        const Err *err = section_validate(arena, parse(arena, cases[i].config));
        if (cases[i].message == NULL) {
            assert_null(err);
        } else {
            assert_non_null(err);
            assert_int_equal(err->kind, ERR_CONFIG);
            assert_string_equal(err->message, cases[i].message);
        }
        arena_free(arena);
    }
}

/* Every kind can declare its rows: no name stands twice, every default is a value of its type (settings_declare
 * asserts). */
static void every_section_kind_is_consistent(void **state) {
    for (size_t i = 0; section_table[i].kind != NULL; i++) {
        Arena *arena = arena_new();
        Settings *settings = settings_new(arena);
        section_table[i].declare(settings);
        size_t count = 0;
        const Option *const *rows = settings_rows(settings, &count);
        assert_true(count > 0);
        for (size_t k = 0; k < count; k++) {
            if (rows[k]->summary == NULL || rows[k]->summary[strlen(rows[k]->summary) - 1] == '.')
                fail_msg("%s: a summary is one line without a full stop", rows[k]->name);
        }
        assert_ptr_equal(section_find(section_table[i].kind), &section_table[i]);
        arena_free(arena);
    }
    assert_null(section_find("nonsense"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_loaded_with_their_settings),
        cmocka_unit_test(unknown_targets_are_refused_with_a_name_that_exists),
        cmocka_unit_test(a_wrong_setting_is_refused_by_line),
        cmocka_unit_test(sections_nobody_reads_are_refused),
        cmocka_unit_test(every_section_kind_is_consistent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
