/* SPDX-License-Identifier: PostgreSQL */
#include "notify/notify_post.h"

#include <time.h>

#include "base/interrupt.h"
#include "base/time.h"
#include "notify/notify.h"

#define ATTEMPT (10 * TIME_SECOND)
#define LONGEST_PAUSE (16 * TIME_SECOND)

const Option notify_post_url = {
    .name = "url",
    .type = OPTION_SECRET,
    .argument = "URL",
    .summary = "where messages go: Slack's incoming webhook, or an address of yours",
    .detail = "Whoever has it can write there, so keep it in a file of its own (url_file). Slack: Apps, Incoming "
              "Webhooks, Add to "
              "Slack; it looks like https://hooks.slack.com/services/T.../B.../... Mattermost, and Discord with /slack "
              "at the "
              "end of its URL, understand Slack's messages.",
};

const char *notify_post_words(Arena *arena, const HttpResponse *response) {
    Text words = text_trim(buf_view(response->body));
    if (words.length == 0 || words.length > 200 || words.at[0] == '<')
        return "";
    return arena_printf(arena, ": %s", text_safe(arena, text_dup(arena, words)));
}

static Err *pause_for(Arena *arena, int64_t length) {
    for (int64_t end = time_monotonic() + length; time_monotonic() < end;) {
        TRY(interrupt_check(arena));
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    return NULL;
}

static Err *attempt(Arena *arena, const NotifyPost *post, int64_t left, HttpResponse *out) {
    HttpRequest request = {.method = "POST",
                           .url = post->url,
                           .headers = post->headers,
                           .body = post->body,
                           .timeout = left < ATTEMPT ? left : ATTEMPT,
                           .ca_file = settings_text(post->settings, &notify_ca_file)};
    *out = (HttpResponse){.retry_after = -1};
    TRY(http_send(arena, &request, out));
    if (out->status != 429 && out->status < 500)
        return NULL;
    return err_new(arena, ERR_SERVER, "%s answered %d%s", http_origin(arena, post->url), out->status,
                   notify_post_words(arena, out));
}

Err *notify_post(Arena *arena, const NotifyPost *post, HttpResponse *out) {
    int64_t end = time_monotonic() + settings_duration(post->settings, &notify_patience);
    int64_t usual = TIME_SECOND;
    for (int attempts = 1;; attempts++) {
        int64_t left = end - time_monotonic();
        Err *err = attempt(arena, post, left < TIME_SECOND ? TIME_SECOND : left, out);
        if (err == NULL || err->kind == ERR_INTERRUPTED)
            return err;
        int64_t wait = out->retry_after >= 0 ? out->retry_after * TIME_SECOND : usual;
        if (time_monotonic() + wait >= end)
            return err_wrap(
                arena, err, "not delivered after %d attempt%s%s", attempts, attempts == 1 ? "" : "s",
                out->retry_after < 0 ? "" : arena_printf(arena, " (asked to wait %s)", time_length_text(arena, wait)));
        TRY(pause_for(arena, wait));
        usual = usual * 2 > LONGEST_PAUSE ? LONGEST_PAUSE : usual * 2;
    }
}
