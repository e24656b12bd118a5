/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/time.h"

static void instants_are_read_and_written(void **state) {
    static const struct {
        const char *text, *canonical; /* NULL: refused */
    } cases[] = {
        {"2026-11-23T05:00:00Z", "2026-11-23T05:00:00Z"},
        {"2026-11-23T05:00:00.25Z", "2026-11-23T05:00:00.250Z"},
        {"2026-11-23 05:00:00.123+00", "2026-11-23T05:00:00.123Z"},
        {"2026-11-23 05:00:00+05:30", "2026-11-22T23:30:00Z"},
        {"2026-11-23 05:00:00-0800", "2026-11-23T13:00:00Z"},
        {"1890-01-01 00:00:00+00:53:28", "1889-12-31T23:06:32Z"},
        {"2026-11-23 05:00:00 UTC", "2026-11-23T05:00:00Z"},
        {"2026-11-23", "2026-11-23T00:00:00Z"},
        {"2024-02-29", "2024-02-29T00:00:00Z"},
        {"2000-02-29", "2000-02-29T00:00:00Z"},
        {"1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z"},
        {"0001-01-01", "0001-01-01T00:00:00Z"},
        {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
        {"2023-02-29", NULL},
        {"1900-02-29", NULL},
        {"2026-13-01", NULL},
        {"2026-00-01", NULL},
        {"2026-11-31", NULL},
        {"2026-11-23T24:00:00Z", NULL},
        {"2026-11-23T05:60:00Z", NULL},
        {"2026-11-23T05:00:00 CET", NULL},
        {"2026-11-23T05:00:00.Z", NULL},
        {"2026-11-23T05:00:00+99", NULL},
        {"2026-11-23T05:00:00+", NULL},
        {"2026-11-23T05:00", NULL},
        {"2026-11-23x", NULL},
        {"26-11-23", NULL},
        {"", NULL},
        {"now", NULL},
        {"infinity", NULL},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Time when = 42;
        bool valid = time_parse(text_of(cases[i].text), &when);
        if (valid != (cases[i].canonical != NULL))
            fail_msg("%s: %s", cases[i].text, valid ? "accepted" : "refused");
        if (valid)
            assert_string_equal(time_text(arena, when), cases[i].canonical);
        else
            assert_int_equal(when, 42);
    }
    assert_string_equal(time_text(arena, TIME_NONE), "unknown");
    arena_free(arena);
}

static void every_day_of_nine_centuries_survives_the_round_trip(void **state) {
    Arena *arena = arena_new();
    Time start = 0, back = 0;
    assert_true(time_from_fields(1600, 1, 1, 12, 0, 0, &start));
    for (int day = 0; day < 366 * 900; day += 17) {
        Arena *scratch = arena_child(arena);
        Time when = start + day * TIME_DAY;
        assert_true(time_parse(text_of(time_text(scratch, when)), &back));
        assert_int_equal(back, when);
        arena_free(scratch);
    }
    arena_free(arena);
}

static void lengths_are_read_with_units(void **state) {
    static const struct {
        const char *text;
        int64_t length; /* -1: refused */
    } cases[] = {
        {"90s", 90 * TIME_SECOND},
        {"15m", 15 * TIME_MINUTE},
        {"24h", TIME_DAY},
        {"7d", 7 * TIME_DAY},
        {"2w", 14 * TIME_DAY},
        {"1h30m", 90 * TIME_MINUTE},
        {"500ms", TIME_SECOND / 2},
        {"1m1s1ms", TIME_MINUTE + TIME_SECOND + 1000},
        {"1ms1s", -1},
        {"0s", 0},
        {"1d2h3m4s", TIME_DAY + 2 * TIME_HOUR + 3 * TIME_MINUTE + 4 * TIME_SECOND},
        {"", -1},
        {"24", -1},
        {"h", -1},
        {"-1h", -1},
        {"30m1h", -1},
        {"5m5m", -1},
        {"1y", -1},
        {"1 h", -1},
        {"1.5h", -1},
        {"99999999999999999999s", -1},
        {"9223372036854775807w", -1},
        {"15250284452w1d", -1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t length = -1;
        bool valid = time_length_parse(text_of(cases[i].text), &length);
        assert_int_equal(valid, cases[i].length >= 0);
        assert_int_equal(length, cases[i].length);
    }
}

static void lengths_are_shown_to_people(void **state) {
    static const struct {
        int64_t length;
        const char *text;
    } cases[] = {
        {0, "0 s"},
        {1200, "1.2 ms"},
        {45000, "45 ms"},
        {800000, "0.8 s"},
        {9940000, "9.9 s"},
        {9960000, "10 s"},
        {45 * TIME_SECOND, "45 s"},
        {59600000, "1 min"},
        {725 * TIME_SECOND, "12 min 5 s"},
        {192 * TIME_MINUTE, "3 h 12 min"},
        {24 * TIME_HOUR, "24 h"},
        {51 * TIME_HOUR, "2 days 3 h"},
        {12 * TIME_DAY + 3 * TIME_HOUR, "12 days"},
        {-45 * TIME_SECOND, "-45 s"},
        {INT64_MIN, "-106751991 days"},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(time_length_text(arena, cases[i].length), cases[i].text);
    arena_free(arena);
}

static void the_clock_can_be_overridden_and_says_so(void **state) {
    Arena *arena = arena_new();
    unsetenv("LIFEBOAT_NOW");
    assert_false(time_is_overridden());
    assert_true(time_now() > INT64_C(1700000000) * TIME_SECOND);
    setenv("LIFEBOAT_NOW", "2031-02-03T04:05:06Z", 1);
    assert_true(time_is_overridden());
    assert_string_equal(time_text(arena, time_now()), "2031-02-03T04:05:06Z");
    setenv("LIFEBOAT_NOW", "yesterday", 1);
    assert_false(time_is_overridden());
    unsetenv("LIFEBOAT_NOW");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_read_and_written),
        cmocka_unit_test(every_day_of_nine_centuries_survives_the_round_trip),
        cmocka_unit_test(lengths_are_read_with_units),
        cmocka_unit_test(lengths_are_shown_to_people),
        cmocka_unit_test(the_clock_can_be_overridden_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
