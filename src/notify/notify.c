/* SPDX-License-Identifier: PostgreSQL */
#include "notify/notify.h"

#include <string.h>

#include "base/log.h"
#include "notify/notify_sentry.h"
#include "notify/notify_slack.h"
#include "notify/notify_state.h"
#include "notify/notify_webhook.h"

const NotifyType *const notify_table[] = {&notify_slack, &notify_sentry, &notify_webhook, NULL};

static const char *const type_names[] = {"slack", "sentry", "webhook", NULL};

static const Option type_option = {
    .name = "type",
    .type = OPTION_CHOICE,
    .choices = type_names,
    .config_only = true,
    .summary = "what kind of channel this is",
    .detail =
        "slack: an incoming webhook. sentry: events by DSN. webhook: the whole report as JSON to an address of yours.",
};

static const Option targets_option = {
    .name = "targets",
    .type = OPTION_LIST,
    .argument = "NAMES",
    .config_only = true,
    .summary = "tell only about these targets (default: all)",
};

static const Option warnings_option = {
    .name = "warnings",
    .type = OPTION_FLAG,
    .fallback = "no",
    .config_only = true,
    .summary = "tell about warnings as well as about failures",
    .detail =
        "Failures and runs that could not tell (unknown) are always sent. With `warnings = yes` a run that passes with "
        "warnings counts as a problem of its own: it is sent when it begins, reminded of, and its end is sent too.",
};

static const Option remind_option = {
    .name = "remind",
    .type = OPTION_DURATION,
    .argument = "TIME",
    .fallback = "24h",
    .config_only = true,
    .summary = "say again that a problem lasts, at most this often",
    .detail =
        "A problem is sent once when it begins, again when it changes (unknown to fail, say), and then as a reminder "
        "at "
        "this interval until it ends. Reminders are only sent by runs: a daily run reminds at most daily. 0s: never.",
};

const Option notify_patience = {
    .name = "patience",
    .type = OPTION_DURATION,
    .argument = "TIME",
    .fallback = "60s",
    .config_only = true,
    .summary = "give up on a message after this time",
    .detail =
        "Within it a message that was not answered, or answered with 429 or 5xx, is tried again after 1, 2, 4 ... 16 "
        "s, or "
        "after what the server asks for (Retry-After). A message that was given up is sent again with the next run.",
};

const Option notify_ca_file = {
    .name = "ca_file",
    .type = OPTION_PATH,
    .argument = "FILE",
    .config_only = true,
    .summary = "trust these certificate authorities as well (PEM)",
    .detail = "For an address inside your network whose certificate comes from an authority of your own. Certificates "
              "are always "
              "checked; there is no switch that turns the check off.",
};

const Option *const notify_options[] = {
    &type_option, &targets_option, &warnings_option, &remind_option, &notify_patience, &notify_ca_file, NULL};

const char *notify_event_name(NotifyEvent event) {
    static const char *const names[] = {[NOTIFY_NOTHING] = "nothing",
                                        [NOTIFY_PROBLEM] = "problem",
                                        [NOTIFY_REMINDER] = "reminder",
                                        [NOTIFY_RECOVERY] = "recovery",
                                        [NOTIFY_TEST] = "test"};
    return names[event];
}

const char *notify_title(Arena *arena, const NotifyMessage *message) {
    static const char *const problems[] = {[VERDICT_UNKNOWN] = "the backup could not be verified",
                                           [VERDICT_PASS] = "the backup passed verification",
                                           [VERDICT_WARN] = "the backup passed verification with warnings",
                                           [VERDICT_FAIL] = "the backup failed verification"};
    static const char *const reminders[] = {[VERDICT_UNKNOWN] = "the backup still cannot be verified",
                                            [VERDICT_PASS] = "the backup passed verification",
                                            [VERDICT_WARN] = "the backup still has warnings",
                                            [VERDICT_FAIL] = "the backup still fails verification"};
    if (message->event == NOTIFY_TEST)
        return arena_printf(arena, "test message from lifeboat, channel %s", text_safe(arena, message->channel));
    const char *who = message->target;
    if (who == NULL || *who == '\0')
        who = message->report->backup != NULL ? message->report->backup->id : message->report->path;
    Verdict verdict = message->report->verdict;
    const char *words = message->event == NOTIFY_REMINDER  ? reminders[verdict]
                        : message->event == NOTIFY_PROBLEM ? problems[verdict]
                        : verdict == VERDICT_WARN          ? "recovered, with warnings: the backup passed verification"
                                                           : "recovered: the backup passed verification";
    return arena_printf(arena, "%s: %s", text_safe(arena, who == NULL ? "lifeboat" : who), words);
}

static bool is_problem(Verdict verdict, bool warnings) {
    return verdict == VERDICT_FAIL || verdict == VERDICT_UNKNOWN || (verdict == VERDICT_WARN && warnings);
}

NotifyEvent notify_decide(const NotifyMemory *memory, Verdict now, Time clock, int64_t remind, bool warnings) {
    bool was = is_problem(memory->before, warnings);
    if (!is_problem(now, warnings))
        return was ? NOTIFY_RECOVERY : NOTIFY_NOTHING;
    if (!was || memory->before != now)
        return NOTIFY_PROBLEM;
    if (remind == 0)
        return NOTIFY_NOTHING;
    /* A clock that was set back must not silence reminders until it has caught up. */
    if (memory->last_sent == TIME_NONE || memory->last_sent > clock)
        return NOTIFY_REMINDER;
    return clock - memory->last_sent >= remind - remind / 12 ? NOTIFY_REMINDER : NOTIFY_NOTHING;
}

static const NotifyType *find_type(const char *name) {
    for (size_t i = 0; notify_table[i] != NULL; i++) {
        if (strcmp(notify_table[i]->name, name) == 0)
            return notify_table[i];
    }
    return NULL;
}

static size_t count_rows(const Option *const *rows) {
    size_t count = 0;
    while (rows[count] != NULL)
        count++;
    return count;
}

void notify_declare(Settings *settings) {
    settings_declare(settings, notify_options, count_rows(notify_options));
    for (size_t type = 0; notify_table[type] != NULL; type++) {
        for (const Option *const *row = notify_table[type]->options; *row != NULL; row++) {
            if (settings_find(settings, (*row)->name) == NULL)
                settings_declare(settings, row, 1);
        }
    }
}

/* The type says which further keys the section may have, so it is looked up before the section is applied. */
static Err *read_channel(Arena *arena, const Config *config, const ConfigSection *section, NotifyChannel *out) {
    Settings *settings = settings_new(arena);
    settings_declare(settings, notify_options, count_rows(notify_options));
    const NotifyType *type = NULL;
    LIST_EACH (ConfigLine, line, section->lines) {
        if (strcmp(line->key, "type") == 0)
            type = find_type(line->value);
    }
    if (type != NULL)
        settings_declare(settings, type->options, count_rows(type->options));
    TRY(config_apply(arena, config, section, settings));
    const char *where = arena_printf(arena, "%s:%d: [notify %s]", text_safe(arena, config->path), section->line,
                                     text_safe(arena, section->name));
    if (type == NULL)
        return err_hint(arena, err_new(arena, ERR_CONFIG, "%s does not say what type it is", where), "type = slack");
    if (settings_text(settings, type->address) == NULL)
        return err_hint(arena, err_new(arena, ERR_CONFIG, "%s has no %s", where, type->address->name),
                        "%s_file = /etc/lifeboat/%s", type->address->name, text_safe(arena, section->name));
    *out = (NotifyChannel){.name = section->name, .type = type, .settings = settings};
    return NULL;
}

Err *notify_channels(Arena *arena, const Config *config, NotifyChannels *out) {
    if (config == NULL)
        return NULL;
    LIST_EACH (ConfigSection, section, config->sections) {
        NotifyChannel channel;
        if (strcmp(section->kind, "notify") != 0)
            continue;
        TRY(read_channel(arena, config, section, &channel));
        *LIST_PUSH(arena, *out) = channel;
    }
    return NULL;
}

/* By the sections' names alone: who looks need not be able to read the addresses, which are secrets. */
Err *notify_failures(Arena *arena, const Config *config, Store *store, NotifyFailures *out) {
    LIST_EACH (const ConfigSection, section, config->sections) {
        NotifyFailure failure;
        bool failing;
        NotifyStateKey key = {.store = store, .channel = section->name};
        if (strcmp(section->kind, "notify") != 0)
            continue;
        TRY(notify_state_failure(arena, &key, &failure, &failing));
        if (failing)
            *LIST_PUSH(arena, *out) = failure;
    }
    return NULL;
}

/* Sends, and remembers how that went. */
static Err *deliver(Arena *arena, const NotifyChannel *channel, const NotifyStateKey *key,
                    const NotifyMessage *message) {
    Err *err = channel->type->send(arena, channel->settings, message);
    if (err != NULL)
        log_error("a channel could not be told", "channel", channel->name, "event", notify_event_name(message->event),
                  "error", err_text(arena, err), NULL);
    else
        log_info("a channel was told", "channel", channel->name, "event", notify_event_name(message->event), NULL);
    notify_state_sent(arena, key, err);
    return err;
}

static void report_on(Arena *arena, const NotifyChannel *channel, Store *store, const Report *report) {
    NotifyStateKey key = {
        .store = store, .channel = channel->name, .target = report->target == NULL ? "" : report->target};
    NotifyState state;
    bool warnings = settings_flag(channel->settings, &warnings_option);
    bool problem = is_problem(report->verdict, warnings);
    Time clock = time_now();
    notify_state_load(arena, &key, &state);
    if (problem && state.since == TIME_NONE)
        state.since = report->finished_at;
    NotifyEvent event = notify_decide(&state.memory, report->verdict, clock,
                                      settings_duration(channel->settings, &remind_option), warnings);
    if (event != NOTIFY_NOTHING) {
        NotifyMessage message = {
            .event = event, .report = report, .target = key.target, .channel = channel->name, .since = state.since};
        if (deliver(arena, channel, &key, &message) == NULL)
            state.memory = (NotifyMemory){.before = report->verdict, .last_sent = clock};
        else if (!problem)
            return; /* a recovery that did not arrive: the problem lasts as far as the channel knows */
    }
    if (!problem)
        state.since = TIME_NONE;
    notify_state_save(arena, &key, &state);
}

static bool wants(const NotifyChannel *channel, const char *target) {
    size_t count;
    const char *const *targets = settings_list(channel->settings, &targets_option, &count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(targets[i], target == NULL ? "" : target) == 0)
            return true;
    }
    return count == 0;
}

void notify_report(Arena *arena, const Config *config, Store *store, const Report *report) {
    NotifyChannels channels = {0};
    const Err *err = notify_channels(arena, config, &channels);
    if (err != NULL)
        log_error("nobody was told", "error", err_text(arena, err), NULL);
    LIST_EACH (NotifyChannel, channel, channels) {
        Arena *work = arena_child(arena);
        if (wants(channel, report->target))
            report_on(work, channel, store, report);
        arena_free(work);
    }
}

Err *notify_test(Arena *arena, const Config *config, Store *store, const char *channel_name, size_t *sent) {
    NotifyChannels channels = {0};
    Err *first = NULL;
    size_t tried = 0;
    *sent = 0;
    TRY(notify_channels(arena, config, &channels));
    LIST_EACH (NotifyChannel, channel, channels) {
        if (*channel_name != '\0' && strcmp(channel->name, channel_name) != 0)
            continue;
        NotifyStateKey key = {.store = store, .channel = channel->name, .target = ""};
        NotifyMessage message = {.event = NOTIFY_TEST, .target = "", .channel = channel->name, .since = TIME_NONE};
        Err *err = deliver(arena, channel, &key, &message);
        tried++;
        *sent += err == NULL;
        if (err != NULL && first == NULL)
            first = err_wrap(arena, err, "channel %s", text_safe(arena, channel->name));
    }
    if (tried == 0 && *channel_name != '\0')
        return err_new(arena, ERR_NOT_FOUND, "the configuration has no section [notify %s]",
                       text_safe(arena, channel_name));
    if (tried == 0)
        return err_hint(arena, err_new(arena, ERR_NOT_FOUND, "the configuration has no [notify NAME] section"),
                        "docs/notifications.md shows one");
    return first;
}
