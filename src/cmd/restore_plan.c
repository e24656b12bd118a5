/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/restore_plan.h"

#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "check/check.h"
#include "cmd/target.h"
#include "format/attest.h"
#include "inventory/live.h"
#include "store/store.h"
#include "verdict/verify.h"

/* ---- is it production? ---- */

static const char *value_of(Arena *arena, const char *conninfo, const char *keyword) {
    char *words = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &words);
    PQfreemem(words);
    const char *found = "";
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
        if (strcmp(option->keyword, keyword) == 0 && option->val != NULL)
            found = arena_strdup(arena, option->val);
    PQconninfoFree(options);
    return found;
}

/* Written the same: all there is to go by when a server does not answer. */
static bool same_address(Arena *arena, const char *left, const char *right) {
    static const char *const keywords[] = {"host", "hostaddr", "port", "service"};
    bool any = false;
    for (size_t at = 0; at < sizeof(keywords) / sizeof(keywords[0]); at++) {
        const char *a = value_of(arena, left, keywords[at]), *b = value_of(arena, right, keywords[at]);
        if (strcmp(keywords[at], "port") == 0) {
            a = a[0] == '\0' ? "5432" : a;
            b = b[0] == '\0' ? "5432" : b;
        }
        if (strcmp(a, b) != 0)
            return false;
        any |= a[0] != '\0' && strcmp(keywords[at], "port") != 0;
    }
    return any;
}

static Err *identifier_of(Arena *arena, const char *conninfo, const char **out) {
    PGconn *connection = NULL;
    PGresult *result = NULL;
    TRY(live_connect(arena, conninfo, &connection));
    TRY(live_query(arena, connection, "SELECT system_identifier FROM pg_catalog.pg_control_system()", NULL, &result));
    *out = PQntuples(result) == 1 ? arena_strdup(arena, PQgetvalue(result, 0, 0)) : "";
    return NULL;
}

static Err *ask_target(Arena *arena, const Target *target, RestorePlan *plan) {
    const char *against = settings_text(target->settings, &verify_against), *identifier = "";
    if (against == NULL)
        return NULL;
    const char *name = text_safe(arena, target->name);
    Err *err = identifier_of(arena, against, &identifier);
    if (err != NULL && err_is(err, ERR_INTERRUPTED))
        return err;
    bool known = err == NULL && identifier[0] != '\0' && plan->destination->system_identifier[0] != '\0';
    if (known ? strcmp(identifier, plan->destination->system_identifier) == 0
              : same_address(arena, against, plan->destination->conninfo))
        plan->production = arena_printf(arena,
                                        known ? "it is the server of target %s (system identifier %s)"
                                              : "it has the address of target %s%.0s",
                                        name, identifier);
    else if (!known)
        plan->unknown = arena_printf(arena, "the server of target %s could not be asked: %s", name,
                                     err == NULL ? "no right to see the system identifier" : err_text(arena, err));
    return NULL;
}

/* The backup may say itself where it was taken. */
static void ask_attestation(Arena *arena, RestorePlan *plan, bool *asked) {
    Attest *attest = NULL;
    if (attest_read(arena, attest_path(arena, plan->backup->path), &attest) != NULL ||
        attest->system_identifier[0] == '\0')
        return;
    *asked = true;
    if (strcmp(attest->system_identifier, plan->destination->system_identifier) == 0)
        plan->production = arena_printf(arena, "it is the server that the backup was taken from (system identifier %s)",
                                        text_safe(arena, attest->system_identifier));
}

static const char *name_of(Arena *arena, const RestorePlan *plan) {
    return text_safe(arena, plan->destination->database);
}

Err *restore_plan_make(Arena *arena, const Config *config, RestorePlan *plan) {
    Targets targets = {0};
    bool asked = false;
    TRY(target_load_all(arena, config, &targets));
    LIST_EACH (const Target, target, targets) {
        asked |= settings_text(target->settings, &verify_against) != NULL;
        if (plan->production == NULL)
            TRY(ask_target(arena, target, plan));
    }
    ask_attestation(arena, plan, &asked);
    if (!asked)
        plan->unknown = "no target of the configuration says which server is production (against)";
    const Destination *destination = plan->destination;
    if (destination->objects > 0)
        plan->obstacle =
            arena_printf(arena, "the database %s is not empty: it holds %s, such as %s", name_of(arena, plan),
                         check_count_text(arena, destination->objects, "object"), destination->example);
    if (plan->production != NULL)
        plan->obstacle = arena_printf(arena, "%s%sthis is production: %s", plan->obstacle == NULL ? "" : plan->obstacle,
                                      plan->obstacle == NULL ? "" : "; and ", plan->production);
    return NULL;
}

Err *restore_plan_permit(Arena *arena, const RestorePlan *plan, const char *confirm) {
    const char *name = name_of(arena, plan);
    if (confirm != NULL && strcmp(confirm, plan->destination->database) != 0)
        return err_hint(arena,
                        err_new(arena, ERR_USAGE,
                                "--confirm names %s, but the target is the database %s; nothing was touched",
                                text_quote(arena, text_of(confirm), 80), name),
                        "read the plan above once more, and the name in it");
    if (plan->obstacle == NULL || confirm != NULL)
        return NULL;
    return err_hint(arena, err_new(arena, ERR_PERMISSION, "%s; nothing was touched", plan->obstacle),
                    plan->destination->create != NULL
                        ? "if it is what you want: --confirm=%s. The new database stands beside those that are there, "
                          "and takes their server's disk and time"
                        : "if it is what you want: --confirm=%s. Nothing that is there is removed; an empty database "
                          "of its own is safer: --new-database NAME",
                    name);
}

/* ---- how long will it take? ---- */

/* The work of one restore, in the report that was kept: not the sandbox and not the comparison. */
static double seconds_in(const json_t *report) {
    static const char *const phases[] = {"pre-data", "data", "indexes", "constraints", "analyze"};
    double seconds = 0;
    size_t index;
    json_t *phase;
    json_array_foreach(json_object_get(json_object_get(report, "restore"), "phases"), index, phase) {
        for (size_t at = 0; at < sizeof(phases) / sizeof(phases[0]); at++)
            if (strcmp(json_get_string(phase, "name", ""), phases[at]) == 0)
                seconds += json_number_value(json_object_get(phase, "seconds"));
    }
    return seconds;
}

/* The newest restore of this very backup, else the newest of any, by size. */
static Err *expect_from_store(Arena *arena, const Config *config, RestorePlan *plan) {
    enum { LOOKED_AT = 100 };
    StoreSetup setup;
    Store *store = NULL;
    StoreRuns runs = {0};
    TRY(store_setup_to_look(arena, config, &setup));
    TRY(store_open(arena, setup.directory, &store));
    TRY(store_runs(store, arena, "", time_now() - 90 * TIME_DAY, &runs));
    for (size_t at = 0; at < runs.count && at < LOOKED_AT; at++) {
        const StoreRun *run = &runs.items[at];
        bool same = strcmp(run->backup_id, plan->backup->id) == 0 && run->backup_size == plan->backup->size_bytes;
        json_t *report = NULL;
        if (run->backup_size == 0 || (plan->seconds > 0 && !same) ||
            store_report(store, arena, run->run_id, &report) != NULL)
            continue;
        double seconds = seconds_in(report);
        if (seconds <= 0)
            continue;
        plan->seconds = seconds * (double)plan->backup->size_bytes / (double)run->backup_size;
        plan->seconds_from = arena_printf(arena, "%s was restored in %.1f s on %s, on another server",
                                          same ? "this backup" : text_safe(arena, run->backup_id), seconds,
                                          time_text(arena, run->finished_at));
        if (same)
            break;
    }
    return NULL;
}

void restore_plan_expect(Arena *arena, const Config *config, RestorePlan *plan) {
    enum { BYTES_A_SECOND = 25 * 1000 * 1000 }; /* table data with its indexes, pg_restore -j2 of a 2 GB database */
    Err *err = expect_from_store(arena, config, plan);
    if (err == NULL && plan->seconds > 0)
        return;
    plan->seconds = 1 + (double)plan->backup->raw_bytes / BYTES_A_SECOND;
    plan->seconds_from = "an estimate, at 25 MB of table data a second: no restore is remembered here";
}
