/* SPDX-License-Identifier: PostgreSQL */
#include "notify/notify_slack.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "notify/notify_post.h"

enum { SHOWN_FINDINGS = 5 };

static const Option *const options[] = {&notify_post_url, NULL};

/* The first character of the text as Slack must get it; its length in the text in *taken. */
static Text escape_one(const char *at, size_t *taken) {
    *taken = 1;
    switch (*at) {
    case '&':
        return TEXT("&amp;");
    case '<':
        return TEXT("&lt;");
    case '>':
        return TEXT("&gt;");
    case '`':
        return TEXT("'"); /* would end a piece of code early */
    default:
        while (((unsigned char)at[*taken] & 0xc0) == 0x80)
            ++*taken;
        return (Text){.at = at, .length = *taken};
    }
}

const char *notify_slack_escape(Arena *arena, const char *text, size_t limit) {
    const Text ellipsis = TEXT("…");
    Buf *out = buf_new(arena, limit);
    size_t cut = 0; /* last place between characters that leaves room for the ellipsis */
    for (size_t taken; *text != '\0'; text += taken) {
        if (out->length + ellipsis.length <= limit)
            cut = out->length;
        if (!buf_text(out, escape_one(text, &taken))) {
            out->length = cut;
            out->full = false;
            buf_text(out, ellipsis);
            break;
        }
    }
    return text_dup(arena, buf_view(out));
}

static const char *shown(Arena *arena, const char *text, size_t limit) {
    return notify_slack_escape(arena, text_safe(arena, text == NULL ? "" : text), limit);
}

static void add_text(json_t *blocks, const char *kind, const char *text) {
    json_t *block = json_add(blocks, json_object());
    json_put_string(block, "type", kind);
    json_t *body = json_put(block, "text", json_object());
    json_put_string(body, "type", strcmp(kind, "header") == 0 ? "plain_text" : "mrkdwn");
    json_put_string(body, "text", text);
}

static void add_piece(Arena *arena, json_t *list, const char *label, const char *value) {
    json_t *piece = json_add(list, json_object());
    json_put_string(piece, "type", "mrkdwn");
    json_put_string(piece, "text", arena_printf(arena, "*%s*\n%s", label, value));
}

static void add_facts(Arena *arena, json_t *blocks, const NotifyMessage *message) {
    const Report *report = message->report;
    const Backup *backup = report->backup;
    json_t *block = json_add(blocks, json_object());
    json_put_string(block, "type", "section");
    json_t *fields = json_put(block, "fields", json_array());
    const char *name = backup != NULL                                  ? backup->id
                       : report->path == NULL || *report->path == '\0' ? "none"
                                                                       : report->path;
    add_piece(arena, fields, "Backup", shown(arena, name, 300));
    if (backup != NULL && backup->taken_at != TIME_NONE)
        add_piece(arena, fields, "Taken",
                  arena_printf(arena, "%s (%s before the check)", time_text(arena, backup->taken_at),
                               time_length_text(arena, report->finished_at - backup->taken_at)));
    add_piece(arena, fields, "Proof level",
              arena_printf(arena, "%d of 6, %s", report->proof_level, report_proof_name(report->proof_level)));
    if (message->since != TIME_NONE)
        add_piece(arena, fields, message->event == NOTIFY_RECOVERY ? "Problem began" : "Since",
                  time_text(arena, message->since));
}

static void put_numbers(Arena *arena, Buf *lines, const Finding *finding) {
    bool expected = finding->expected != NULL && *finding->expected != '\0';
    bool found = finding->found != NULL && *finding->found != '\0';
    if (expected || found)
        buf_printf(lines, " (%s%s%s%s%s)", expected ? "expected " : "",
                   expected ? shown(arena, finding->expected, 80) : "", expected && found ? ", " : "",
                   found ? "found " : "", found ? shown(arena, finding->found, 80) : "");
}

static void put_finding(Arena *arena, Buf *lines, const Finding *finding) {
    buf_printf(lines, "• `%s` ", shown(arena, finding->id, 60));
    if (finding->where != NULL && *finding->where != '\0')
        buf_printf(lines, "*%s*: ", shown(arena, finding->where, 100));
    buf_string(lines, shown(arena, finding->message, 200));
    put_numbers(arena, lines, finding);
    buf_byte(lines, '\n');
}

/* What failed: findings of the report's severity, then checks that could not run. */
static void add_findings(Arena *arena, json_t *blocks, const Report *report) {
    Findings findings = {0};
    Buf *lines = buf_new(arena, 3000);
    size_t listed = 0, all = 0;
    report_findings(arena, report, report->verdict == VERDICT_WARN ? CHECK_WARNING : CHECK_FAILURE, &findings);
    LIST_EACH (Finding, finding, findings) {
        if (all++ < SHOWN_FINDINGS && ++listed > 0)
            put_finding(arena, lines, finding);
    }
    LIST_EACH (const CheckResult, result, report->checks) {
        if (result->status != CHECK_UNKNOWN)
            continue;
        if (all++ < SHOWN_FINDINGS && ++listed > 0)
            buf_printf(lines, "• `%s` could not run: %s\n", shown(arena, result->check->id, 60),
                       shown(arena, result->why, 200));
    }
    if (all > listed)
        buf_printf(lines, "and %zu more\n", all - listed);
    if (all > 0)
        add_text(blocks, "section", arena_strndup(arena, lines->at, lines->length));
}

/* The page of the first finding that fails says what to do; the report's own next step stands in when there is none. */
static const char *what_to_do(Arena *arena, const Report *report) {
    Findings findings = {0};
    report_findings(arena, report, CHECK_WARNING, &findings);
    const CheckFinding *worst = NULL;
    LIST_EACH (Finding, finding, findings) {
        const CheckFinding *declared = check_find_finding(finding->id);
        if (declared != NULL &&
            (worst == NULL || (finding->severity == CHECK_FAILURE && worst->severity != CHECK_FAILURE)))
            worst = declared;
    }
    const char *next = report->next_step == NULL ? "" : report->next_step;
    /* The report's own may say more: which page of the runbook has it. */
    if (worst == NULL || worst->action == NULL || text_starts(text_of(next), worst->action))
        return next;
    return worst->action;
}

static const char *host_name(Arena *arena) {
    char name[HOST_NAME_MAX + 1] = "";
    return gethostname(name, sizeof(name) - 1) == 0 ? arena_strdup(arena, name) : "this machine";
}

static void add_context(Arena *arena, json_t *blocks, const Report *report) {
    json_t *block = json_add(blocks, json_object());
    json_put_string(block, "type", "context");
    json_t *element = json_add(json_put(block, "elements", json_array()), json_object());
    json_put_string(element, "type", "mrkdwn");
    const char *text = arena_printf(arena, "lifeboat %s on %s", LIFEBOAT_VERSION, shown(arena, host_name(arena), 64));
    if (report != NULL)
        text = arena_printf(arena, "%s, %s · whole report there: `lifeboat log %s`", text,
                            time_text(arena, report->finished_at), shown(arena, report->run_id, 40));
    json_put_string(element, "text", text);
}

json_t *notify_slack_body(Arena *arena, const NotifyMessage *message) {
    static const char *const marks[] = {
        [VERDICT_UNKNOWN] = "?", [VERDICT_PASS] = "✓", [VERDICT_WARN] = "!", [VERDICT_FAIL] = "✗"};
    json_t *body = json_start(arena, json_object());
    const Report *report = message->report;
    const char *mark = report == NULL ? "✓" : marks[report->verdict];
    const char *title = arena_printf(arena, "%s %s", mark, notify_title(arena, message));
    const char *reason = report == NULL ? "If you can read this, lifeboat can tell you when a backup fails."
                                        : shown(arena, report->reason, 1000);
    json_put_string(body, "text", arena_printf(arena, "%s. %s", notify_slack_escape(arena, title, 300), reason));
    json_t *blocks = json_put(body, "blocks", json_array());
    add_text(blocks, "header", notify_slack_escape(arena, title, 150));
    if (*reason != '\0')
        add_text(blocks, "section", reason);
    if (report != NULL) {
        add_facts(arena, blocks, message);
        add_findings(arena, blocks, report);
        const char *action = message->event == NOTIFY_RECOVERY ? "" : what_to_do(arena, report);
        if (*action != '\0')
            add_text(blocks, "section",
                     arena_printf(arena, "*What to do now*\n%s", notify_slack_escape(arena, action, 900)));
    }
    add_context(arena, blocks, report);
    return body;
}

/* Slack says no in a short word; these mean that the webhook itself is gone. */
static Err *refused(Arena *arena, const char *address, const HttpResponse *response) {
    Err *err = err_new(arena, ERR_SERVER, "%s answered %d%s", http_origin(arena, address), response->status,
                       notify_post_words(arena, response));
    if (response->status == 400)
        return err_hint(
            arena, err,
            "the address is not a Slack webhook, or Slack did not like the message: run lifeboat notify-test");
    if (response->status == 200)
        return err_hint(arena, err,
                        "Slack answers \"ok\": something else is between, or the address is not a Slack webhook");
    return err_hint(
        arena, err,
        "the webhook or its channel is gone: make a new incoming webhook in Slack, put its URL into url_file and "
        "run lifeboat notify-test");
}

static Err *send_message(Arena *arena, const Settings *settings, const NotifyMessage *message) {
    static const char *const headers[] = {"Content-Type: application/json; charset=utf-8", NULL};
    const char *address = settings_text(settings, &notify_post_url);
    HttpResponse response;
    NotifyPost post = {.url = address,
                       .headers = headers,
                       .body = text_of(json_render(arena, notify_slack_body(arena, message), true)),
                       .settings = settings};
    TRY(notify_post(arena, &post, &response));
    if (response.status == 200 && text_is(text_trim(buf_view(response.body)), "ok"))
        return NULL;
    return refused(arena, address, &response);
}

const NotifyType notify_slack = {
    .name = "slack",
    .summary = "a Slack channel, by incoming webhook",
    .detail = "Says what failed with its number, which backup it was, since when, and what to do now.",
    .options = options,
    .address = &notify_post_url,
    .send = send_message,
};
