/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/http.h"
#include "base/time.h"

/* A server of one exchange: reads the request, writes the scripted bytes, perhaps hangs before closing. */
typedef struct Server {
    int listening;
    int port;
    const char *answer;
    bool hangs;
    bool endless;
    char request[8192];
    pthread_t thread;
} Server;

static size_t content_length(const char *request) {
    const char *found = strstr(request, "Content-Length: ");
    return found == NULL ? 0 : strtoul(found + 16, NULL, 10);
}

static void *serve(void *what) {
    Server *server = what;
    int client = accept(server->listening, NULL, NULL);
    size_t length = 0;
    for (;;) {
        ssize_t got = read(client, server->request + length, sizeof(server->request) - 1 - length);
        if (got <= 0)
            break;
        length += (size_t)got;
        const char *end = strstr(server->request, "\r\n\r\n");
        if (end != NULL && strlen(end + 4) >= content_length(server->request))
            break;
    }
    ssize_t sent = send(client, server->answer, strlen(server->answer), MSG_NOSIGNAL);
    while (server->endless && sent >= 0)
        sent = send(client, server->request, 1000, MSG_NOSIGNAL);
    if (server->hangs)
        while (read(client, server->request, 1) > 0)
            continue;
    close(client);
    return NULL;
}

static void start(Server *server) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    server->listening = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(server->listening, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server->listening, 1), 0);
    getsockname(server->listening, (struct sockaddr *)&address, &size);
    server->port = ntohs(address.sin_port);
    pthread_create(&server->thread, NULL, serve, server);
}

static void stop(Server *server) {
    pthread_join(server->thread, NULL);
    close(server->listening);
}

static Err *post(Arena *arena, Server *server, int64_t timeout, HttpResponse *response) {
    start(server);
    const char *const headers[] = {"Content-Type: application/json", NULL};
    HttpRequest request = {.method = "POST",
                           .url = arena_printf(arena, "http://127.0.0.1:%d/services/T0/SECRET", server->port),
                           .headers = headers,
                           .body = TEXT("{\"text\":\"hello\"}"),
                           .timeout = timeout};
    Err *err = http_send(arena, &request, response);
    stop(server);
    return err;
}

static void answers_of_every_status_are_responses(void **state) {
    static const struct {
        const char *answer;
        int status;
        const char *body;
        int64_t retry_after;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", -1},
        {"HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\nno_service", 404, "no_service", -1},
        {"HTTP/1.1 429 Too Many\r\nretry-after: 30\r\nContent-Length: 0\r\n\r\n", 429, "", 30},
        {"HTTP/1.1 429 Too Many\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n", 429, "", 0},
        {"HTTP/1.1 429 Too Many\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n", 429, "", -1},
        {"HTTP/1.1 503 No\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\nContent-Length: 0\r\n\r\n", 503, "", 0},
        {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 302, "", -1},
        {"HTTP/1.0 500 Oops\r\n\r\nno length", 500, "no length", -1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        Server server = {.answer = cases[i].answer};
        HttpResponse response = {0};
        assert_null(post(arena, &server, 0, &response));
        assert_int_equal(response.status, cases[i].status);
        assert_string_equal(response.body->at, cases[i].body);
        assert_int_equal(response.retry_after, cases[i].retry_after);
        assert_non_null(strstr(server.request, "POST /services/T0/SECRET HTTP/1.1\r\n"));
        assert_non_null(strstr(server.request, "Content-Type: application/json\r\n"));
        assert_non_null(strstr(server.request, "\r\n\r\n{\"text\":\"hello\"}"));
        assert_null(strstr(server.request, "Expect:"));
        arena_free(arena);
    }
}

static void a_long_answer_is_cut_not_kept(void **state) {
    Arena *arena = arena_new();
    Server server = {.answer = "HTTP/1.1 200 OK\r\n\r\n", .endless = true};
    HttpResponse response = {0};
    assert_null(post(arena, &server, 20 * TIME_SECOND, &response));
    assert_int_equal(response.status, 200);
    assert_int_equal(response.body->length, 64 * 1024);
    assert_true(response.elapsed < 10 * TIME_SECOND);
    arena_free(arena);
}

static void silence_ends_at_the_deadline_without_the_secret(void **state) {
    Arena *arena = arena_new();
    Server server = {.answer = "", .hangs = true};
    HttpResponse response = {0};
    int64_t before = time_monotonic();
    const Err *err = post(arena, &server, 300 * 1000, &response);
    assert_non_null(err);
    assert_int_equal(err->kind, ERR_TIMEOUT);
    assert_true(time_monotonic() - before < 5 * TIME_SECOND);
    assert_null(strstr(err->message, "SECRET"));
    assert_non_null(strstr(err->message, "http://127.0.0.1:"));
    arena_free(arena);
}

static void unreachable_places_are_errors_without_the_secret(void **state) {
    static const char *const urls[] = {
        "http://127.0.0.1:1/SECRET",
        "http://user:SECRET@127.0.0.1:1/",
        "file:///etc/SECRET",
        "http://lifeboat.invalid/SECRET",
        "SECRET",
        "",
        "http://[::bad/SECRET",
        "https://127.0.0.1:1/SECRET?token=SECRET",
        "ftp://127.0.0.1/SECRET",
    };
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        Arena *arena = arena_new();
        HttpResponse response = {0};
        const Err *err = http_send(arena, &(HttpRequest){.method = "GET", .url = urls[i]}, &response);
        assert_non_null(err);
        if (strstr(err_text(arena, err), "SECRET") != NULL && strcmp(urls[i], "SECRET") != 0)
            fail_msg("%s", err_text(arena, err));
        arena_free(arena);
    }
}

static void a_plain_server_does_not_pass_for_tls(void **state) {
    Arena *arena = arena_new();
    Server server = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
    HttpResponse response = {0};
    start(&server);
    const char *url = arena_printf(arena, "https://127.0.0.1:%d/SECRET", server.port);
    const Err *err =
        http_send(arena, &(HttpRequest){.method = "GET", .url = url, .timeout = 2 * TIME_SECOND}, &response);
    stop(&server);
    assert_non_null(err);
    assert_null(strstr(err_text(arena, err), "SECRET"));
    arena_free(arena);
}

static void only_the_origin_of_a_url_is_shown(void **state) {
    static const struct {
        const char *url, *origin;
    } cases[] = {
        {"https://hooks.slack.com/services/T/B/x", "https://hooks.slack.com"},
        {"https://user:password@example.org:8443/x?y#z", "https://example.org:8443"},
        {"nonsense", "the address (not a valid URL)"},
        {"http://ex\033ample/", "the address (not a valid URL)"},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(http_origin(arena, cases[i].url), cases[i].origin);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_of_every_status_are_responses),
        cmocka_unit_test(a_long_answer_is_cut_not_kept),
        cmocka_unit_test(silence_ends_at_the_deadline_without_the_secret),
        cmocka_unit_test(unreachable_places_are_errors_without_the_secret),
        cmocka_unit_test(a_plain_server_does_not_pass_for_tls),
        cmocka_unit_test(only_the_origin_of_a_url_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
