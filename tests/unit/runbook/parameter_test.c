/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "runbook/parameter.h"

static const char declarations[] = "[parameter app_url]\ntype = url\nmeaning = m\n"
                                   "[parameter age]\ntype = duration\ndefault = 5m\nmeaning = m\n"
                                   "[parameter room]\ntype = size\ndefault = 10MiB\nmeaning = m\n"
                                   "[parameter share]\ntype = percent\ndefault = 85%\nmeaning = m\n"
                                   "[parameter many]\ntype = integer\ndefault = 7\nmeaning = m\n"
                                   "[parameter names]\ntype = list\ndefault = a, b\nmeaning = m\n"
                                   "[parameter words]\ntype = text\ndefault = plain\nmeaning = m\n"
                                   "[parameter pattern]\ntype = regex\ndefault = ^a+\nmeaning = m\n"
                                   "[parameter operator]\ntype = conninfo\ndefault =\nmeaning = m\n"
                                   "[parameter token]\ntype = secret\nmeaning = m\n";

static Err *load(Arena *arena, const char *configuration, const char *target, ParameterValues **out) {
    Config *config = NULL;
    Parameters *parameters = ARENA_NEW(arena, Parameters);
    assert_null(parameter_read(arena, text_of(declarations), "parameters.conf", parameters, NULL));
    TRY(config_parse(arena, text_of(configuration), "/etc/lifeboat.conf", &config));
    return parameter_values(arena, parameters, config, target, out);
}

static void values_are_canonical(void **state) {
    static const struct {
        const char *configuration, *target, *name, *value, *written; /* value NULL: unset */
    } cases[] = {
        {"", "", "age", "300 seconds", "5m"},
        {"", "", "room", "10485760", "10MiB"},
        {"", "", "share", "0.85", "85%"},
        {"", "", "many", "7", "7"},
        {"", "", "names", "a,b", "a, b"},
        {"", "", "operator", "", ""},
        {"", "", "app_url", NULL, NULL},
        {"", "", "token_file", NULL, NULL},
        {"", "production", "target", "production", "production"},
        {"[runbook]\nage = 1h30m", "", "age", "5400 seconds", "1h30m"},
        {"[runbook]\nshare = 0.5%", "", "share", "0.005", "0.5%"},
        {"[runbook]\nage = 1h\n[runbook production]\nage = 2h", "production", "age", "7200 seconds", "2h"},
        {"[runbook]\nage = 1h\n[runbook production]\nage = 2h", "staging", "age", "3600 seconds", "1h"},
        {"[runbook]\nwords = it's \"$$(rm -rf /)\" \\", "", "words", "it's \"$(rm -rf /)\" \\",
         "it's \"$(rm -rf /)\" \\"},
        {"[runbook]\ntoken_file = secret", "", "token_file", "/etc/secret", "/etc/secret"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        ParameterValues *values = NULL;
        const char *value = "?";
        assert_null(load(arena, cases[i].configuration, cases[i].target, &values));
        assert_null(parameter_value(arena, values, cases[i].name, &value));
        const char *written = parameter_written(values, cases[i].name);
        bool same = cases[i].value == NULL
                        ? value == NULL && written == NULL
                        : value != NULL && strcmp(value, cases[i].value) == 0 && strcmp(written, cases[i].written) == 0;
        if (!same)
            fail_msg("case %zu: %s, written %s", i, value == NULL ? "unset" : value,
                     written == NULL ? "unset" : written);
        arena_free(arena);
    }
}

static void wrong_values_are_refused_with_their_line(void **state) {
    static const struct {
        const char *line, *words;
    } cases[] = {
        {"app_url = ftp://x", "holds no URL"},
        {"app_url = http://x/a b", "percent-encoded"},
        {"age = 5", "5"},
        {"room = much", "much"},
        {"share = lots", "lots"},
        {"many = -1", "-1"},
        {"pattern = (a", "does not compile"},
        {"operator = host=x password=geheim", "a password"},
        {"operator = nonsense", "cannot be read"},
        {"words = a\tb\x1b[2J", "a control character"},
        {"token = geheim", "no setting \"token\""},
        {"wrods = a", "no setting \"wrods\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        ParameterValues *values = NULL;
        const Err *err = load(arena, arena_printf(arena, "[runbook]\n%s", cases[i].line), "", &values);
        if (err == NULL || err->kind != ERR_CONFIG || strstr(err->message, "/etc/lifeboat.conf:2") == NULL ||
            strstr(err->message, cases[i].words) == NULL || strstr(err->message, "geheim") != NULL)
            fail_msg("case %zu: %s", i, err == NULL ? "no error" : err->message);
        arena_free(arena);
    }
    Arena *arena = arena_new();
    ParameterValues *values = NULL;
    assert_non_null(load(arena, "[runbook production]\nrunbook = /x", "production", &values));
    assert_null(load(arena, "[runbook production]\nrunbook = /x", "staging", &values));
    arena_free(arena);
}

static void a_secret_is_read_only_when_it_is_asked_for(void **state) {
    Arena *arena = arena_new();
    ParameterValues *values = NULL;
    const char *value = NULL;
    char path[] = "/tmp/lifeboat-parameter-XXXXXX";
    int descriptor = mkstemp(path);
    assert_int_equal(write(descriptor, "geheim\n", 7), 7);
    close(descriptor);
    assert_null(load(arena, arena_printf(arena, "[runbook]\ntoken_file = %s", path), "", &values));
    assert_null(parameter_value(arena, values, "token", &value));
    assert_string_equal(value, "geheim");
    assert_string_equal(parameter_shown(arena, values, ISSUE_HTTP, "GET x\nheader: A: {{token}}"),
                        "GET x\nheader: A: ***");
    assert_string_equal(parameter_shown(arena, values, ISSUE_SH, "curl {{token}}"), "curl <token>");
    assert_string_equal(parameter_shown(arena, values, ISSUE_SH, "cat {{token_file}}"),
                        arena_printf(arena, "cat '%s'", path));
    assert_null(strstr(parameter_shown_text(arena, values, "{{token}}"), "geheim"));
    chmod(path, 0644);
    assert_true(parameter_value(arena, values, "token", &value)->kind == ERR_CONFIG);
    unlink(path);
    assert_null(load(arena, arena_printf(arena, "[runbook]\ntoken_file = %s", path), "", &values));
    assert_true(parameter_value(arena, values, "token", &value)->kind == ERR_CONFIG);
    assert_true(parameter_value(arena, values, "nothing", &value)->kind == ERR_NOT_FOUND);
    arena_free(arena);
}

/* The values of a person who means harm: quotes, a dollar, a backslash, a backtick. */
#define HARM "[runbook]\nwords = it's \"$$(x)\" `y` \\ *z*\napp_url = https://a.example"

static void what_is_shown_can_be_pasted(void **state) {
    static const struct {
        IssueKind kind;
        const char *body, *shown;
    } cases[] = {
        {ISSUE_SQL, "select {{age}}::interval;", "select '300 seconds'::interval;"},
        {ISSUE_SQL, "{{words}}::text", "E'it''s \"$(x)\" `y` \\\\ *z*'::text"},
        {ISSUE_SQL, "{{now_}}{{ age }}{{AGE}}{{}}{{age", "<now_>{{ age }}{{AGE}}{{}}{{age"},
        {ISSUE_SH, "echo {{words}}", "echo 'it'\\''s \"$(x)\" `y` \\ *z*'"},
        {ISSUE_SH, "sleep {{age}}", "sleep '300 seconds'"},
        {ISSUE_SH, "cat {{token_file}}", "cat <token_file>"},
        {ISSUE_HTTP, "GET {{app_url}}/{{words}}\npresent: time > {{age}}",
         "GET https://a.example/it%27s%20%22%24%28x%29%22%20%60y%60%20%5C%20%2Az%2A\npresent: time > 5m"},
        {ISSUE_LOG, "window: {{age}}", "window: 5m"},
    };
    Arena *arena = arena_new();
    ParameterValues *values = NULL;
    assert_null(load(arena, HARM, "", &values));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(parameter_shown(arena, values, cases[i].kind, cases[i].body), cases[i].shown);
    assert_string_equal(parameter_shown_text(arena, values, "a {{words}} `{{words}}` {{token}}"),
                        "a it's \"$(x)\" \\`y\\` \\\\ \\*z\\* `it's \"$(x)\" 'y' \\ *z*` \\<token\\>");
    assert_string_equal(parameter_shown_text(arena, values, "a ` b\n\n{{words}}"),
                        "a ` b\n\nit's \"$(x)\" \\`y\\` \\\\ \\*z\\*");
    arena_free(arena);
}

static void declarations_are_checked(void **state) {
    static const struct {
        const char *text;
        int line;
        const char *words;
    } cases[] = {
        {"[parameter a]\nmeaning = m", 1, "a has no type"},
        {"[parameter a]\ntype = text", 1, "a has no meaning"},
        {"[parameter a]\ntype = texts\nmeaning = m", 2, "no type \"texts\""},
        {"[parameter a]\ntype = text\nmeaning = m\ndefalt = x", 4, "no \"defalt\""},
        {"[parameter A]\ntype = text\nmeaning = m", 1, "no [parameter NAME]"},
        {"[target a]\ntype = text\nmeaning = m", 1, "no [parameter NAME]"},
        {"[parameter now]\ntype = text\nmeaning = m", 1, "built in"},
        {"[parameter runbook]\ntype = text\nmeaning = m", 1, "a setting of that name"},
        {"[parameter a]\ntype = secret\ndefault = x\nmeaning = m", 1, "a secret has no default"},
        {"[parameter a]\ntype = duration\ndefault = 5\nmeaning = m", 1, "5"},
        {"[parameter a]\ntype = regex\ndefault = (\nmeaning = m", 1, "does not compile"},
        {"[parameter a]\ntype = secret\nmeaning = m\n[parameter a_file]\ntype = path\nmeaning = m", 4, "both a path"},
        {"[parameter a", 0, "on a line of its own"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        Parameters parameters = {0};
        IssueProblems problems = {0};
        assert_null(parameter_read(arena, text_of(cases[i].text), "p.conf", &parameters, &problems));
        if (problems.count == 0 || problems.items[0].line != cases[i].line ||
            strstr(problems.items[0].message, cases[i].words) == NULL)
            fail_msg("case %zu: %s", i, problems.count == 0 ? "nothing" : problems.items[0].message);
        assert_non_null(parameter_read(arena, text_of(cases[i].text), "p.conf", &parameters, NULL));
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_canonical),
        cmocka_unit_test(wrong_values_are_refused_with_their_line),
        cmocka_unit_test(a_secret_is_read_only_when_it_is_asked_for),
        cmocka_unit_test(what_is_shown_can_be_pasted),
        cmocka_unit_test(declarations_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
