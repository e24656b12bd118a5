/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/config.h"
#include "runbook/log_line.h"
#include "runbook/probe_log.h"

/* 2026-11-25T12:00:00Z */
#define NOW (INT64_C(1795608000) * TIME_SECOND)

static void times_of_lines(void **state) {
    static const struct {
        const char *line, *when; /* NULL: none */
    } cases[] = {
        {"2026-11-25 03:04:05.678 UTC [12] LOG:  x", "2026-11-25T03:04:05.678Z"},
        {"2026-11-25 03:04:05 CET [12] LOG:  x", "2026-11-25T02:04:05Z"},
        {"2026-11-25 03:04:05.1 PDT x", "2026-11-25T10:04:05.100Z"},
        {"2026-11-25 03:04:05 +03 [12]", "2026-11-25T00:04:05Z"},
        {"2026-11-25 03:04:05+05:30 x", "2026-11-24T21:34:05Z"},
        {"2026-11-25T03:04:05-0200 x", "2026-11-25T05:04:05Z"},
        {"2026-11-25T03:04:05Z x", "2026-11-25T03:04:05Z"},
        {"2026-11-25 03:04:05 ERROR x", "2026-11-25T03:04:05Z"},
        {"2026-11-25 03:04:05", "2026-11-25T03:04:05Z"},
        {"2026-11-25 03:04:05.123456789 x", "2026-11-25T03:04:05.123Z"},
        {"2026-13-25 03:04:05 x", NULL},
        {"[2026-11-25 03:04:05] x", NULL},
        {"2026-11-25", NULL},
        {"", NULL},
        {"\tDETAIL: x", NULL},
        {"{\"time\": \"2026-11-25T03:04:05.678Z\"}", "2026-11-25T03:04:05.678Z"},
        {"{\"ts\": 1795608000}", "2026-11-25T12:00:00Z"},
        {"{\"timestamp\": 1795608000500}", "2026-11-25T12:00:00.500Z"},
        {"{\"__REALTIME_TIMESTAMP\": \"1795608000000000\"}", "2026-11-25T12:00:00Z"},
        {"{\"time\": \"soon\"}", NULL},
        {"{\"message\": \"2026-11-25 03:04:05\"}", NULL},
        {"{\"time\": 1e300}", NULL},
        {"{\"time\": ", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        LogLine line = {0};
        log_line_read(arena, text_of(cases[i].line), &line);
        const char *when = line.when == TIME_NONE ? "none" : time_text(arena, line.when);
        if (strcmp(when, cases[i].when == NULL ? "none" : cases[i].when) != 0)
            fail_msg("%s: %s", cases[i].line, when);
        arena_free(arena);
    }
}

static const char declared[] =
    "[parameter f]\ntype = path\nmeaning = m\n[parameter w]\ntype = duration\ndefault = 5m\nmeaning = m\n";

/* p present, a absent, ? cannot tell */
static char ask(const char *file, const char *block, const char **why) {
    static char words[512];
    Arena *arena = arena_new();
    Parameters parameters = {0};
    ParameterValues *values = NULL;
    Config *config = NULL;
    assert_null(parameter_read(arena, text_of(declared), "p", &parameters, NULL));
    const char *setting = arena_printf(arena, "[runbook]\nf = %s\n", file);
    assert_null(config_parse(arena, text_of(setting), "c", &config));
    assert_null(parameter_values(arena, &parameters, config, "", &values));
    ProbeContext context = {.values = values, .now = NOW};
    const char *body = arena_printf(arena, "file: {{f}}\n%s", block);
    IssueBlock made = {.kind = ISSUE_LOG, .role = ISSUE_PROBE, .body = body, .length = strlen(body)};
    ProbeAnswer answer;
    assert_null(probe_run(arena, &context, &made, &answer));
    snprintf(words, sizeof(words), "%s", answer.reason == NULL ? "" : answer.reason);
    *why = words;
    char letter = answer.outcome == PROBE_PRESENT ? 'p' : answer.outcome == PROBE_ABSENT ? 'a' : '?';
    arena_free(arena);
    return letter;
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static const char sample[] =
    "2026-11-25 11:50:00 UTC LOG:  deadlock detected\n"
    "2026-11-25 11:58:00 UTC ERROR:  deadlock detected\n"
    "\tdeadlock of the line before\n"
    "2026-11-25 11:59:00 UTC LOG:  fine\n"
    "{\"time\": \"2026-11-25T11:59:10Z\", \"status\": 500, \"route\": \"/a\"}\n"
    "{\"time\": \"2026-11-25T11:59:20Z\", \"status\": 503, \"route\": \"/a\"}\r\n"
    "{\"time\": \"2026-11-25T11:59:30Z\", \"status\": 200, \"route\": \"/b\"}\n"
    "{\"time\": \"2026-11-25T11:59:40Z\", \"status\": 200, \"status\": 500, \"route\": \"/c\xff\"}\n"
    "{broken\n";

static void windows_and_conditions(void **state) {
    static const struct {
        const char *block;
        char answer;
    } cases[] = {
        {"window: 5m\nmatch: text ~ /deadlock/\npresent: count == 2\n", 'p'},
        {"window: {{w}}\nmatch: text ~ /deadlock/\npresent: count >= 3\n", 'a'},
        {"window: 15m\nmatch: text ~ /deadlock/\npresent: count >= 3\n", 'p'},
        {"window: 30s\nmatch: text ~ /deadlock/\npresent: count >= 1\n", 'a'},
        {"window: 5m\nmatch: json status >= 500\npresent: count == 3\n", 'p'},
        {"window: 5m\nmatch: json status >= 500\nof: json status exists\npresent: count == 3 and ratio > 74%\n", 'p'},
        {"window: 5m\nmatch: json status >= 500\nof: json status exists\npresent: ratio > 76%\n", 'a'},
        {"window: 5m\nmatch: json status >= 500\nmatch: text ~ /\"\\/a\"/\npresent: count == 2\n", 'p'},
        {"window: 5m\nmatch: text !~ /deadlock/\npresent: count == 6\n", 'p'},
        {"window: 5m\nmatch: json status exists\ngroup: json route\npresent: group == 2 and groups == 3\n", 'p'},
        {"window: 5m\nmatch: text ~ /deadlock/\ngroup: text /(LOG|ERROR)/\npresent: groups == 2\n", 'p'},
        {"window: 5m\nmatch: text ~ /deadlock/\npresent: age > 1m\n", 'p'},
        {"window: 5m\nmatch: text ~ /deadlock/\npresent: age > 3m\n", 'a'},
        {"window: 1m\nmatch: text ~ /deadlock/\npresent: age > 1m\n", 'p'},
        {"window: 5m\nmatch: text ~ /never seen/\npresent: age > 7d\n", 'p'},
        {"window: 5m\nmatch: text ~ /never seen/\npresent: age < 7d\n", 'a'},
        {"window: 5m\npresent: count > 7\n", 'p'},
        {"window: 5m\nmatch: text ~ /x\npresent: count > 0\n", '?'},
        {"window: 5m\nmatch: text ~ /x/\n", '?'},
        {"match: text ~ /x/\npresent: count > 0\n", '?'},
    };
    char path[] = "/tmp/lifeboat-log-XXXXXX";
    int made = mkstemp(path);
    assert_true(made >= 0);
    close(made);
    write_file(path, sample);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *why = NULL;
        char answer = ask(path, cases[i].block, &why);
        if (answer != cases[i].answer)
            fail_msg("%s: %c %s", cases[i].block, answer, why);
    }
    unlink(path);
}

/* Whatever may hide a line makes "absent" unbelievable. */
static void what_cannot_be_told(void **state) {
    static const char block[] = "window: 5m\nmatch: text ~ /bad/\npresent: count > 0\n";
    static const struct {
        const char *text, *why; /* NULL: absent */
    } cases[] = {
        {"", NULL},
        {"2026-11-25 11:59:00 UTC good\n", NULL},
        {"2026-11-25 11:00:00 UTC bad\n", NULL},
        {"bad without a time\n", "begins with a time"},
        {"2026-11-25 13:59:00 bad\n", "in the future"},
        {"2026-11-25 13:59:00 good\n", NULL},
    };
    char path[] = "/tmp/lifeboat-log-XXXXXX";
    int made = mkstemp(path);
    assert_true(made >= 0);
    close(made);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *why = NULL;
        write_file(path, cases[i].text);
        char answer = ask(path, block, &why);
        if (answer != (cases[i].why == NULL ? 'a' : '?') || (cases[i].why != NULL && strstr(why, cases[i].why) == NULL))
            fail_msg("%s: %c %s", cases[i].text, answer, why);
    }
    unlink(path);
    const char *why = NULL;
    assert_int_equal(ask(path, block, &why), '?');
    assert_non_null(strstr(why, path));
    assert_int_equal(ask("/dev/null", block, &why), '?');
    assert_int_equal(ask("/", block, &why), '?');
}

/* Longer than what is read, all of it within the window. */
static void a_window_that_was_not_read_whole(void **state) {
    char path[] = "/tmp/lifeboat-log-XXXXXX";
    int made = mkstemp(path);
    assert_true(made >= 0);
    FILE *file = fdopen(made, "w");
    assert_int_equal(fseek(file, (long)LOG_LINE_LIMIT + 5000000, SEEK_SET), 0);
    fputs("\n2026-11-25 11:59:00 UTC good\n2026-11-25 11:59:01 UTC rare\n", file);
    fclose(file);
    static const struct {
        const char *block;
        char answer;
    } cases[] = {
        {"window: 5m\nmatch: text ~ /bad/\npresent: count > 0\n", '?'},
        {"window: 5m\nmatch: text ~ /rare/\npresent: count > 0\n", 'p'},
        {"window: 5m\nmatch: text ~ /bad/\npresent: count == 0\n", '?'},
        {"window: 5m\nmatch: text ~ /rare/\npresent: count < 1\n", '?'},
        {"window: 5m\nmatch: text ~ /bad/\npresent: age > 1h\n", '?'},
        {"window: 5m\nmatch: text ~ /bad/\npresent: age > 30s\n", 'p'},
        {"window: 1m\nmatch: text ~ /bad/\npresent: count > 0\n", 'a'},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *why = NULL;
        char answer = ask(path, cases[i].block, &why);
        if (answer != cases[i].answer)
            fail_msg("%s: %c %s", cases[i].block, answer, why);
    }
    unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_of_lines),
        cmocka_unit_test(windows_and_conditions),
        cmocka_unit_test(what_cannot_be_told),
        cmocka_unit_test(a_window_that_was_not_read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
