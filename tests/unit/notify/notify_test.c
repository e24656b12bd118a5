/* SPDX-License-Identifier: PostgreSQL */
#include "notify/notify.h"

#include <setjmp.h>
#include <stdarg.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../sample.h"
#include "base/file.h"
#include "notify/notify_state.h"

static void must(Arena *arena, const Err *err) {
    if (err != NULL)
        fail_msg("%s", err_text(arena, err));
}

#define P VERDICT_PASS
#define W VERDICT_WARN
#define F VERDICT_FAIL
#define U VERDICT_UNKNOWN

/* Every change of state, and the absence of one. */
static void decisions(void **state) {
    static const struct {
        Verdict before, now;
        int hours; /* since the last message */
        bool warnings;
        NotifyEvent event;
    } cases[] = {
        {P, P, 100, false, NOTIFY_NOTHING},   {P, F, 0, false, NOTIFY_PROBLEM},   {P, U, 0, false, NOTIFY_PROBLEM},
        {P, W, 0, false, NOTIFY_NOTHING},     {P, W, 0, true, NOTIFY_PROBLEM},    {F, F, 1, false, NOTIFY_NOTHING},
        {F, F, 21, false, NOTIFY_NOTHING},    {F, F, 22, false, NOTIFY_REMINDER}, {F, F, 24, false, NOTIFY_REMINDER},
        {F, F, 1000, false, NOTIFY_REMINDER}, {F, F, -5, false, NOTIFY_REMINDER}, {F, U, 1, false, NOTIFY_PROBLEM},
        {U, F, 1, false, NOTIFY_PROBLEM},     {U, U, 23, false, NOTIFY_REMINDER}, {F, P, 1, false, NOTIFY_RECOVERY},
        {U, P, 1, false, NOTIFY_RECOVERY},    {F, W, 1, false, NOTIFY_RECOVERY},  {F, W, 1, true, NOTIFY_PROBLEM},
        {W, P, 1, false, NOTIFY_NOTHING},     {W, P, 1, true, NOTIFY_RECOVERY},   {W, W, 30, true, NOTIFY_REMINDER},
        {W, W, 30, false, NOTIFY_NOTHING},    {W, F, 0, false, NOTIFY_PROBLEM},   {W, F, 0, true, NOTIFY_PROBLEM},
    };
    Time clock = INT64_C(1800000000) * TIME_SECOND;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        NotifyMemory memory = {.before = cases[i].before, .last_sent = clock - cases[i].hours * TIME_HOUR};
        NotifyEvent event = notify_decide(&memory, cases[i].now, clock, TIME_DAY, cases[i].warnings);
        if (event != cases[i].event)
            fail_msg("case %zu: %s, expected %s", i, notify_event_name(event), notify_event_name(cases[i].event));
    }
    NotifyMemory never = {.before = VERDICT_FAIL, .last_sent = TIME_NONE};
    assert_int_equal(notify_decide(&never, VERDICT_FAIL, clock, TIME_DAY, false), NOTIFY_REMINDER);
    assert_int_equal(notify_decide(&never, VERDICT_FAIL, clock, 0, false), NOTIFY_NOTHING);
}

static void titles(void **state) {
    static const struct {
        NotifyEvent event;
        Verdict verdict;
        const char *target;
        const char *title;
    } cases[] = {
        {NOTIFY_PROBLEM, VERDICT_FAIL, "production", "production: the backup failed verification"},
        {NOTIFY_PROBLEM, VERDICT_UNKNOWN, "production", "production: the backup could not be verified"},
        {NOTIFY_PROBLEM, VERDICT_WARN, "production", "production: the backup passed verification with warnings"},
        {NOTIFY_REMINDER, VERDICT_FAIL, "production", "production: the backup still fails verification"},
        {NOTIFY_REMINDER, VERDICT_UNKNOWN, "", "app.dump: the backup still cannot be verified"},
        {NOTIFY_RECOVERY, VERDICT_PASS, "production", "production: recovered: the backup passed verification"},
        {NOTIFY_RECOVERY, VERDICT_WARN, "a\nb", "a\\x0ab: recovered, with warnings: the backup passed verification"},
        {NOTIFY_TEST, VERDICT_PASS, "", "test message from lifeboat, channel ops"},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        NotifyMessage message = {.event = cases[i].event,
                                 .report = cases[i].event == NOTIFY_TEST ? NULL
                                                                         : sample_report(arena, 1, cases[i].verdict, 0),
                                 .target = cases[i].target,
                                 .channel = "ops"};
        assert_string_equal(notify_title(arena, &message), cases[i].title);
    }
    arena_free(arena);
}

static Config *config_of(Arena *arena, const char *text) {
    Config *config = NULL;
    must(arena, config_parse(arena, text_of(text), "test.conf", &config));
    return config;
}

static void channels_are_checked(void **state) {
    static const struct {
        const char *text;
        const char *words; /* of the error; NULL: accepted */
        size_t count;
    } cases[] = {
        {"", NULL, 0},
        {"[target production]\nx = y\n", NULL, 0},
        {"[notify ops]\ntype = slack\nurl = https://x/\n[notify two]\ntype = webhook\nurl = http://x/\nwarnings = "
         "yes\n",
         NULL, 2},
        {"[notify ops]\ntype = sentry\ndsn = https://k@h/1\n", NULL, 1},
        {"[notify ops]\nurl = https://x/\n", "no setting", 0}, /* without a type nobody knows what url is */
        {"[notify ops]\nremind = 1h\n", "does not say what type", 0},
        {"[notify ops]\ntype = slack\n", "has no url", 0},
        {"[notify ops]\ntype = slak\nurl = https://x/\n", "slak", 0},
        {"[notify ops]\ntype = slack\nurl = https://x/\nwarning = yes\n", "no setting", 0},
        {"[notify ops]\ntype = slack\nurl = https://x/\ndsn = x\n", "no setting", 0},
        {"[notify ops]\ntype = slack\nurl = https://x/\nremind = often\n", "remind", 0},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        NotifyChannels channels = {0};
        const Err *err = notify_channels(arena, config_of(arena, cases[i].text), &channels);
        if (cases[i].words == NULL) {
            must(arena, err);
            assert_int_equal(channels.count, cases[i].count);
        } else if (err == NULL || err->kind != ERR_CONFIG || strstr(err_text(arena, err), cases[i].words) == NULL) {
            fail_msg("case %zu: %s", i, err == NULL ? "accepted" : err_text(arena, err));
        }
    }
    arena_free(arena);
}

/* --- a web server with one answer at a time, to follow a channel through its states --- */

typedef struct Web {
    int listener;
    int port;
    pthread_t thread;
    int status; /* what is answered */
    int requests;
    char last[65536];
} Web;

static void read_request(int client, char *into, size_t room) {
    size_t length = 0;
    for (;;) {
        ssize_t got = read(client, into + length, room - 1 - length);
        if (got <= 0)
            return;
        length += (size_t)got;
        into[length] = '\0';
        const char *end = strstr(into, "\r\n\r\n"), *size = strcasestr(into, "content-length:");
        if (end != NULL && size != NULL && length >= (size_t)(end + 4 - into) + strtoul(size + 15, NULL, 10))
            return;
    }
}

static void *serve(void *context) {
    Web *web = context;
    for (;;) {
        int client = accept(web->listener, NULL, NULL);
        if (client < 0)
            return NULL;
        read_request(client, web->last, sizeof(web->last));
        web->requests++;
        dprintf(client, "HTTP/1.1 %d x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", web->status);
        close(client);
    }
}

static void web_start(Web *web) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    *web = (Web){.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .status = 200};
    assert_int_equal(bind(web->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(web->listener, 8), 0);
    assert_int_equal(getsockname(web->listener, (struct sockaddr *)&address, &length), 0);
    web->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&web->thread, NULL, serve, web), 0);
}

static void web_stop(Web *web) {
    shutdown(web->listener, SHUT_RDWR);
    close(web->listener);
    pthread_join(web->thread, NULL);
}

static void set_clock(Arena *arena, int hour) {
    setenv("LIFEBOAT_NOW", time_text(arena, INT64_C(1800000000) * TIME_SECOND + hour * TIME_HOUR), 1);
}

/* A month of runs, the messages they cause, and what the store says of the channel after each. */
static void a_channel_hears_changes_not_runs(void **state) {
    static const struct {
        int hour;
        Verdict verdict;
        int answer;      /* of the web server */
        int requests;    /* sent by this run */
        const char *has; /* in the request */
        bool failing;    /* what notify_failures says afterwards */
    } runs[] = {
        {0, VERDICT_PASS, 200, 0, NULL, false},
        {24, VERDICT_FAIL, 200, 1, "\"event\":\"problem\"", false},
        {25, VERDICT_FAIL, 200, 0, NULL, false},
        {48, VERDICT_FAIL, 200, 1, "\"event\":\"reminder\"", false},
        {49, VERDICT_UNKNOWN, 200, 1, "\"event\":\"problem\"", false},
        {50, VERDICT_PASS, 404, 1, "\"event\":\"recovery\"", true},
        {51, VERDICT_PASS, 404, 1, "\"event\":\"recovery\"", true}, /* not told, so told again */
        {52, VERDICT_WARN, 200, 1, "\"event\":\"recovery\"", false},
        {53, VERDICT_PASS, 200, 0, NULL, false},
        {72, VERDICT_FAIL, 404, 1, "\"event\":\"problem\"", true},
        {73, VERDICT_PASS, 200, 0, NULL,
         true}, /* nothing was heard of it, so nothing recovers; the channel counts as dead */
        {96, VERDICT_FAIL, 200, 1, "\"event\":\"problem\"", false},
    };
    Web web;
    web_start(&web);
    Arena *arena = arena_new();
    char directory[] = "/tmp/lifeboat-notify-XXXXXX";
    assert_non_null(mkdtemp(directory));
    Store *store = NULL;
    must(arena, store_open(arena, directory, &store));
    const Config *config =
        config_of(arena, arena_printf(arena,
                                      "[notify ops]\ntype = webhook\nurl = http://127.0.0.1:%d/secret\n"
                                      "targets = production\npatience = 1s\n",
                                      web.port));
    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        set_clock(arena, runs[i].hour);
        int before = web.requests;
        web.status = runs[i].answer;
        notify_report(arena, config, store, sample_report(arena, (int)i, runs[i].verdict, time_now()));
        if (web.requests - before != runs[i].requests)
            fail_msg("run %zu sent %d messages", i, web.requests - before);
        if (runs[i].has != NULL && strstr(web.last, runs[i].has) == NULL)
            fail_msg("run %zu sent %s", i, web.last);
        NotifyFailures failures = {0};
        must(arena, notify_failures(arena, config, store, &failures));
        if ((failures.count == 1) != runs[i].failing)
            fail_msg("run %zu: %zu channels failing", i, failures.count);
        if (runs[i].failing) {
            assert_non_null(strstr(failures.items[0].error, "404"));
            assert_null(strstr(failures.items[0].error, "secret"));
        }
    }
    /* Another target of no interest to this channel; and no store: every problem is told. */
    int before = web.requests;
    Report *other = sample_report(arena, 77, VERDICT_FAIL, time_now());
    other->target = "staging";
    notify_report(arena, config, store, other);
    assert_int_equal(web.requests, before);
    for (int i = 1; i <= 2; i++) {
        notify_report(arena, config, NULL, sample_report(arena, 78, VERDICT_FAIL, time_now()));
        assert_int_equal(web.requests, before + i);
    }
    unsetenv("LIFEBOAT_NOW");
    must(arena, file_remove_tree(arena, directory));
    arena_free(arena);
    web_stop(&web);
}

static void since_is_when_it_began(void **state) {
    Web web;
    web_start(&web);
    Arena *arena = arena_new();
    char directory[] = "/tmp/lifeboat-notify-XXXXXX";
    assert_non_null(mkdtemp(directory));
    Store *store = NULL;
    must(arena, store_open(arena, directory, &store));
    const Config *config = config_of(
        arena,
        arena_printf(arena, "[notify ops]\ntype = webhook\nurl = http://127.0.0.1:%d/\npatience = 1s\n", web.port));
    /* The first recovery does not arrive: the second still knows. */
    static const Verdict verdicts[] = {VERDICT_UNKNOWN, VERDICT_FAIL, VERDICT_PASS, VERDICT_PASS};
    set_clock(arena, 0);
    const char *began = arena_printf(arena, "\"since\":\"%s\"", time_text(arena, time_now()));
    for (int i = 0; i < 4; i++) {
        set_clock(arena, i * 24);
        web.status = i == 2 ? 404 : 200;
        notify_report(arena, config, store, sample_report(arena, i, verdicts[i], time_now()));
        assert_int_equal(web.requests, i + 1);
        if (strstr(web.last, began) == NULL)
            fail_msg("message %d lacks %s: %s", i, began, web.last);
    }
    unsetenv("LIFEBOAT_NOW");
    must(arena, file_remove_tree(arena, directory));
    arena_free(arena);
    web_stop(&web);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions),
        cmocka_unit_test(titles),
        cmocka_unit_test(channels_are_checked),
        cmocka_unit_test(a_channel_hears_changes_not_runs),
        cmocka_unit_test(since_is_when_it_began),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
