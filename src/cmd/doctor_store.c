/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/file.h"
#include "base/time.h"
#include "cmd/doctor.h"
#include "notify/notify.h"

/* A run needs some 100 kB; a store that cannot write any more is one that forgets. */
enum { ROOM_PROBLEM = 50 * 1000 * 1000, ROOM_WARNING = 500 * 1000 * 1000 };

static void look_at_room(Doctor *doctor, const char *path) {
    Arena *arena = doctor->arena;
    uint64_t room = 0;
    const Err *err = file_free_space(arena, path, &room);
    if (err != NULL) {
        doctor_add_error(doctor, DOCTOR_UNKNOWN, "disk", err);
        return;
    }
    DoctorStatus status = room < ROOM_PROBLEM ? DOCTOR_PROBLEM : room < ROOM_WARNING ? DOCTOR_WARNING : DOCTOR_OK;
    doctor_add(doctor, status, "disk", arena_printf(arena, "%s free where the store is", file_size_text(arena, room)),
               status == DOCTOR_OK ? NULL : "free some space, or set directory in the [store] section");
}

/* Opening reads it; only writing shows that it can be written. */
static Err *open_and_write(Doctor *doctor, const char *directory, Store **out) {
    Arena *arena = doctor->arena;
    TRY(store_open(arena, directory, out));
    TRY(store_examine(*out, arena));
    json_t *state = json_start(arena, json_object());
    json_put_time(state, "looked_at", time_real());
    return store_set_state(*out, "doctor", "", state);
}

static void look_at_delivery(Doctor *doctor, Store *store, const char *conninfo) {
    Arena *arena = doctor->arena;
    const char *applied = NULL;
    StoreQueue queue = {0};
    const Err *err = store_migrate(arena, conninfo, true, &applied);
    if (err != NULL)
        doctor_add_error(doctor, DOCTOR_PROBLEM, "postgres-store", err);
    else if (applied[0] != '\0')
        doctor_add(doctor, DOCTOR_PROBLEM, "postgres-store",
                   arena_printf(arena, "the PostgreSQL store lacks migrations: %s", applied), "lifeboat migrate");
    else
        doctor_add(doctor, DOCTOR_OK, "postgres-store", "the PostgreSQL store answers and is up to date", NULL);
    err = store == NULL ? NULL : store_deliver_queue(store, arena, &queue);
    if (err != NULL)
        doctor_add_error(doctor, DOCTOR_UNKNOWN, "delivery", err);
    else if (queue.waiting > 0)
        doctor_add(doctor, DOCTOR_WARNING, "delivery",
                   arena_printf(arena, "%zu runs wait to be delivered, the oldest since %s%s%s", queue.waiting,
                                time_text(arena, queue.oldest), queue.error == NULL ? "" : ": ",
                                queue.error == NULL ? "" : text_safe(arena, queue.error)),
                   "they are delivered with the next run, once the PostgreSQL store answers");
}

static void look_at_channels(Doctor *doctor, const Config *config, Store *store) {
    Arena *arena = doctor->arena;
    NotifyChannels channels = {0};
    NotifyFailures failures = {0};
    doctor->group = "Alerts";
    const Err *err = notify_channels(arena, config, &channels);
    if (err == NULL && store != NULL)
        err = notify_failures(arena, config, store, &failures);
    if (err != NULL) {
        doctor_add_error(doctor, DOCTOR_PROBLEM, "channels", err);
        return;
    }
    LIST_EACH (const NotifyChannel, channel, channels) {
        const NotifyFailure *failed = NULL;
        LIST_EACH (const NotifyFailure, failure, failures) {
            failed = strcmp(failure->channel, channel->name) == 0 ? failure : failed;
        }
        const char *name = text_safe(arena, channel->name);
        if (failed == NULL)
            doctor_add(doctor, store == NULL ? DOCTOR_UNKNOWN : DOCTOR_OK, "channel",
                       arena_printf(arena, "channel %s (%s): nothing that was sent failed", name, channel->type->name),
                       NULL);
        else
            doctor_add(doctor, DOCTOR_PROBLEM, "channel",
                       arena_printf(arena, "channel %s has not been reached since %s: %s", name,
                                    time_text(arena, failed->since), text_safe(arena, failed->error)),
                       arena_printf(arena, "lifeboat notify-test %s", name));
    }
    if (channels.count == 0)
        doctor_add(doctor, DOCTOR_WARNING, "channels", "nobody is told when a verification fails",
                   "a [notify NAME] section; see \"lifeboat explain type\"");
}

void doctor_store(Doctor *doctor, const Config *config) {
    Arena *arena = doctor->arena;
    StoreSetup setup = {0};
    Store *store = NULL;
    doctor->group = "Memory";
    const Err *err = store_setup(arena, config, &setup);
    if (err == NULL)
        err = open_and_write(doctor, setup.directory, &store);
    if (err != NULL) {
        doctor_add_error(doctor, DOCTOR_PROBLEM, "store", err);
        store = NULL;
    } else {
        const char *path = store_path(store);
        doctor_add(doctor, DOCTOR_OK, "store",
                   arena_printf(arena, "%s can be read and written", text_safe(arena, path)), NULL);
        look_at_room(doctor, path);
    }
    if (setup.postgres != NULL)
        look_at_delivery(doctor, store, setup.postgres);
    look_at_channels(doctor, config, store);
}
