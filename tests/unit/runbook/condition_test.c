/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/config.h"
#include "base/json.h"
#include "runbook/condition.h"

static const char declared[] = "[parameter slow]\ntype = duration\ndefault = 2s\nmeaning = m\n"
                               "[parameter most]\ntype = percent\ndefault = 85%\nmeaning = m\n"
                               "[parameter big]\ntype = size\ndefault = 1MiB\nmeaning = m\n"
                               "[parameter word]\ntype = text\ndefault = it's \"$$(x)\"\nmeaning = m\n"
                               "[parameter pattern]\ntype = regex\ndefault = ^o+k$$\nmeaning = m\n"
                               "[parameter unset]\ntype = text\nmeaning = m\n";

/* 2026-11-25T12:00:00Z */
#define NOW (INT64_C(1795608000) * TIME_SECOND)

static ParameterValues *values_of(Arena *arena) {
    Parameters *parameters = ARENA_NEW(arena, Parameters);
    ParameterValues *values = NULL;
    Err *err = parameter_read(arena, text_of(declared), "parameters.conf", parameters, NULL);
    if (err != NULL)
        fail_msg("%s", err_text(arena, err));
    assert_null(parameter_values(arena, parameters, NULL, "", &values));
    parameter_set_now(values, NOW);
    return values;
}

static ConditionAnswer ask(const char *line, const ConditionReply *reply) {
    Arena *arena = arena_new();
    Conditions conditions = {0};
    Err *err = condition_parse(arena, text_of(line), CONDITION_IN_HTTP, &conditions);
    if (err == NULL)
        err = condition_bind(arena, &conditions, values_of(arena), NOW);
    if (err != NULL)
        fail_msg("%s: %s", line, err_text(arena, err));
    ConditionReply with = *reply;
    with.document = condition_json_read(arena, reply->body);
    ConditionAnswer answer = condition_http_line(arena, &conditions, &with, NULL);
    arena_free(arena);
    return answer;
}

static const char body[] = "{\"database\": {\"ok\": false, \"lag\": 3.5, \"name\": \"a b\"}, \"checks\": [{\"name\": "
                           "\"db\", \"ok\": true}, {\"name\": \"q\","
                           " \"ok\": false}], \"none\": [], \"at\": \"2026-11-25T11:59:00Z\", \"unix\": 1795607000, "
                           "\"ms\": 1795607000000, \"nil\": null,"
                           " \"count\": \"12\", \"big\": 123456789012345678901234567890}";

static void conditions_of_a_reply(void **state) {
    static const struct {
        const char *line;
        ConditionAnswer answer;
    } cases[] = {
        {"unreachable", CONDITION_FALSE},
        {"status == 503", CONDITION_TRUE},
        {"status != 503", CONDITION_FALSE},
        {"status >= 500 and time > 2s", CONDITION_FALSE},
        {"status >= 500 and time > 1s", CONDITION_TRUE},
        {"time > 500ms", CONDITION_TRUE},
        {"time > {{slow}}", CONDITION_FALSE},
        {"body ~ /\"ok\": (true|false)/", CONDITION_TRUE},
        {"body !~ /nothing of the kind/", CONDITION_TRUE},
        {"header retry-after > 10", CONDITION_TRUE},
        {"header Retry-After == \"30\"", CONDITION_TRUE},
        {"header Absent == \"30\"", CONDITION_UNKNOWN},
        {"header Server > 3", CONDITION_UNKNOWN},
        {"json database.ok == false", CONDITION_TRUE},
        {"json database.ok == true", CONDITION_FALSE},
        {"json database.ok > 3", CONDITION_UNKNOWN},
        {"json database.lag > 3", CONDITION_TRUE},
        {"json database.lag == \"3.5\"", CONDITION_FALSE},
        {"json database.name == \"a b\"", CONDITION_TRUE},
        {"json database.name ~ /^a/", CONDITION_TRUE},
        {"json database.name > 3", CONDITION_UNKNOWN},
        {"json database.gone == 1", CONDITION_UNKNOWN},
        {"json database.gone exists", CONDITION_FALSE},
        {"json database.gone missing", CONDITION_TRUE},
        {"json checks[1].ok == false", CONDITION_TRUE},
        {"json checks[7].ok == false", CONDITION_UNKNOWN},
        {"json checks[*].ok == false", CONDITION_TRUE},
        {"json checks[*].name == \"other\"", CONDITION_FALSE},
        {"json checks[*].gone == 1", CONDITION_UNKNOWN},
        {"json none[*].ok == false", CONDITION_FALSE},
        {"json gone[*].ok == false", CONDITION_UNKNOWN},
        {"json database[*].ok == false", CONDITION_UNKNOWN},
        {"json at < now", CONDITION_TRUE},
        {"json at < now - 5m", CONDITION_FALSE},
        {"json at < now - {{slow}}", CONDITION_TRUE},
        {"json unix < now - 15m", CONDITION_TRUE},
        {"json ms < now - 15m", CONDITION_TRUE},
        {"json ms < now + 1h", CONDITION_TRUE},
        {"json nil == null", CONDITION_TRUE},
        {"json nil < now", CONDITION_UNKNOWN},
        {"json count > 10", CONDITION_TRUE},
        {"json count >= 85%", CONDITION_TRUE},
        {"json big > 10MB", CONDITION_TRUE},
        {"json database.name != {{word}}", CONDITION_TRUE},
        {"json database.name ~ {{pattern}}", CONDITION_FALSE},
        {"json database.gone == 1 and status == 200", CONDITION_FALSE},
        {"json database.gone == 1 and status == 503", CONDITION_UNKNOWN},
        {"metric up == 1", CONDITION_UNKNOWN},
    };
    ConditionReply reply = {.answered = true,
                            .status = 503,
                            .seconds = 1.5,
                            .body = text_of(body),
                            .headers = TEXT("Server: nginx\r\nRetry-After: 30\r\n")};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ConditionAnswer answer = ask(cases[i].line, &reply);
        if (answer != cases[i].answer)
            fail_msg("%s: %d, expected %d", cases[i].line, answer, cases[i].answer);
    }
}

static void no_answer_is_unknown_to_all_but_one(void **state) {
    static const char *const unknown[] = {"status == 200",  "status != 200", "time > 0",     "body !~ /x/",
                                          "json a missing", "metric a < 1",  "header a == 1"};
    ConditionReply silence = {0};
    assert_int_equal(ask("unreachable", &silence), CONDITION_TRUE);
    assert_int_equal(ask("unreachable and status == 200", &silence), CONDITION_UNKNOWN);
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_int_equal(ask(unknown[i], &silence), CONDITION_UNKNOWN);
}

static void a_reply_that_is_no_json_is_unknown(void **state) {
    static const char *const bodies[] = {"", "<html>", "{\"a\": 1", "[1,2", "{\"a\" 1}", "nul"};
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        ConditionReply reply = {.answered = true, .status = 200, .body = text_of(bodies[i])};
        assert_int_equal(ask("json a == 1", &reply), CONDITION_UNKNOWN);
        assert_int_equal(ask("json a exists", &reply), CONDITION_UNKNOWN);
        assert_int_equal(ask("json a missing", &reply), CONDITION_UNKNOWN);
    }
    ConditionReply rough = {
        .answered = true, .status = 200, .body = TEXT("{\"a\": \"\xff\", \"b\": 1, \"b\": 2, \"c\": \"\\u0000\"}")};
    assert_int_equal(ask("json b == 2", &rough), CONDITION_TRUE);
    ConditionReply list = {.answered = true, .status = 200, .body = TEXT("[{\"id\": 7}]")};
    assert_int_equal(ask("json [0].id == 7", &list), CONDITION_TRUE);
    assert_int_equal(ask("json [*].id == 8", &list), CONDITION_FALSE);
    ConditionReply refusal = {.answered = true, .status = 200, .body = TEXT("{\"message\": \"slow down\"}")};
    assert_int_equal(ask("json [*].id == 8", &refusal), CONDITION_UNKNOWN);
}

static void metrics(void **state) {
    static const struct {
        const char *line;
        ConditionAnswer answer;
    } cases[] = {
        {"metric up == 1", CONDITION_TRUE},
        {"metric up == 0", CONDITION_FALSE},
        {"metric up_total > 0", CONDITION_UNKNOWN},
        {"metric req{route=\"/a b\"} > 10", CONDITION_TRUE},
        {"metric req{route=\"/c\"} > 10", CONDITION_FALSE},
        {"metric req{route=\"/d\"} > 10", CONDITION_UNKNOWN},
        {"metric req{code=\"500\", route=\"/c\"} == 3", CONDITION_TRUE},
        {"metric req > 10", CONDITION_TRUE},
        {"metric wild > 1", CONDITION_UNKNOWN},
        {"metric endless > 1", CONDITION_TRUE},
        {"metric sampled < now - 30s", CONDITION_TRUE},
        {"metric bytes > {{big}}", CONDITION_TRUE},
    };
    ConditionReply reply = {.answered = true,
                            .status = 200,
                            .body =
                                TEXT("# HELP up x\nup 1\nupper 7\nreq{route=\"/a b\",code=\"200\"} 12 1795607000\n"
                                     "req{route=\"/c\",code=\"500\",} 3\nwild NaN\nendless +Inf\nsampled 1795607000\n"
                                     "bytes 2.5e6\n")};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ConditionAnswer answer = ask(cases[i].line, &reply);
        if (answer != cases[i].answer)
            fail_msg("%s: %d, expected %d", cases[i].line, answer, cases[i].answer);
    }
}

static void what_cannot_be_read_is_refused(void **state) {
    static const struct {
        ConditionPlace place;
        const char *line;
    } cases[] = {
        {CONDITION_IN_HTTP, ""},
        {CONDITION_IN_HTTP, "count > 3"},
        {CONDITION_IN_HTTP, "status"},
        {CONDITION_IN_HTTP, "status = 200"},
        {CONDITION_IN_HTTP, "status == two"},
        {CONDITION_IN_HTTP, "status == \"200\""},
        {CONDITION_IN_HTTP, "status ~ /2../"},
        {CONDITION_IN_HTTP, "unreachable now"},
        {CONDITION_IN_HTTP, "time > 2 parsecs"},
        {CONDITION_IN_HTTP, "body == \"x\""},
        {CONDITION_IN_HTTP, "body ~ /(/"},
        {CONDITION_IN_HTTP, "body ~ /\\d+/"},
        {CONDITION_IN_HTTP, "body ~ /(?i)x/"},
        {CONDITION_IN_HTTP, "body ~ /a.*?b/"},
        {CONDITION_IN_HTTP, "json a..b == 1"},
        {CONDITION_IN_HTTP, "json a[x] == 1"},
        {CONDITION_IN_HTTP, "json a[ == 1"},
        {CONDITION_IN_HTTP, "json == 1"},
        {CONDITION_IN_HTTP, "json a == /x/"},
        {CONDITION_IN_HTTP, "json a == now - yesterday"},
        {CONDITION_IN_HTTP, "json a == \"open"},
        {CONDITION_IN_HTTP, "metric == 1"},
        {CONDITION_IN_HTTP, "metric a{b} == 1"},
        {CONDITION_IN_HTTP, "status == 200 and nothing == 1"},
        {CONDITION_IN_LOG, "status == 200"},
        {CONDITION_IN_LOG, "count > many"},
        {CONDITION_IN_MATCH, "count > 3"},
        {CONDITION_IN_MATCH, "text == \"x\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        Conditions conditions = {0};
        if (condition_parse(arena, text_of(cases[i].line), cases[i].place, &conditions) == NULL)
            fail_msg("\"%s\" was read", cases[i].line);
        arena_free(arena);
    }
}

static void expressions_of_posix(void **state) {
    static const char *const good[] = {"^[0-9]+$", "[[:digit:]]+", "[^]?]",  "(a|b)*", "\\.",
                                       "x\\b",     "[\\d]",        "a{1,3}", "\\$"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        Arena *arena = arena_new();
        regex_t *regex = NULL;
        Err *err = condition_regex(arena, good[i], &regex);
        if (err != NULL)
            fail_msg("%s", err_text(arena, err));
        arena_free(arena);
    }
}

static void an_unset_parameter_is_an_error(void **state) {
    Arena *arena = arena_new();
    Conditions conditions = {0};
    assert_null(condition_parse(arena, TEXT("json a == {{unset}}"), CONDITION_IN_HTTP, &conditions));
    Err *err = condition_bind(arena, &conditions, values_of(arena), NOW);
    assert_non_null(err);
    assert_non_null(strstr(err->message, "unset is not set"));
    arena_free(arena);
}

static void numbers_with_units(void **state) {
    static const struct {
        const char *text;
        double number; /* -1: refused */
    } cases[] = {{"0", 0},       {"2s", 2},         {"15m", 900},  {"24h", 86400},
                 {"7d", 604800}, {"250ms", 0.25},   {"10MB", 1e7}, {"1GiB", 1073741824},
                 {"85%", 0.85},  {"1.5 h", 5400},   {"2%", 0.02},  {"", -1},
                 {"x", -1},      {"5 parsecs", -1}, {"1.", -1},    {".5", -1},
                 {"1e3", -1},    {"5s5s", -1}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double number = -1;
        bool good = condition_number(text_of(cases[i].text), &number);
        if (good != (cases[i].number >= 0) ||
            (good && (number - cases[i].number > 1e-9 || cases[i].number - number > 1e-9)))
            fail_msg("%s: %g", cases[i].text, number);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_of_a_reply),
        cmocka_unit_test(no_answer_is_unknown_to_all_but_one),
        cmocka_unit_test(a_reply_that_is_no_json_is_unknown),
        cmocka_unit_test(metrics),
        cmocka_unit_test(what_cannot_be_read_is_refused),
        cmocka_unit_test(expressions_of_posix),
        cmocka_unit_test(an_unset_parameter_is_an_error),
        cmocka_unit_test(numbers_with_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
