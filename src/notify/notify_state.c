/* SPDX-License-Identifier: PostgreSQL */
#include "notify/notify_state.h"

#include <string.h>

#include "base/log.h"

static void complain(Arena *arena, const NotifyStateKey *key, const Err *err) {
    log_error("what a channel was told cannot be remembered", "channel", key->channel, "error", err_text(arena, err),
              NULL);
}

/* The document of the key, an empty one when there is none or it cannot be read. */
static json_t *load(Arena *arena, const NotifyStateKey *key) {
    json_t *document = NULL;
    if (key->store != NULL) {
        const Err *err = store_get_state(key->store, arena, key->channel, key->target, &document);
        if (err != NULL)
            complain(arena, key, err);
    }
    return json_is_object(document) ? document : json_start(arena, json_object());
}

static void save(Arena *arena, const NotifyStateKey *key, const json_t *document) {
    if (key->store == NULL)
        return;
    const Err *err = store_set_state(key->store, key->channel, key->target, document);
    if (err != NULL)
        complain(arena, key, err);
}

static Time get_time(const json_t *document, const char *name) {
    Time when;
    return time_parse(text_of(json_get_string(document, name, "")), &when) ? when : TIME_NONE;
}

static Verdict get_verdict(const json_t *document, const char *name) {
    static const Verdict verdicts[] = {VERDICT_UNKNOWN, VERDICT_WARN, VERDICT_FAIL};
    const char *word = json_get_string(document, name, "");
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
        if (strcmp(word, report_verdict_name(verdicts[i])) == 0)
            return verdicts[i];
    }
    return VERDICT_PASS;
}

void notify_state_load(Arena *arena, const NotifyStateKey *key, NotifyState *out) {
    const json_t *document = load(arena, key);
    out->memory.before = get_verdict(document, "told");
    out->memory.last_sent = get_time(document, "told_at");
    out->since = get_time(document, "since");
}

void notify_state_save(Arena *arena, const NotifyStateKey *key, const NotifyState *state) {
    json_t *document = load(arena, key);
    json_put_string(document, "told", report_verdict_name(state->memory.before));
    json_put_time(document, "told_at", state->memory.last_sent);
    json_put_time(document, "since", state->since);
    save(arena, key, document);
}

void notify_state_sent(Arena *arena, const NotifyStateKey *key, const Err *failure) {
    NotifyStateKey whole = {.store = key->store, .channel = key->channel, .target = ""};
    json_t *document = load(arena, &whole);
    bool failing = json_object_get(document, "error") != NULL;
    if (failure == NULL && !failing)
        return;
    if (failure == NULL) {
        json_object_del(document, "error");
        json_object_del(document, "failing_since");
        json_object_del(document, "failed_at");
    } else {
        json_put_string(document, "error", err_text(arena, failure));
        json_put_time(document, "failed_at", time_now());
        if (!failing)
            json_put_time(document, "failing_since", time_now());
    }
    save(arena, &whole, document);
}

Err *notify_state_failure(Arena *arena, const NotifyStateKey *key, NotifyFailure *out, bool *failing) {
    json_t *document = NULL;
    *failing = false;
    TRY(store_get_state(key->store, arena, key->channel, "", &document));
    const char *error = json_get_string(document, "error", NULL);
    if (error == NULL)
        return NULL;
    *out = (NotifyFailure){.channel = key->channel,
                           .since = get_time(document, "failing_since"),
                           .last = get_time(document, "failed_at"),
                           .error = arena_strdup(arena, error)};
    *failing = true;
    return NULL;
}
