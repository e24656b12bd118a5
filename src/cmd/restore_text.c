/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/restore_text.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "cmd/report_text.h"
#include "pg/identifier.h"

enum { COLUMN = 16 };

static void heading(const CommandCall *call, const char *text) {
    fprintf(call->out, "%s\n", terminal_paint(call->arena, call->terminal, TERMINAL_BOLD, text));
}

static void entry(const CommandCall *call, const char *name, const char *text) {
    terminal_entry(call->out, name, text, COLUMN, call->terminal->width);
}

static const char *target_text(Arena *arena, const Destination *destination) {
    const char *name = text_safe(arena, destination->database);
    if (destination->create != NULL)
        return arena_printf(arena, "a new database %s, on the server of %s", name, destination->label);
    return destination->label;
}

static const char *content_text(Arena *arena, const Destination *destination) {
    if (destination->create != NULL)
        return arena_printf(arena, "made as %s, and named %s when it is whole", text_safe(arena, destination->working),
                            text_safe(arena, destination->database));
    if (destination->objects == 0)
        return arena_printf(arena, "empty (%s)", file_size_text(arena, destination->size));
    return arena_printf(arena, "NOT EMPTY: %s, such as %s (%s)",
                        check_count_text(arena, destination->objects, "object"), destination->example,
                        file_size_text(arena, destination->size));
}

void restore_text_plan(const CommandCall *call, const RestorePlan *plan) {
    Arena *arena = call->arena;
    const Backup *backup = plan->backup;
    const Destination *destination = plan->destination;
    const char *age = backup->taken_at == TIME_NONE || time_now() < backup->taken_at
                          ? ""
                          : arena_printf(arena, " (%s ago)", time_length_text(arena, time_now() - backup->taken_at));
    heading(call, "Restore");
    entry(call, "backup", text_safe(arena, backup->path));
    entry(call, "",
          arena_printf(arena, "%s, %s, of database %s (PostgreSQL %s), taken %s%s", backup->format,
                       file_size_text(arena, backup->size_bytes),
                       backup->database == NULL || backup->database[0] == '\0' ? "(not named)"
                                                                               : text_safe(arena, backup->database),
                       backup->server_version == NULL || backup->server_version[0] == '\0'
                           ? "of unknown version"
                           : text_safe(arena, backup->server_version),
                       time_text(arena, backup->taken_at), age));
    entry(call, "into", target_text(arena, destination));
    entry(call, "", content_text(arena, destination));
    entry(call, "server",
          arena_printf(arena, "PostgreSQL %s, system identifier %s", text_safe(arena, destination->server_version),
                       destination->system_identifier[0] == '\0' ? "not told" : destination->system_identifier));
    if (plan->production != NULL)
        entry(call, "PRODUCTION", plan->production);
    else
        entry(call, "production",
              plan->unknown == NULL ? "no: it is another server" : arena_printf(arena, "not known: %s", plan->unknown));
    if (backup->server_major > destination->server_major)
        entry(call, "version",
              arena_printf(arena,
                           "the server (%d) is older than the one the backup comes from (%d): some of it may fail",
                           destination->server_major, backup->server_major));
}

static const char *list_text(Arena *arena, const InventoryNames *names) {
    const char *text = "";
    for (size_t at = 0; at < names->count && at < 8; at++)
        text = arena_printf(arena, "%s%s%s", text, at == 0 ? "" : ", ", text_safe(arena, names->items[at]));
    return names->count <= 8 ? text : arena_printf(arena, "%s and %zu more", text, names->count - 8);
}

void restore_text_details(const CommandCall *call, const RestorePlan *plan) {
    Arena *arena = call->arena;
    const Destination *destination = plan->destination;
    const Inventory *inventory = plan->backup->inventory;
    entry(call, "holds",
          arena_printf(arena, "%s, %s, %s of table data; read to its end, and whole",
                       check_count_text(arena, inventory->tables.count, "table"),
                       check_count_text(arena, inventory_total_rows(inventory), "row"),
                       file_size_text(arena, plan->backup->raw_bytes)));
    if (destination->missing_roles.count > 0)
        entry(call, "roles",
              arena_printf(arena, "%s %s", list_text(arena, &destination->missing_roles),
                           destination->may_create_roles ? "are made, without login"
                                                         : "are missing, and we may not make them"));
    if (destination->missing_extensions.count > 0)
        entry(call, "extensions",
              arena_printf(arena, "NOT on the server: %s", list_text(arena, &destination->missing_extensions)));
    entry(call, "expected",
          arena_printf(arena, "about %s (%s)", time_length_text(arena, (int64_t)(plan->seconds * TIME_SECOND)),
                       plan->seconds_from));
    fflush(call->out);
}

/* ---- the outcome ---- */

typedef struct Advice {
    const char *state, *go_on, *give_up;
} Advice;

/* What is there now, and the two ways from here. */
static Advice advice_of(Arena *arena, const RestorePlan *plan, const Recover *recover, const Err *err) {
    const Destination *destination = plan->destination;
    const char *now = text_safe(arena, identifier_always_quote(arena, recover->database));
    const char *in_the_end = text_safe(arena, identifier_always_quote(arena, destination->database));
    if (recover->stage == RECOVER_UNTOUCHED)
        return (Advice){"nothing was touched", NULL, NULL};
    const char *state =
        recover->stage == RECOVER_BEGUN   ? arena_printf(arena, "the database %s holds part of the backup", now)
        : recover->stage == RECOVER_NAMED ? arena_printf(arena, "the database %s is restored%s", now,
                                                         err == NULL ? "" : ", and was not looked at to the end")
                                          : arena_printf(arena, "the database %s holds what could be restored", now);
    if (recover->stage == RECOVER_NAMED)
        return (Advice){state, NULL, NULL};
    if (destination->objects > 0) /* never advise to drop what was somebody's before */
        return (Advice){arena_printf(arena, "%s, beside what was there before, which is still there", state),
                        "begin anew with --new-database, and bring over what is needed", NULL};
    const char *drop = arena_printf(arena, "DROP DATABASE %s;", now);
    if (destination->create == NULL)
        return (Advice){
            state,
            arena_printf(
                arena,
                "remove the obstacle, then in another database: %s CREATE DATABASE %s; and run the same command again",
                drop, now),
            drop};
    if (recover->stage == RECOVER_BEGUN)
        return (Advice){state, arena_printf(arena, "remove the obstacle, then %s and run the same command again", drop),
                        drop};
    return (Advice){
        state,
        arena_printf(arena, "to use it in spite of the errors: ALTER DATABASE %s RENAME TO %s;", now, in_the_end),
        drop};
}

static void put_advice(const CommandCall *call, const Advice *advice) {
    fputc('\n', call->out);
    heading(call, "What is there now");
    terminal_fill(call->out, advice->state, 2, call->terminal->width);
    if (advice->go_on != NULL)
        terminal_fill(call->out, arena_printf(call->arena, "To go on: %s", advice->go_on), 2, call->terminal->width);
    if (advice->give_up != NULL)
        terminal_fill(call->out, arena_printf(call->arena, "To remove it: %s", advice->give_up), 2,
                      call->terminal->width);
}

static void put_sentence(const CommandCall *call, const RestorePlan *plan, const Recover *recover) {
    static const TerminalMark marks[] = {[VERDICT_UNKNOWN] = TERMINAL_UNKNOWN,
                                         [VERDICT_PASS] = TERMINAL_GOOD,
                                         [VERDICT_WARN] = TERMINAL_WARN,
                                         [VERDICT_FAIL] = TERMINAL_BAD};
    Arena *arena = call->arena;
    Verdict verdict = recover->report->verdict;
    bool good = verdict == VERDICT_PASS || verdict == VERDICT_WARN;
    const char *backup = text_safe(arena, plan->backup->id);
    const char *said =
        recover->stage == RECOVER_UNTOUCHED
            ? arena_printf(
                  arena, good ? "%s can be restored; nothing was touched" : "%s was NOT restored; nothing was touched",
                  backup)
        : recover->stage == RECOVER_NAMED && good
            ? arena_printf(arena, "%s is restored into database %s", backup, text_safe(arena, recover->database))
        : recover->stage == RECOVER_NAMED ? arena_printf(arena, "%s is restored into database %s, but not all is well",
                                                         backup, text_safe(arena, recover->database))
                                          : arena_printf(arena, "%s was restored with errors, into database %s", backup,
                                                         text_safe(arena, recover->database));
    fprintf(call->out, "\n%s %s\n", terminal_mark(arena, call->terminal, marks[verdict]),
            terminal_paint(arena, call->terminal, TERMINAL_BOLD, said));
    terminal_fill(call->out, text_safe(arena, recover->report->reason), 2, call->terminal->width);
}

static void put_tasks(const CommandCall *call, const Recover *recover) {
    if (recover->tasks.count == 0)
        return;
    fputc('\n', call->out);
    heading(call, "Left for you to do");
    LIST_EACH (const RecoverTask, task, recover->tasks)
        terminal_item(call->out, terminal_mark(call->arena, call->terminal, TERMINAL_NONE),
                      arena_printf(call->arena, "%s: %s", task->what, task->how), call->terminal->width);
}

void restore_text_outcome(const CommandCall *call, const RestorePlan *plan, const Recover *recover, const Err *err) {
    const Advice advice = advice_of(call->arena, plan, recover, err);
    if (err != NULL) {
        put_advice(call, &advice);
        return;
    }
    put_sentence(call, plan, recover);
    report_text_body(call->out, call->terminal, recover->report);
    if (recover->stage == RECOVER_RESTORED)
        put_advice(call, &advice);
    if (recover->stage == RECOVER_UNTOUCHED)
        return;
    put_tasks(call, recover);
    fputc('\n', call->out);
    heading(call, "Connect");
    fprintf(call->out, "  psql \"%s\"\n", destination_connect_text(call->arena, plan->destination, recover->database));
}

/* ---- for programs ---- */

static void put_target(Arena *arena, json_t *root, const RestorePlan *plan) {
    const Destination *destination = plan->destination;
    json_t *object = json_put(root, "target", json_object());
    json_put_string(object, "label", destination->label);
    json_put_string(object, "database", destination->database);
    json_put_bool(object, "new", destination->create != NULL);
    json_put_string(object, "server_version", destination->server_version);
    json_put_string(object, "system_identifier",
                    destination->system_identifier[0] == '\0' ? NULL : destination->system_identifier);
    json_put_u64(object, "objects", destination->objects);
    json_put_u64(object, "size", destination->size);
    json_put_string(object, "production", plan->production);
    json_put_string(object, "production_unknown", plan->production == NULL ? plan->unknown : NULL);
}

static void put_strings(json_t *root, const char *key, const InventoryNames *names) {
    json_t *array = json_put(root, key, json_array());
    LIST_EACH (const char *const, name, *names)
        json_add(array, json_text_value(text_of(*name)));
}

json_t *restore_text_json(Arena *arena, const RestorePlan *plan, const Recover *recover, const Err *err) {
    static const char *const stages[] = {[RECOVER_UNTOUCHED] = "untouched",
                                         [RECOVER_BEGUN] = "begun",
                                         [RECOVER_RESTORED] = "restored-with-errors",
                                         [RECOVER_NAMED] = "restored"};
    const Advice advice = advice_of(arena, plan, recover, err);
    json_t *root = json_start(arena, json_object());
    json_put_string(root, "schema", "lifeboat.restore/1");
    json_put_string(root, "stage", stages[recover->stage]);
    json_put_string(root, "verdict", err != NULL ? "unknown" : report_verdict_name(recover->report->verdict));
    json_put_string(root, "reason", err != NULL ? err_text(arena, err) : recover->report->reason);
    json_put_string(root, "error", err == NULL ? NULL : err_text(arena, err));
    put_target(arena, root, plan);
    json_put_real(root, "expected_seconds", plan->seconds);
    json_put_string(root, "expected_from", plan->seconds_from);
    put_strings(root, "roles_made", &recover->roles_made);
    bool touched = recover->stage != RECOVER_UNTOUCHED;
    json_put_string(root, "database", touched ? recover->database : NULL);
    json_put_string(root, "connect",
                    touched ? destination_connect_text(arena, plan->destination, recover->database) : NULL);
    json_put_string(root, "state", advice.state);
    json_put_string(root, "go_on", advice.go_on);
    json_put_string(root, "remove", advice.give_up);
    json_t *tasks = json_put(root, "left_to_do", json_array());
    LIST_EACH (const RecoverTask, task, recover->tasks) {
        json_t *object = json_add(tasks, json_object());
        json_put_string(object, "what", task->what);
        json_put_string(object, "how", task->how);
    }
    json_put(root, "report", json_incref(report_json(arena, recover->report)));
    return root;
}
