/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_HTTP_H
#define LIFEBOAT_BASE_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * HTTP client (libcurl). One request, bounded in time and in bytes; redirects are not followed; TLS certificates are
 * always verified. URLs can be secrets (a Slack webhook is one), so errors name scheme and host only.
 */
typedef struct HttpRequest {
    const char *method; /* "GET", "HEAD", "POST" */
    const char *url;
    const char *const *headers; /* NULL-terminated "Name: value", or NULL */
    Text body;
    int64_t timeout;     /* microseconds for the whole exchange; 0 means 10 s */
    size_t maximum;      /* bytes of answer kept; 0 means 64 KiB */
    const char *ca_file; /* extra trust anchor, or NULL */
    bool whole;          /* waits for the last byte: what goes beyond `maximum` is dropped */
} HttpRequest;

typedef struct HttpResponse {
    int status;
    Buf *body;
    Buf *headers;        /* "Name: value" lines, at most 64 KiB of them */
    int64_t retry_after; /* seconds from Retry-After, -1 when absent */
    int64_t elapsed;     /* microseconds */
} HttpResponse;

/* An error when no answer came (name, connection, TLS, time-out); any status is a response. */
Err *http_send(Arena *arena, const HttpRequest *request, HttpResponse *out);

/* "https://hooks.slack.com": what may be shown of a URL. */
const char *http_origin(Arena *arena, const char *url);

#endif
