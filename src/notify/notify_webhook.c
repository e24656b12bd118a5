/* SPDX-License-Identifier: PostgreSQL */
#include "notify/notify_webhook.h"

#include "notify/notify_post.h"

static const Option *const options[] = {&notify_post_url, NULL};

static json_t *make_body(Arena *arena, const NotifyMessage *message) {
    json_t *body = json_start(arena, json_object());
    json_put_string(body, "schema", "lifeboat.notification/1");
    json_put_string(body, "event", notify_event_name(message->event));
    json_put_string(body, "title", notify_title(arena, message));
    json_put_string(body, "channel", message->channel);
    json_put_string(body, "target", message->target);
    json_put_time(body, "since", message->since);
    json_put(body, "report", message->report == NULL ? json_null() : json_incref(report_json(arena, message->report)));
    return body;
}

static Err *send_message(Arena *arena, const Settings *settings, const NotifyMessage *message) {
    static const char *const headers[] = {"Content-Type: application/json; charset=utf-8", NULL};
    const char *address = settings_text(settings, &notify_post_url);
    HttpResponse response;
    NotifyPost post = {.url = address,
                       .headers = headers,
                       .body = text_of(json_render(arena, make_body(arena, message), true)),
                       .settings = settings};
    TRY(notify_post(arena, &post, &response));
    if (response.status >= 200 && response.status < 300)
        return NULL;
    return err_new(arena, ERR_SERVER, "%s answered %d%s", http_origin(arena, address), response.status,
                   notify_post_words(arena, &response));
}

const NotifyType notify_webhook = {
    .name = "webhook",
    .summary = "an address of yours: the report as JSON",
    .detail = "POST of a JSON object with the event, its title and the whole report. Any 2xx answer is success.",
    .options = options,
    .address = &notify_post_url,
    .send = send_message,
};
