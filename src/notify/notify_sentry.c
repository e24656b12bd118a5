/* SPDX-License-Identifier: PostgreSQL */
#include "notify/notify_sentry.h"

#include <openssl/rand.h>
#include <string.h>

#include "notify/notify_post.h"

static const Option dsn = {
    .name = "dsn",
    .type = OPTION_SECRET,
    .argument = "DSN",
    .summary = "the Sentry project's DSN",
    .detail = "Sentry: Settings, Projects, Client Keys (DSN); it looks like https://KEY@HOST/PROJECT.",
};

static const Option *const options[] = {&dsn, NULL};

static bool is_segment(Text text) {
    for (size_t i = 0; i < text.length; i++) {
        if (strchr("/?#@ \"\\", text.at[i]) != NULL || (unsigned char)text.at[i] < 0x20)
            return false;
    }
    return text.length > 0;
}

/* PROTOCOL://KEY[:SECRET]@HOST[/PATH]/PROJECT; the secret part is obsolete and not sent. */
Err *notify_sentry_address(Arena *arena, const char *value, NotifySentryAddress *out) {
    Text rest = text_of(value), key, host, ignored;
    const char *scheme = text_starts(rest, "https://") ? "https" : text_starts(rest, "http://") ? "http" : NULL;
    size_t project_at = rest.length;
    while (project_at > 0 && rest.at[project_at - 1] != '/')
        project_at--;
    if (scheme != NULL && text_find(rest, '@') >= 0) {
        Text project = text_slice(rest, project_at, rest.length);
        rest = text_slice(rest, strlen(scheme) + 3, project_at);
        key = text_cut(text_cut(rest, '@', &host), ':', &ignored);
        if (host.length > 1 && host.at[0] != '/' && is_segment(project) && is_segment(key)) {
            out->url =
                arena_printf(arena, "%s://%sapi/%s/envelope/", scheme, text_dup(arena, host), text_dup(arena, project));
            out->key = text_dup(arena, key);
            return NULL;
        }
    }
    return err_hint(arena, err_new(arena, ERR_CONFIG, "the dsn is not a Sentry DSN"),
                    "it looks like https://KEY@HOST/PROJECT: Sentry shows it under Settings, Projects, Client Keys");
}

static const char *level_of(const NotifyMessage *message) {
    if (message->event == NOTIFY_TEST || message->event == NOTIFY_RECOVERY)
        return "info";
    return message->report->verdict == VERDICT_WARN ? "warning" : "error";
}

static const char *new_event_id(Arena *arena) {
    unsigned char bytes[16];
    Buf *hex = buf_new(arena, 32);
    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        memcpy(bytes, &(int64_t[]){time_now(), time_monotonic()}, sizeof(bytes)); /* unique is enough */
    for (size_t i = 0; i < sizeof(bytes); i++)
        buf_printf(hex, "%02x", bytes[i]);
    return text_dup(arena, buf_view(hex));
}

static void put_report(Arena *arena, json_t *event, const NotifyMessage *message) {
    const Report *report = message->report;
    Findings findings = {0};
    json_t *tags = json_put(event, "tags", json_object());
    json_put_string(tags, "target", message->target);
    json_put_string(tags, "verdict", report_verdict_name(report->verdict));
    json_put_string(tags, "proof_level", report_proof_name(report->proof_level));
    json_t *fingerprint = json_put(event, "fingerprint", json_array());
    json_add(fingerprint, json_string("lifeboat"));
    json_add(fingerprint, json_text_value(text_of(message->target)));
    json_t *extra = json_put(event, "extra", json_object());
    json_put_string(extra, "reason", report->reason);
    json_put_string(extra, "run_id", report->run_id);
    json_put_string(extra, "backup", report->backup == NULL ? report->path : report->backup->id);
    json_put_string(extra, "next_step", report->next_step);
    json_put_time(extra, "since", message->since);
    json_t *list = json_put(extra, "findings", json_array());
    report_findings(arena, report, CHECK_WARNING, &findings);
    for (size_t i = 0; i < findings.count && i < 20; i++)
        json_add(list, json_text_value(text_of(arena_printf(arena, "%s %s: %s", findings.items[i].id,
                                                            findings.items[i].where, findings.items[i].message))));
}

Text notify_sentry_envelope(Arena *arena, const NotifyMessage *message) {
    const char *id = new_event_id(arena);
    json_t *event = json_start(arena, json_object());
    json_put_string(event, "event_id", id);
    json_put_time(event, "timestamp", time_now());
    json_put_string(event, "platform", "other");
    json_put_string(event, "level", level_of(message));
    json_put_string(event, "logger", "lifeboat");
    json_put_string(event, "release", "lifeboat@" LIFEBOAT_VERSION);
    const char *title = notify_title(arena, message);
    const char *reason = message->report == NULL ? "" : message->report->reason;
    json_t *text = json_put(event, "logentry", json_object());
    json_put_string(text, "formatted", arena_printf(arena, "%s. %s", title, reason == NULL ? "" : reason));
    if (message->report != NULL)
        put_report(arena, event, message);
    json_t *header = json_start(arena, json_object());
    json_put_string(header, "event_id", id);
    json_put_time(header, "sent_at", time_now());
    const char *payload = json_render(arena, event, true);
    return text_of(arena_printf(arena, "%s\n{\"type\":\"event\",\"length\":%zu}\n%s\n",
                                json_render(arena, header, true), strlen(payload), payload));
}

static Err *send_message(Arena *arena, const Settings *settings, const NotifyMessage *message) {
    NotifySentryAddress address;
    HttpResponse response;
    TRY(notify_sentry_address(arena, settings_text(settings, &dsn), &address));
    const char *const headers[] = {
        "Content-Type: application/x-sentry-envelope",
        arena_printf(arena, "X-Sentry-Auth: Sentry sentry_version=7, sentry_client=lifeboat/%s, sentry_key=%s",
                     LIFEBOAT_VERSION, address.key),
        NULL};
    NotifyPost post = {
        .url = address.url, .headers = headers, .body = notify_sentry_envelope(arena, message), .settings = settings};
    TRY(notify_post(arena, &post, &response));
    if (response.status == 200)
        return NULL;
    Err *err = err_new(arena, ERR_SERVER, "%s answered %d%s", http_origin(arena, address.url), response.status,
                       notify_post_words(arena, &response));
    if (response.status == 401 || response.status == 403 || response.status == 404)
        return err_hint(arena, err, "the DSN is no longer valid: copy the project's DSN from Sentry again");
    return err;
}

const NotifyType notify_sentry = {
    .name = "sentry",
    .summary = "a Sentry project, by DSN",
    .detail =
        "One event per message; those of one target are grouped as one issue. A recovery is an event of level info.",
    .options = options,
    .address = &dsn,
    .send = send_message,
};
