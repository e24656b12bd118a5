/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/remember.h"

#include "base/log.h"
#include "notify/notify.h"

Err *remember_open(Arena *arena, const Config *config, Remember *out) {
    *out = (Remember){.config = config};
    NotifyChannels channels = {0};
    TRY(store_setup(arena, config, &out->setup));
    TRY(notify_channels(arena, config, &channels)); /* now, not after an hour of reading */
    out->error = store_open(arena, out->setup.directory, &out->store);
    if (out->error != NULL)
        out->store = NULL;
    return out->error != NULL && err_is(out->error, ERR_CONFIG) ? err_copy(arena, out->error) : NULL;
}

static const History *unavailable(Arena *arena, const Err *err) {
    History *history = ARENA_NEW(arena, History);
    *history = (History){.last_verified_at = TIME_NONE, .asked = true, .unavailable = err_text(arena, err)};
    return history;
}

const History *remember_history(Arena *arena, const Remember *remember, const char *target, const char *path) {
    if (remember->store == NULL)
        return unavailable(arena, remember->error);
    History *history = NULL;
    const Err *err = store_history(remember->store, arena, target, path, &history);
    return err == NULL ? history : unavailable(arena, err);
}

static void deliver(Arena *arena, const Remember *remember) {
    size_t delivered = 0, waiting = 0;
    const Err *err = store_deliver(remember->store, arena, remember->setup.postgres, &delivered, &waiting);
    if (err != NULL)
        log_warning("runs wait to be delivered to the PostgreSQL store", "waiting", arena_printf(arena, "%zu", waiting),
                    "error", err_text(arena, err), err_first_hint(err) == NULL ? NULL : "try", err_first_hint(err),
                    NULL);
}

Err *remember_report(Arena *arena, const Remember *remember, const Report *report) {
    bool delivers = remember->setup.postgres != NULL;
    Err *err =
        remember->store == NULL ? err_copy(arena, remember->error) : store_record(remember->store, report, delivers);
    notify_report(arena, remember->config, remember->store, report);
    if (err == NULL && delivers)
        deliver(arena, remember);
    return err;
}
