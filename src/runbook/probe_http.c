/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/probe_http.h"

#include <string.h>
#include <strings.h>

#include "base/http.h"

enum { HTTP_LONGEST_MINUTES = 1, HTTP_KEPT = 64 * 1024 };

/* --- reading the block --- */

static Err *parse_request(Arena *arena, Text line, ProbeHttp *out) {
    Text rest = {0}, method = text_cut(text_trim(line), ' ', &rest);
    if (!text_is(method, "GET") && !text_is(method, "HEAD") && !text_is(method, "POST"))
        return err_new(arena, ERR_DATA, "an http block begins with GET, HEAD or POST and a URL, not with %s",
                       text_quote(arena, line, 60));
    out->method = text_dup(arena, method);
    out->url = text_dup(arena, text_trim(rest));
    if (out->url[0] == '\0' || strchr(out->url, ' ') != NULL)
        return err_new(arena, ERR_DATA, "behind %s stands one URL without blanks", out->method);
    return NULL;
}

static Err *parse_line(Arena *arena, Text key, Text value, ProbeHttp *out) {
    if (text_is(key, "present"))
        return condition_parse(arena, value, CONDITION_IN_HTTP, LIST_PUSH(arena, out->present));
    if (text_is(key, "timeout"))
        return condition_length_parse(arena, value, &out->timeout);
    if (text_is(key, "body") && strcmp(out->method, "POST") != 0)
        return err_new(arena, ERR_DATA, "only POST has a body");
    if (text_is(key, "body")) {
        out->body = text_dup(arena, value);
        return NULL;
    }
    if (!text_is(key, "header"))
        return err_new(arena, ERR_DATA, "an http block has no line %s", text_quote(arena, key, 60));
    if (text_find(value, ':') <= 0)
        return err_new(arena, ERR_DATA, "a header is written \"header: Name: value\"");
    *LIST_PUSH(arena, out->headers) = text_dup(arena, value);
    return NULL;
}

Err *probe_http_parse(Arena *arena, Text body, ProbeHttp *out) {
    Text rest = {0}, key = {0}, value = {0};
    while (text_starts(body, "\n"))
        body = text_slice(body, 1, body.length);
    *out = (ProbeHttp){.timeout = {.type = CONDITION_NUMBER, .number = 5}};
    TRY(parse_request(arena, text_cut(body, '\n', &rest), out));
    while (probe_next_line(&rest, &key, &value)) {
        if (value.at == NULL)
            return err_new(arena, ERR_DATA, "a line of an http block is \"key: value\", not %s",
                           text_quote(arena, key, 60));
        TRY(parse_line(arena, key, value, out));
    }
    if (out->present.count == 0)
        return err_new(arena, ERR_DATA, "an http block needs a line \"present: CONDITION\"");
    return NULL;
}

/* --- asking --- */

static Err *bind(Arena *arena, ProbeHttp *http, const ProbeContext *context) {
    TRY(condition_bind_value(arena, &http->timeout, context->values, context->now));
    if (http->timeout.type != CONDITION_NUMBER || !(http->timeout.number > 0) ||
        http->timeout.number > HTTP_LONGEST_MINUTES * 60)
        return err_new(arena, ERR_DATA, "timeout: is a length of time of at most %d min", HTTP_LONGEST_MINUTES);
    LIST_EACH (Conditions, line, http->present) {
        TRY(condition_bind(arena, line, context->values, context->now));
    }
    return NULL;
}

/* What may be shown of the address: a value in it may be a secret (a webhook is one), what is written in the block is
 * not. */
static const char *shown_url(Arena *arena, const ParameterValues *values, const char *url, const char *template) {
    const char *path = strstr(template, "}}");
    path = path == NULL || strncmp(template, "{{", 2) != 0 ? strstr(template, "://") : path;
    path = path == NULL ? NULL : strchr(path + 2 + (path[0] == ':'), '/');
    const char *end = path == NULL ? NULL : strchr(path, '?');
    Text shown = path == NULL ? (Text){0} : (Text){path, end == NULL ? strlen(path) : (size_t)(end - path)};
    return arena_printf(arena, "%s%s", http_origin(arena, url),
                        text_safe(arena, probe_shown(arena, values, text_dup(arena, shown))));
}

/* The address stands in front of it already. */
static const char *without_origin(Arena *arena, const char *url, const char *message) {
    const char *origin = http_origin(arena, url);
    size_t length = strlen(origin);
    return strncmp(message, origin, length) == 0 && message[length] == ' ' ? message + length + 1 : message;
}

static Err *make_request(Arena *arena, const ProbeHttp *http, const ProbeContext *context, HttpRequest *out) {
    LIST(const char *) headers = {0};
    LIST_EACH (const char *, header, http->headers) {
        const char *filled = NULL;
        TRY(probe_fill(arena, context->values, *header, PROBE_IN_HEADER, &filled));
        *LIST_PUSH(arena, headers) = filled;
    }
    *LIST_PUSH(arena, headers) = NULL;
    *out = (HttpRequest){.method = http->method,
                         .headers = headers.items,
                         .timeout = (int64_t)(http->timeout.number * (double)TIME_SECOND),
                         .maximum = HTTP_KEPT,
                         .whole = true};
    TRY(probe_fill(arena, context->values, http->url, PROBE_IN_URL, &out->url));
    if (strncasecmp(out->url, "http://", 7) != 0 && strncasecmp(out->url, "https://", 8) != 0)
        return err_new(arena, ERR_CONFIG, "%s does not begin with http:// or https://", text_safe(arena, http->url));
    const char *body = "";
    if (http->body != NULL)
        TRY(probe_fill(arena, context->values, http->body, PROBE_IN_BODY, &body));
    out->body = text_of(body);
    return NULL;
}

typedef struct Asked {
    const ProbeHttp *http;
    const ParameterValues *values;
    const ConditionReply *reply;
} Asked;

static ConditionAnswer decide(Arena *arena, const Asked *asked, ProbeAnswer *out, Buf *seen) {
    ConditionAnswer any = CONDITION_FALSE;
    LIST_EACH (const Conditions, line, asked->http->present) {
        Buf *mine = buf_new(arena, 8 * 1024);
        ConditionAnswer answer = condition_http_line(arena, line, asked->reply, mine);
        any = condition_or(any, answer);
        if (answer == CONDITION_TRUE)
            probe_say(arena, out,
                      text_of(arena_printf(arena, "holds: %s%s%s%s", probe_shown(arena, asked->values, line->written),
                                           mine->length > 0 ? " (" : "", mine->length > 0 ? mine->at : "",
                                           mine->length > 0 ? ")" : "")));
        if (answer == CONDITION_UNKNOWN && mine->length > 0)
            buf_printf(seen, "%s%s", seen->length > 0 ? ", " : "", mine->at);
    }
    return any;
}

Err *probe_http(Arena *arena, const ProbeContext *context, const IssueBlock *block, ProbeAnswer *out) {
    ProbeHttp http;
    HttpRequest request;
    HttpResponse response = {0};
    TRY(probe_http_parse(arena, (Text){block->body, block->length}, &http));
    TRY(bind(arena, &http, context));
    TRY(make_request(arena, &http, context, &request));
    const char *where = shown_url(arena, context->values, request.url, http.url);
    const Err *failure = http_send(arena, &request, &response);
    if (failure != NULL && failure->kind != ERR_TIMEOUT && failure->kind != ERR_CONNECT)
        return err_wrap(arena, failure, "%s cannot be asked", where);
    ConditionReply reply = {.answered = failure == NULL};
    const char *first = NULL;
    if (failure == NULL) {
        reply.status = response.status;
        reply.seconds = (double)response.elapsed / (double)TIME_SECOND;
        reply.body = buf_view(response.body);
        reply.headers = buf_view(response.headers);
        reply.document = condition_json_read(arena, reply.body);
        first = arena_printf(arena, "%s %s: %d in %s", http.method, where, response.status,
                             time_length_text(arena, response.elapsed));
    } else {
        first =
            arena_printf(arena, "%s %s: %s", http.method, where, without_origin(arena, request.url, failure->message));
    }
    probe_say(arena, out, text_of(first));
    Buf *seen = buf_new(arena, 4096);
    ConditionAnswer answer = decide(arena, &(Asked){&http, context->values, &reply}, out, seen);
    /* A reply that is no error may hold what nobody should read in a report, such as a token. */
    if (answer == CONDITION_TRUE && reply.status >= 400 && reply.body.length > 0)
        probe_say(arena, out, reply.body);
    out->outcome = answer == CONDITION_TRUE ? PROBE_PRESENT : PROBE_ABSENT;
    if (answer != CONDITION_UNKNOWN)
        return NULL;
    const char *why = seen->length > 0         ? arena_printf(arena, " (%s)", seen->at)
                      : !reply.answered        ? ""
                      : reply.document == NULL ? " (the reply is not JSON)"
                                               : "";
    return err_new(arena, failure != NULL ? failure->kind : ERR_DATA, "%s%s", first, why);
}
