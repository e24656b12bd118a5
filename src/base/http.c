/* SPDX-License-Identifier: PostgreSQL */
#include "base/http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/interrupt.h"
#include "base/time.h"

enum { HTTP_BODY = 64 * 1024 };

typedef struct Exchange {
    Buf *body, *headers;
    bool cut;   /* the answer was longer than what is kept */
    bool whole; /* but its end is waited for */
    int64_t retry_after;
} Exchange;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_curl(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

const char *http_origin(Arena *arena, const char *url) {
    const char *origin = "the address (not a valid URL)";
    char *scheme = NULL, *host = NULL, *port = NULL;
    CURLU *parsed = curl_url();
    if (parsed != NULL && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        curl_url_get(parsed, CURLUPART_PORT, &port, 0);
        origin = text_safe(
            arena, arena_printf(arena, "%s://%s%s%s", scheme, host, port == NULL ? "" : ":", port == NULL ? "" : port));
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parsed);
    return origin;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
    Exchange *exchange = context;
    size_t length = size * count, room = exchange->body->maximum - exchange->body->length;
    exchange->cut = length > room;
    buf_append(exchange->body, bytes, exchange->cut ? room : length);
    return exchange->cut && !exchange->whole ? 0 : length; /* 0 ends the transfer: nobody needs the rest */
}

/* Of an informational answer (100) before the real one nothing is kept. */
static void keep_header(Exchange *exchange, Text line) {
    if (text_starts(line, "HTTP/"))
        buf_clear(exchange->headers);
    else
        buf_text(exchange->headers, line);
}

/* Retry-After: seconds, or a date (RFC 9110, 10.2.3). */
static size_t on_header(char *bytes, size_t size, size_t count, void *context) {
    static const char name[] = "Retry-After:";
    Exchange *exchange = context;
    Text line = {.at = bytes, .length = size * count};
    keep_header(exchange, line);
    if (line.length < sizeof(name) - 1 || strncasecmp(line.at, name, sizeof(name) - 1) != 0)
        return line.length;
    Arena *scratch = arena_new();
    Text value = text_trim(text_slice(line, sizeof(name) - 1, line.length));
    uint64_t seconds = 0;
    if (text_to_u64(value, &seconds)) {
        exchange->retry_after = seconds > INT32_MAX ? INT32_MAX : (int64_t)seconds;
    } else {
        time_t when = curl_getdate(text_dup(scratch, value), NULL);
        if (when != (time_t)-1)
            exchange->retry_after = when > time(NULL) ? when - time(NULL) : 0;
    }
    arena_free(scratch);
    return line.length;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    return interrupt_requested(); /* anything but 0 ends the transfer */
}

static struct curl_slist *make_headers(const char *const *headers) {
    struct curl_slist *list = NULL;
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i++)
        list = curl_slist_append(list, headers[i]);
    return curl_slist_append(list, "Expect:"); /* a "100 Continue" round trip only makes small posts slow */
}

static void set_options(CURL *curl, const HttpRequest *request, Exchange *exchange, char *words) {
    long timeout = (long)((request->timeout == 0 ? 10 * TIME_SECOND : request->timeout) / 1000);
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout < 1 ? 1L : timeout);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "lifeboat/" LIFEBOAT_VERSION);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    if (request->ca_file != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, request->ca_file);
    if (request->body.length > 0 || strcmp(request->method, "POST") == 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.length);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body.length == 0 ? "" : request->body.at);
    }
    if (strcmp(request->method, "HEAD") == 0)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L); /* or curl waits for a body that never comes */
    else
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

static Err *explain(Arena *arena, const HttpRequest *request, CURLcode code, const char *words) {
    const char *origin = http_origin(arena, request->url);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return err_new(arena, ERR_INTERRUPTED, "the request to %s was stopped on request", origin);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return err_new(arena, ERR_TIMEOUT, "%s did not answer within %s", origin,
                       time_length_text(arena, request->timeout == 0 ? 10 * TIME_SECOND : request->timeout));
    /* curl's longer words name hosts, never paths; but they are not ours, so a URL part in them is not passed on. */
    const char *path = strstr(request->url, "://");
    path = path == NULL ? NULL : strchr(path + 3, '/');
    bool usable = words[0] != '\0' && (path == NULL || path[1] == '\0' || strstr(words, path) == NULL) &&
                  strchr(request->url, '@') == NULL;
    return err_new(arena, ERR_CONNECT, "%s could not be reached: %s", origin,
                   text_safe(arena, usable ? words : curl_easy_strerror(code)));
}

Err *http_send(Arena *arena, const HttpRequest *request, HttpResponse *out) {
    pthread_once(&once, start_curl);
    CURL *curl = curl_easy_init();
    if (curl == NULL)
        return err_new(arena, ERR_LIMIT, "libcurl could not be started");
    Exchange exchange = {.body = buf_new(arena, request->maximum == 0 ? HTTP_BODY : request->maximum),
                         .headers = buf_new(arena, HTTP_BODY),
                         .whole = request->whole,
                         .retry_after = -1};
    char words[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = make_headers(request->headers);
    set_options(curl, request, &exchange, words);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    int64_t started = time_monotonic();
    CURLcode code = curl_easy_perform(curl);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && exchange.cut))
        return explain(arena, request, code, words);
    *out = (HttpResponse){.status = (int)status,
                          .body = exchange.body,
                          .headers = exchange.headers,
                          .retry_after = exchange.retry_after,
                          .elapsed = time_monotonic() - started};
    return NULL;
}
