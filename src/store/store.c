/* SPDX-License-Identifier: PostgreSQL */
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "store/store_schema.h"
#include "store/store_sqlite.h"

static const Option directory_option = {
    .name = "directory",
    .type = OPTION_PATH,
    .argument = "DIRECTORY",
    .config_only = true,
    .summary = "where lifeboat keeps what it remembers",
    .detail =
        "Holds lifeboat.db, an SQLite database with every run. Without this key: $LIFEBOAT_STATE, or /var/lib/lifeboat "
        "for "
        "root, or $XDG_STATE_HOME/lifeboat, or ~/.local/state/lifeboat. It must be on a local file system: SQLite's "
        "write-ahead log does not work over NFS.",
};

static const Option postgres_option = {
    .name = "postgres",
    .type = OPTION_SECRET,
    .argument = "CONNINFO",
    .summary = "PostgreSQL database that also receives every run",
    .detail =
        "A libpq connection string or URI. Every run is written to its table backup_verification_log, which `lifeboat "
        "migrate` makes. While the database cannot be reached runs wait in the store and are delivered later, each "
        "exactly "
        "once and in order. Better not the database whose backups are verified: its loss would take the log with it.",
};

const Option *const store_options[] = {&directory_option, &postgres_option, NULL};

typedef Err *(*Apply)(Arena *arena, const Config *config, const ConfigSection *section, Settings *settings);

static Err *read_setup(Arena *arena, const Config *config, Apply apply, StoreSetup *out) {
    *out = (StoreSetup){0};
    const ConfigSection *section = config == NULL ? NULL : config_section(config, "store", "");
    if (section == NULL)
        return NULL;
    Settings *settings = settings_new(arena);
    settings_declare(settings, store_options, 2);
    TRY(apply(arena, config, section, settings));
    out->directory = settings_text(settings, &directory_option);
    out->postgres = settings_text(settings, &postgres_option);
    LIST_EACH (const ConfigLine, line, section->lines) {
        out->delivers |= text_starts(text_of(line->key), postgres_option.name);
    }
    return NULL;
}

Err *store_setup(Arena *arena, const Config *config, StoreSetup *out) {
    return read_setup(arena, config, config_apply, out);
}

Err *store_setup_to_look(Arena *arena, const Config *config, StoreSetup *out) {
    return read_setup(arena, config, config_apply_to_look, out);
}

static Err *default_directory(Arena *arena, const char **out) {
    const char *state = getenv("LIFEBOAT_STATE");
    const char *xdg = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    if (state != NULL && *state != '\0')
        *out = arena_strdup(arena, state);
    else if (geteuid() == 0)
        *out = "/var/lib/lifeboat";
    else if (xdg != NULL && *xdg == '/')
        *out = file_join(arena, xdg, "lifeboat");
    else if (home != NULL && *home == '/')
        *out = file_join(arena, home, ".local/state/lifeboat");
    else
        return err_hint(arena, err_new(arena, ERR_CONFIG, "there is no place for the store: HOME is not set"),
                        "set LIFEBOAT_STATE, or directory in the [store] section of the configuration");
    return NULL;
}

/* A directory may be reached through links (systemd's StateDirectory with DynamicUser is one); the file itself may not
 * be one, and SQLite looks for links in the whole path. */
static Err *resolve(Arena *arena, const char *directory, const char **out) {
    char *real = realpath(directory, NULL);
    if (real == NULL)
        return err_errno(arena, errno, "the directory of the store %s", text_safe(arena, directory));
    *out = arena_strdup(arena, real);
    free(real);
    return NULL;
}

Err *store_open(Arena *arena, const char *directory, Store **out) {
    if (directory == NULL)
        TRY(default_directory(arena, &directory));
    Err *err = file_make_directories(arena, directory, 0700);
    if (err != NULL)
        return err_hint(arena, err_wrap(arena, err, "the directory of the store could not be made"),
                        "make it writable for the user lifeboat runs as, or set directory in the [store] section");
    Store *store = ARENA_NEW(arena, Store);
    store->arena = arena;
    TRY(resolve(arena, directory, &store->directory));
    store->path = file_join(arena, store->directory, "lifeboat.db");
    TRY(store_sqlite_open(store));
    TRY(store_schema_apply(store, store_schema_steps));
    *out = store;
    return NULL;
}

const char *store_path(const Store *store) {
    return store->path;
}

Err *store_examine(Store *store, Arena *arena) {
    StoreRow row;
    bool found;
    TRY(store_sqlite_prepare(arena, store, "PRAGMA quick_check(1)", &row));
    TRY(store_sqlite_next(arena, store, &row, &found));
    const char *words = found ? store_sqlite_text(arena, &row, 0) : "no answer";
    store_sqlite_done(&row);
    if (text_is(text_of(words), "ok"))
        return NULL;
    return err_hint(arena,
                    err_new(arena, ERR_DATA, "the store %s is damaged: %s", store->path, text_safe(arena, words)), "%s",
                    store_sqlite_damaged_hint);
}

static Err *unknown_run(Arena *arena, const char *run_id, int64_t matches) {
    Err *err = matches == 0 ? err_new(arena, ERR_NOT_FOUND, "there is no run %s in the store", text_safe(arena, run_id))
                            : err_new(arena, ERR_NOT_FOUND, "%lld runs begin with %s", (long long)matches,
                                      text_safe(arena, run_id));
    return err_hint(arena, err, "lifeboat log lists the runs; a run may be named by the first characters of its id");
}

Err *store_report(Store *store, Arena *arena, const char *run_id, json_t **out) {
    StoreRow row;
    bool found;
    TRY(store_sqlite_prepare(arena, store,
                             "SELECT report, run_id = ?1, count(*) OVER () FROM run"
                             " WHERE substr(run_id, 1, length(?1)) = ?1 AND ?1 <> '' ORDER BY run_id LIMIT 1",
                             &row));
    store_sqlite_put_text(&row, run_id);
    TRY(store_sqlite_next(arena, store, &row, &found));
    if (!found)
        return unknown_run(arena, run_id, 0);
    bool exact = store_sqlite_integer(&row, 1) != 0;
    int64_t matches = store_sqlite_integer(&row, 2);
    const char *report = store_sqlite_text(arena, &row, 0);
    store_sqlite_done(&row);
    if (!exact && matches > 1)
        return unknown_run(arena, run_id, matches);
    Err *err = json_parse_text(arena, text_of(report), out);
    return err == NULL ? NULL : err_wrap(arena, err, "the report of run %s cannot be read", text_safe(arena, run_id));
}

Err *store_get_state(Store *store, Arena *arena, const char *channel, const char *target, json_t **out) {
    StoreRow row;
    bool found;
    *out = NULL;
    TRY(store_sqlite_prepare(arena, store, "SELECT document FROM state WHERE channel = ? AND target = ?", &row));
    store_sqlite_put_text(&row, channel);
    store_sqlite_put_text(&row, target);
    TRY(store_sqlite_next(arena, store, &row, &found));
    if (!found)
        return NULL;
    const char *document = store_sqlite_text(arena, &row, 0);
    store_sqlite_done(&row);
    return json_parse_text(arena, text_of(document), out);
}

Err *store_set_state(Store *store, const char *channel, const char *target, const json_t *state) {
    StoreRow row;
    Arena *work = arena_child(store->arena);
    Err *err = store_sqlite_prepare(work, store,
                                    "INSERT INTO state (channel, target, updated_at, document) VALUES (?, ?, ?, ?)"
                                    " ON CONFLICT (channel, target) DO UPDATE SET updated_at = excluded.updated_at,"
                                    " document = excluded.document",
                                    &row);
    if (err == NULL) {
        store_sqlite_put_text(&row, channel);
        store_sqlite_put_text(&row, target);
        store_sqlite_put_time(&row, time_now());
        store_sqlite_put_text(&row, json_render(work, state, true));
        err = store_sqlite_send(work, store, &row);
    }
    err = err == NULL ? NULL : err_copy(store->arena, err);
    arena_free(work);
    return err;
}
