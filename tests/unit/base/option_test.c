/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/option.h"
#include "base/time.h"

static const char *const colours[] = {"red", "green", NULL};
static const Option quiet = {.name = "quiet", .letter = 'q', .type = OPTION_FLAG, .summary = "less"};
static const Option jobs = {
    .name = "jobs", .letter = 'j', .type = OPTION_INTEGER, .fallback = "2", .minimum = 1, .maximum = 64};
static const Option max_age = {.name = "max_age", .type = OPTION_DURATION, .argument = "AGE", .fallback = "24h"};
static const Option min_size = {.name = "min_size", .type = OPTION_SIZE};
static const Option tolerance = {.name = "tolerance", .type = OPTION_PERCENT, .fallback = "10%"};
static const Option colour = {.name = "colour", .type = OPTION_CHOICE, .choices = colours, .fallback = "red"};
static const Option critical = {.name = "critical", .type = OPTION_LIST, .fallback = "a,b"};
static const Option folder = {.name = "folder", .type = OPTION_PATH};
static const Option against = {.name = "against", .type = OPTION_SECRET};
static const Option live = {.name = "live", .type = OPTION_SECRET, .may_be_flag = true};
static const Option comment = {.name = "comment", .type = OPTION_TEXT};
static const Option filed = {.name = "filed", .type = OPTION_TEXT, .config_only = true};
static const Option *const rows[] = {&quiet,    &jobs,   &max_age, &min_size, &tolerance, &colour,
                                     &critical, &folder, &against, &comment,  &filed,     &live};

static Settings *fresh(Arena *arena) {
    Settings *settings = settings_new(arena);
    settings_declare(settings, rows, sizeof(rows) / sizeof(rows[0]));
    return settings;
}

/* Parses words separated by spaces. */
static Err *parse(Arena *arena, Settings *settings, const char *line, size_t *operand_count) {
    char *words[16];
    int count = 0;
    for (Text rest = text_of(line); rest.length > 0;)
        words[count++] = text_dup(arena, text_cut(rest, ' ', &rest));
    const char **operands = NULL;
    return settings_parse_arguments(settings, count, words, &operands, operand_count);
}

static void defaults_hold_until_told(void **state) {
    Arena *arena = arena_new();
    const Settings *settings = fresh(arena);
    size_t count = 0;
    assert_false(settings_flag(settings, &quiet));
    assert_int_equal(settings_integer(settings, &jobs), 2);
    assert_int_equal(settings_duration(settings, &max_age), TIME_DAY);
    assert_int_equal(settings_size(settings, &min_size), 0);
    assert_true(settings_fraction(settings, &tolerance) > 0.0999 && settings_fraction(settings, &tolerance) < 0.1001);
    assert_string_equal(settings_text(settings, &colour), "red");
    assert_string_equal(settings_list(settings, &critical, &count)[1], "b");
    assert_int_equal(count, 2);
    assert_null(settings_text(settings, &against));
    assert_false(settings_given(settings, &max_age));
    assert_string_equal(settings_origin(settings, &max_age), "default");
    arena_free(arena);
}

static void flags_come_in_every_usual_form(void **state) {
    Arena *arena = arena_new();
    Settings *settings = fresh(arena);
    size_t operands = 0, count = 0;
    const Err *err =
        parse(arena, settings, "one -qj4 --max-age=1h --min-size 10MB --critical x --critical y,z two - -- --quiet",
              &operands);
    assert_null(err);
    assert_int_equal(operands, 4); /* one two - --quiet */
    assert_true(settings_flag(settings, &quiet));
    assert_int_equal(settings_integer(settings, &jobs), 4);
    assert_int_equal(settings_duration(settings, &max_age), TIME_HOUR);
    assert_int_equal(settings_size(settings, &min_size), 10000000);
    const char *const *list = settings_list(settings, &critical, &count);
    assert_int_equal(count, 3);
    assert_string_equal(list[0], "x");
    assert_string_equal(list[2], "z");
    assert_string_equal(settings_origin(settings, &jobs), "-j");
    assert_null(parse(arena, settings, "--no-quiet --comment=", &operands));
    assert_false(settings_flag(settings, &quiet));
    assert_string_equal(settings_text(settings, &comment), "");
    assert_null(parse(arena, settings, "--live service=app", &operands));
    assert_string_equal(settings_text(settings, &live), "service=app");
    assert_string_equal(settings_origin(settings, &live), "--live");
    arena_free(arena);
}

static void wrong_command_lines_are_refused_with_help(void **state) {
    static const struct {
        const char *line, *message, *hint;
    } cases[] = {
        {"--max-aeg 1h", "no option --max-aeg", "did you mean --max-age?"},
        {"--max_age 1h", "no option --max_age", "did you mean --max-age?"},
        {"--max-age 5", "write a length of time", NULL},
        {"--max-age -1h", "write a length of time", NULL},
        {"--max-age", "--max-age needs a value", NULL},
        {"--comment --quiet", "--comment needs a value", NULL},
        {"--jobs 0", "between 1 and 64", NULL},
        {"--jobs 65", "between 1 and 64", NULL},
        {"-j", "-j needs a value", NULL},
        {"-x", "no option -x", NULL},
        {"-q\033[31m", "no option -\\x1b", NULL},
        {"--colour gren", "write one of: red green", "did you mean green?"},
        {"--tolerance nan", "write a percentage", NULL},
        {"--tolerance 2000%", "write a percentage", NULL},
        {"--tolerance -5%", "write a percentage", NULL},
        {"--min-size 10XB", "write a size", NULL},
        {"--folder=", "write the path", NULL},
        {"--quiet=maybe", "write yes or no", NULL},
        {"--no-quiet=yes", "takes no value", NULL},
        {"--no-jobs", "no option --no-jobs", NULL},
        {"--against postgres://u:hunter2@h/d", "cannot stand on a command line", "against_file"},
        {"--filed x", "no option --filed", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        size_t operands = 0;
        const Err *err = parse(arena, fresh(arena), cases[i].line, &operands);
        if (err == NULL)
            fail_msg("accepted: %s", cases[i].line);
        assert_int_equal(err->kind, ERR_USAGE);
        if (strstr(err->message, cases[i].message) == NULL)
            fail_msg("%s: %s", cases[i].line, err->message);
        if (cases[i].hint != NULL)
            assert_non_null(strstr(err_first_hint(err), cases[i].hint));
        assert_null(strstr(err->message, "hunter2"));
        arena_free(arena);
    }
}

static void a_flag_overrules_the_configuration_in_either_order(void **state) {
    Arena *arena = arena_new();
    for (int order = 0; order < 2; order++) {
        Settings *settings = fresh(arena);
        for (int step = 0; step < 2; step++) {
            if (step == order)
                assert_null(settings_set(settings, &max_age, TEXT("1h"), ERR_USAGE, "--max-age"));
            else
                assert_null(settings_set(settings, &max_age, TEXT("2h"), ERR_CONFIG, "/etc/x.conf:3"));
        }
        assert_int_equal(settings_duration(settings, &max_age), TIME_HOUR);
        assert_string_equal(settings_origin(settings, &max_age), "--max-age");
    }
    Settings *settings = fresh(arena);
    size_t count = 0;
    assert_null(settings_set(settings, &critical, TEXT("conf"), ERR_CONFIG, "/etc/x.conf:4"));
    assert_null(settings_set(settings, &critical, TEXT("flag"), ERR_USAGE, "--critical"));
    assert_string_equal(settings_list(settings, &critical, &count)[0], "flag");
    assert_int_equal(count, 1);
    /* malformed configuration is refused even when a flag overrules it */
    const Err *err = settings_set(settings, &critical, TEXT("a\0b"), ERR_CONFIG, "/etc/x.conf:5");
    assert_non_null(err);
    err = settings_set(settings, &max_age, TEXT("soon"), ERR_CONFIG, "/etc/x.conf:6");
    assert_int_equal(err->kind, ERR_CONFIG);
    assert_non_null(strstr(err->message, "/etc/x.conf:6: max_age: \"soon\""));
    arena_free(arena);
}

static void inheriting_takes_what_was_told_only(void **state) {
    Arena *arena = arena_new();
    Settings *from = fresh(arena), *to = fresh(arena);
    settings_set(from, &max_age, TEXT("1h"), ERR_CONFIG, "x:1");
    settings_set(from, &jobs, TEXT("9"), ERR_CONFIG, "x:2");
    settings_set(to, &jobs, TEXT("3"), ERR_USAGE, "--jobs");
    settings_inherit(to, from);
    assert_int_equal(settings_duration(to, &max_age), TIME_HOUR);
    assert_string_equal(settings_origin(to, &max_age), "x:1");
    assert_int_equal(settings_integer(to, &jobs), 3);
    assert_false(settings_given(to, &tolerance));
    arena_free(arena);
}

static void lists_keep_quoted_commas(void **state) {
    static const struct {
        const char *text;
        size_t count;
        const char *last;
    } cases[] = {
        {"a, b ,c", 3, "c"},
        {"a,,b,", 2, "b"},
        {"", 0, NULL},
        {"public.\"a,b\",c", 2, "c"},
        {"x,public.\"a,b\"", 2, "public.\"a,b\""},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Settings *settings = fresh(arena);
        size_t count = 99;
        assert_null(settings_set(settings, &critical, text_of(cases[i].text), ERR_USAGE, "--critical"));
        const char *const *list = settings_list(settings, &critical, &count);
        assert_int_equal(count, cases[i].count);
        if (count > 0)
            assert_string_equal(list[count - 1], cases[i].last);
    }
    arena_free(arena);
}

static void sizes_are_bytes_with_units(void **state) {
    static const struct {
        const char *text;
        bool valid;
        uint64_t bytes;
    } cases[] = {
        {"4096", true, 4096},
        {"0", true, 0},
        {"10MB", true, 10000000},
        {"10MiB", true, 10485760},
        {"1.5GiB", true, 1610612736},
        {"1 kB", true, 1000},
        {"7B", true, 7},
        {"2TB", true, 2000000000000},
        {"8388608TiB", false, 0},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"1.5", false, 0},
        {"", false, 0},
        {"MB", false, 0},
        {"-1MB", false, 0},
        {"1e3", false, 0},
        {"10mb", false, 0},
        {".5MB", false, 0},
        {"1.MB", false, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t bytes = 42;
        if (option_parse_size(text_of(cases[i].text), &bytes) != cases[i].valid)
            fail_msg("%s", cases[i].text);
        assert_int_equal(bytes, cases[i].valid ? cases[i].bytes : 42);
    }
}

static void home_is_expanded_in_paths(void **state) {
    Arena *arena = arena_new();
    Settings *settings = fresh(arena);
    setenv("HOME", "/lodge/someone", 1);
    assert_null(settings_set(settings, &folder, TEXT("~/backups"), ERR_USAGE, "--folder"));
    assert_string_equal(settings_text(settings, &folder), "/lodge/someone/backups");
    assert_null(settings_set(settings, &folder, TEXT("~other/x"), ERR_USAGE, "--folder"));
    assert_string_equal(settings_text(settings, &folder), "~other/x");
    arena_free(arena);
}

static void flags_are_shown_as_they_are_written(void **state) {
    Arena *arena = arena_new();
    assert_string_equal(option_flag_text(arena, &max_age), "--max-age AGE");
    assert_string_equal(option_flag_text(arena, &quiet), "-q, --quiet");
    assert_null(option_flag_text(arena, &against));
    assert_null(option_flag_text(arena, &filed));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_hold_until_told),
        cmocka_unit_test(flags_come_in_every_usual_form),
        cmocka_unit_test(wrong_command_lines_are_refused_with_help),
        cmocka_unit_test(a_flag_overrules_the_configuration_in_either_order),
        cmocka_unit_test(inheriting_takes_what_was_told_only),
        cmocka_unit_test(lists_keep_quoted_commas),
        cmocka_unit_test(sizes_are_bytes_with_units),
        cmocka_unit_test(home_is_expanded_in_paths),
        cmocka_unit_test(flags_are_shown_as_they_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
