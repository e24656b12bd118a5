/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_NOTIFY_NOTIFY_POST_H
#define LIFEBOAT_NOTIFY_NOTIFY_POST_H

#include "base/http.h"
#include "base/option.h"

/*
 * One message over HTTP, tried until it is answered or its patience is over: no answer, 429 and 5xx are tried again
 * after 1, 2, 4 ... 16 s, or after what Retry-After says. A wait that would not fit into the patience is not begun.
 */
extern const Option notify_post_url; /* the address, of the types that have just one */

typedef struct NotifyPost {
    const char *url;
    const char *const *headers; /* NULL-terminated */
    Text body;
    const Settings *settings; /* patience, ca_file */
} NotifyPost;

/* *out is an answer that is neither 429 nor 5xx: what it means is the caller's to say. */
Err *notify_post(Arena *arena, const NotifyPost *post, HttpResponse *out);

/* The words of an answer, for people: a short one as it is, printable; anything long (an HTML page) is left out. */
const char *notify_post_words(Arena *arena, const HttpResponse *response);

#endif
