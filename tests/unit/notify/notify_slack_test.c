/* SPDX-License-Identifier: PostgreSQL */
#include "notify/notify_slack.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <string.h>

#include "../sample.h"
#include "notify/notify_sentry.h"

static void escape(void **state) {
    static const struct {
        const char *text;
        size_t limit;
        const char *expected;
    } cases[] = {
        {"plain", 100, "plain"},
        {"", 100, ""},
        {"a < b && c > d", 100, "a &lt; b &amp;&amp; c &gt; d"},
        {"<!channel> <@U1> <http://x|y>", 100, "&lt;!channel&gt; &lt;@U1&gt; &lt;http://x|y&gt;"},
        {"`code`", 100, "'code'"},
        {"exactly10.", 10, "exactly10."},
        {"exactly 11.", 10, "exactly…"},
        {"äöüäöü", 12, "äöüäöü"},
        {"äöüäöüä", 12, "äöüä…"},      /* never half a character */
        {"aaaaaa&bbb", 12, "aaaaaa…"}, /* never half an entity: "&amp;" ends at 11 */
        {"aaaa&b", 12, "aaaa&amp;b"},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *got = notify_slack_escape(arena, cases[i].text, cases[i].limit);
        if (strcmp(got, cases[i].expected) != 0)
            fail_msg("%s: %s, expected %s", cases[i].text, got, cases[i].expected);
    }
    arena_free(arena);
}

static const char *string_at(const json_t *body, size_t block, const char *key) {
    const json_t *text = json_object_get(json_array_get(json_object_get(body, "blocks"), block), "text");
    return json_get_string(text, key, "");
}

static void a_failure_says_what_matters(void **state) {
    Arena *arena = arena_new();
    Time finished;
    assert_true(time_parse(TEXT("2026-11-23T05:00:00Z"), &finished));
    NotifyMessage message = {.event = NOTIFY_PROBLEM,
                             .report = sample_report(arena, 1, VERDICT_FAIL, finished),
                             .target = "production",
                             .channel = "ops",
                             .since = finished - TIME_DAY};
    const json_t *body = notify_slack_body(arena, &message);
    assert_string_equal(json_get_string(body, "text", ""),
                        "✗ production: the backup failed verification. contacts lost rows");
    assert_string_equal(string_at(body, 0, "text"), "✗ production: the backup failed verification");
    assert_string_equal(string_at(body, 0, "type"), "plain_text");
    assert_string_equal(string_at(body, 1, "text"), "contacts lost rows");
    static const char *const wanted[] = {
        "app.dump",                            /* which backup */
        "2026-11-23T02:59:59",                 /* taken */
        "1 of 6, listed",                      /* proof level */
        "2026-11-22T05:00:00Z",                /* since */
        "`row-count-drift` *public.contacts*", /* what failed */
        "(expected 9411, found 12)",           /* its number */
        "`structure` could not run: why",      /* what could not look */
        "*What to do now*",                    /* the page of the finding */
        "lifeboat log 0190c0de-0001-7000-8000-000000000000",
    };
    const char *text = json_render(arena, body, true);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (strstr(text, wanted[i]) == NULL)
            fail_msg("%s is not in %s", wanted[i], text);
    }
    const CheckFinding *declared = check_find_finding("row-count-drift");
    assert_non_null(declared);
    assert_non_null(strstr(text, text_dup(arena, text_slice(text_of(declared->action), 0, 20))));
    arena_free(arena);
}

/* The finding's own page, and behind it the issue of the runbook, which whoever made the report has added. */
static void what_to_do_names_the_issue(void **state) {
    Arena *arena = arena_new();
    const CheckFinding *declared = check_find_finding("row-count-drift");
    Report *report = sample_report(arena, 1, VERDICT_FAIL, 0);
    NotifyMessage message = {.event = NOTIFY_PROBLEM, .report = report, .target = "production", .since = TIME_NONE};
    report->next_step = arena_printf(arena, "%s The runbook has it: lifeboat runbook show x-y", declared->action);
    const char *text = json_render(arena, notify_slack_body(arena, &message), true);
    assert_non_null(strstr(text, "lifeboat runbook show x-y"));
    report->next_step = "Something else: lifeboat runbook show x-y";
    text = json_render(arena, notify_slack_body(arena, &message), true);
    assert_null(strstr(text, "lifeboat runbook show x-y"));
    arena_free(arena);
}

/* Slack's limits, held for a report that is as bad as it can be. */
static void check_limits(const json_t *body, const char *rendered) {
    static const char *const forbidden[] = {"<!", "<@", "<http", "\033", "\n\n\n"};
    const json_t *blocks = json_object_get(body, "blocks");
    size_t index, inner;
    json_t *block, *field;
    assert_true(strlen(rendered) < 10000);
    assert_in_range(json_array_size(blocks), 1, 50);
    assert_in_range(strlen(json_get_string(body, "text", "")), 1, 4000);
    json_array_foreach(blocks, index, block) {
        const char *type = json_get_string(block, "type", ""), *text = string_at(body, index, "text");
        assert_true(strlen(text) <= (strcmp(type, "header") == 0 ? 150 : 3000));
        const json_t *fields = json_object_get(block, "fields");
        assert_in_range(json_array_size(fields), 0, 10);
        json_array_foreach(fields, inner, field) {
            assert_in_range(strlen(json_get_string(field, "text", "")), 1, 2000);
        }
    }
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
        if (strstr(rendered, forbidden[i]) != NULL)
            fail_msg("%s in %s", forbidden[i], rendered);
    }
}

static void limits_hold_for_hostile_reports(void **state) {
    static const NotifyEvent events[] = {NOTIFY_PROBLEM, NOTIFY_REMINDER, NOTIFY_RECOVERY};
    static const char *const pieces[] = {"<!channel>", "&&&&&&&&&&", "ä\xff\033[31m", "<http://x|click>`",
                                         "plain words "};
    Arena *arena = arena_new();
    for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
        Buf *long_text = buf_new(arena, 1 << 20);
        for (int i = 0; i < 5000; i++)
            buf_string(long_text, pieces[p]);
        const char *bad = long_text->at;
        Report *report = sample_report(arena, 1, VERDICT_FAIL, 0);
        Backup *backup = ARENA_NEW(arena, Backup);
        *backup = *report->backup;
        backup->id = bad;
        report->backup = backup;
        report->reason = report->next_step = report->target = bad;
        for (int i = 0; i < 3000; i++)
            *sample_finding(report, 1, "row-count-drift", CHECK_FAILURE) = (Finding){.id = "row-count-drift",
                                                                                     .severity = CHECK_FAILURE,
                                                                                     .where = bad,
                                                                                     .message = bad,
                                                                                     .expected = bad,
                                                                                     .found = bad};
        for (size_t e = 0; e < sizeof(events) / sizeof(events[0]); e++) {
            NotifyMessage message = {.event = events[e], .report = report, .target = bad, .channel = bad, .since = 0};
            const json_t *body = notify_slack_body(arena, &message);
            check_limits(body, json_render(arena, body, true));
        }
    }
    arena_free(arena);
}

static void other_messages(void **state) {
    Arena *arena = arena_new();
    NotifyMessage test = {.event = NOTIFY_TEST, .target = "", .channel = "ops", .since = TIME_NONE};
    const json_t *body = notify_slack_body(arena, &test);
    assert_non_null(strstr(string_at(body, 0, "text"), "test message from lifeboat, channel ops"));
    check_limits(body, json_render(arena, body, true));

    Report *report = sample_report(arena, 1, VERDICT_UNKNOWN, 0);
    report->backup = NULL; /* nothing was found */
    report->inventory = NULL;
    report->checks.count = 0;
    report->reason = report->next_step = NULL;
    NotifyMessage nothing = {
        .event = NOTIFY_PROBLEM, .report = report, .target = "production", .channel = "ops", .since = 0};
    body = notify_slack_body(arena, &nothing);
    assert_string_equal(string_at(body, 0, "text"), "? production: the backup could not be verified");
    check_limits(body, json_render(arena, body, true));
    arena_free(arena);
}

static void sentry_addresses(void **state) {
    static const struct {
        const char *dsn;
        const char *url; /* NULL: refused */
    } cases[] = {
        {"https://abc@o1.ingest.sentry.io/42", "https://o1.ingest.sentry.io/api/42/envelope/"},
        {"https://abc:old-secret@sentry.example:8443/base/path/7",
         "https://sentry.example:8443/base/path/api/7/envelope/"},
        {"http://k@127.0.0.1:9000/1", "http://127.0.0.1:9000/api/1/envelope/"},
        {"", NULL},
        {"https://o1.ingest.sentry.io/42", NULL},
        {"https://@host/42", NULL},
        {"https://abc@host", NULL},
        {"https://abc@host/", NULL},
        {"https://abc@/42", NULL},
        {"ftp://abc@host/42", NULL},
        {"https://a\nb@host/42", NULL},
        {"https://abc@host/4?2", NULL},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        NotifySentryAddress address = {0};
        const Err *err = notify_sentry_address(arena, cases[i].dsn, &address);
        if (cases[i].url == NULL) {
            if (err == NULL)
                fail_msg("%s was accepted", cases[i].dsn);
            assert_true(*cases[i].dsn == '\0' || strstr(err_text(arena, err), cases[i].dsn) == NULL);
        } else {
            assert_null(err);
            assert_string_equal(address.url, cases[i].url);
            assert_true(strcmp(address.key, "abc") == 0 || strcmp(address.key, "k") == 0);
        }
    }
    arena_free(arena);
}

/* Three lines, the length of the third in the second. */
static void sentry_envelope(void **state) {
    Arena *arena = arena_new();
    NotifyMessage message = {.event = NOTIFY_PROBLEM,
                             .report = sample_report(arena, 1, VERDICT_FAIL, 0),
                             .target = "production",
                             .channel = "ops",
                             .since = 0};
    Text rest = notify_sentry_envelope(arena, &message), after;
    json_t *header, *item, *event;
    assert_null(json_parse_text(arena, text_cut(rest, '\n', &rest), &header));
    assert_null(json_parse_text(arena, text_cut(rest, '\n', &rest), &item));
    Text payload = text_cut(rest, '\n', &after);
    assert_int_equal(after.length, 0);
    assert_string_equal(json_get_string(item, "type", ""), "event");
    assert_int_equal(json_get_u64(item, "length", 0), payload.length);
    assert_null(json_parse_text(arena, payload, &event));
    assert_string_equal(json_get_string(event, "event_id", "a"), json_get_string(header, "event_id", "b"));
    assert_int_equal(strlen(json_get_string(event, "event_id", "")), 32);
    assert_string_equal(json_get_string(event, "level", ""), "error");
    assert_string_equal(json_get_string(json_object_get(event, "tags"), "verdict", ""), "fail");
    assert_string_equal(json_string_value(json_array_get(json_object_get(event, "fingerprint"), 1)), "production");
    assert_true(payload.length < 100000);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escape),
        cmocka_unit_test(a_failure_says_what_matters),
        cmocka_unit_test(what_to_do_names_the_issue),
        cmocka_unit_test(limits_hold_for_hostile_reports),
        cmocka_unit_test(other_messages),
        cmocka_unit_test(sentry_addresses),
        cmocka_unit_test(sentry_envelope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
