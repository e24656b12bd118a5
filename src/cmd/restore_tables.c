/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/restore_tables.h"

#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/exit_status.h"
#include "sandbox/rescue.h"

typedef LIST(const InventoryTable *) Chosen;

typedef struct Rescuing {
    const RestoreTables *asked;
    CommandCall *call;
    Arena *arena;
    const char *schema;
    Chosen chosen; /* NULL-terminated */
    Rescue rescue;
} Rescuing;

/* ---- which ---- */

static Err *choose_one(Rescuing *rescuing, const char *name) {
    Arena *arena = rescuing->arena;
    const Inventory *inventory = rescuing->asked->plan->backup->inventory;
    bool ambiguous = false;
    const InventoryTable *table = inventory_resolve_table(inventory, name, &ambiguous);
    const char *shown = text_quote(arena, text_of(name), 100);
    if (table == NULL) {
        InventoryNames names = {0};
        LIST_EACH (const InventoryTable, known, inventory->tables)
            *LIST_PUSH(arena, names) = known->name;
        const char *close = text_suggest(name, names.items, names.count);
        Err *err =
            err_new(arena, ERR_USAGE,
                    ambiguous ? "several schemas of the backup have a table %s" : "the backup has no table %s", shown);
        if (ambiguous)
            return err_hint(arena, err, "write it with its schema: schema.table");
        return err_hint(arena, err,
                        close == NULL ? "lifeboat inspect BACKUP --tables shows what there is" : "did you mean %s?",
                        text_safe(arena, close == NULL ? "" : close));
    }
    if (table->kind != 'r' && table->kind != 'p')
        return err_new(arena, ERR_USAGE, "%s is no table that a backup holds rows of", shown);
    for (size_t at = 0; at < rescuing->chosen.count; at++)
        if (rescuing->chosen.items[at] == table)
            return NULL;
    *LIST_PUSH(arena, rescuing->chosen) = table;
    return NULL;
}

static const char *todays_schema(Arena *arena) {
    Text day = text_slice(text_of(time_text(arena, time_now())), 0, 10); /* 2026-11-25 */
    return arena_printf(arena, "restored_%.4s%.2s%.2s", day.at, day.at + 5, day.at + 8);
}

static Err *choose(Rescuing *rescuing) {
    const RestoreTables *asked = rescuing->asked;
    for (size_t at = 0; at < asked->count; at++)
        TRY(choose_one(rescuing, asked->names[at]));
    *LIST_PUSH(rescuing->arena, rescuing->chosen) = NULL;
    rescuing->schema = asked->schema == NULL ? todays_schema(rescuing->arena) : asked->schema;
    if (rescuing->schema[0] == '\0' || strlen(rescuing->schema) > 63 || strncmp(rescuing->schema, "pg_", 3) == 0)
        return err_new(rescuing->arena, ERR_USAGE, "%s cannot be the name of a schema",
                       text_quote(rescuing->arena, text_of(rescuing->schema), 80));
    return NULL;
}

static uint64_t bytes_of(const Rescuing *rescuing) {
    uint64_t bytes = 0;
    for (size_t at = 0; at + 1 < rescuing->chosen.count; at++)
        bytes += rescuing->chosen.items[at]->kind == 'p' ? rescuing->asked->plan->backup->raw_bytes
                                                         : rescuing->chosen.items[at]->bytes;
    return bytes;
}

/* ---- doing it ---- */

static Err *carry_out(Rescuing *rescuing) {
    Arena *arena = rescuing->arena;
    const RestoreTables *asked = rescuing->asked;
    const Backup *backup = asked->plan->backup;
    Sandbox *sandbox = NULL;
    const SandboxRequest making = {.bindir = asked->bindir,
                                   .least_major = backup->dump_major > backup->server_major ? backup->dump_major
                                                                                            : backup->server_major,
                                   .bytes_needed = 2 * bytes_of(rescuing)};
    TRY(sandbox_make(arena, &making, &sandbox));
    if (!sandbox->confined && !asked->request->trust_dump)
        return err_hint(arena,
                        err_new(arena, ERR_UNSUPPORTED,
                                "a dump is not restored where the sandbox is %s; nothing was "
                                "touched",
                                sandbox->confinement),
                        "install bubblewrap and allow user namespaces, or, for a dump you trust: --trust-dump");
    const RescueRequest request = {.backup = backup,
                                   .sandbox = sandbox,
                                   .destination = asked->request->destination,
                                   .tables = rescuing->chosen.items,
                                   .schema = rescuing->schema,
                                   .jobs = asked->request->jobs,
                                   .deadline = asked->request->deadline,
                                   .trust_dump = asked->request->trust_dump,
                                   .progress = asked->request->progress,
                                   .context = asked->request->context};
    Err *err = rescue_run(arena, &request, &rescuing->rescue);
    Err *closing = sandbox_close(sandbox);
    if (err != NULL && (err_is(err, ERR_USAGE) || err_is(err, ERR_INTERRUPTED)))
        return err;
    if (err != NULL)
        return err_wrap(arena, err, "the tables could not be restored, and the database is as it was");
    return closing;
}

static Verdict verdict_of(const RescueTable *table) {
    if (table->copied != table->expected || (table->compared && !table->same))
        return VERDICT_FAIL;
    return table->compared ? VERDICT_PASS : VERDICT_WARN;
}

static Verdict verdict(const Rescue *rescue) {
    Verdict worst = VERDICT_PASS;
    LIST_EACH (const RescueTable, table, rescue->tables) {
        Verdict one = verdict_of(table);
        worst = one == VERDICT_FAIL || (one == VERDICT_WARN && worst == VERDICT_PASS) ? one : worst;
    }
    return worst;
}

/* ---- telling it ---- */

static const char *outcome_of(Arena *arena, const RescueTable *table) {
    const char *rows = check_count_text(arena, table->copied, "row");
    if (table->copied != table->expected)
        return arena_printf(arena, "%s, but the backup holds %s", rows, check_number_text(arena, table->expected));
    if (!table->compared)
        return arena_printf(arena, "%s; their content could not be compared with the backup", rows);
    return arena_printf(arena, table->same ? "%s, the same as in the backup" : "%s, but NOT the content of the backup",
                        rows);
}

static void print_text(const Rescuing *rescuing) {
    static const TerminalMark marks[] = {
        [VERDICT_PASS] = TERMINAL_GOOD, [VERDICT_WARN] = TERMINAL_WARN, [VERDICT_FAIL] = TERMINAL_BAD};
    CommandCall *call = rescuing->call;
    Arena *arena = rescuing->arena;
    const Rescue *rescue = &rescuing->rescue;
    const char *said =
        arena_printf(arena, "%s restored into schema %s of database %s; nothing else was touched",
                     check_count_text(arena, rescue->tables.count, "table"), text_safe(arena, rescuing->schema),
                     text_safe(arena, rescuing->asked->plan->destination->database));
    fprintf(call->out, "\n%s %s\n", terminal_mark(arena, call->terminal, marks[verdict(rescue)]),
            terminal_paint(arena, call->terminal, TERMINAL_BOLD, said));
    LIST_EACH (const RescueTable, table, rescue->tables)
        terminal_entry(call->out, text_safe(arena, table->side), outcome_of(arena, table), 44, call->terminal->width);
    if (rescue->notes.count > 0)
        fprintf(call->out, "\n%s\n", terminal_paint(arena, call->terminal, TERMINAL_BOLD, "To know before"));
    LIST_EACH (const RescueNote, note, rescue->notes)
        terminal_item(call->out, terminal_mark(arena, call->terminal, TERMINAL_NONE),
                      arena_printf(arena, "%s: %s", note->what, note->why), call->terminal->width);
    fprintf(call->out, "\n%s\n", terminal_paint(arena, call->terminal, TERMINAL_BOLD, "To copy the rows back"));
    if (rescuing->asked->sql == NULL) {
        fprintf(call->out, "\n%s", rescue->sql);
        return;
    }
    const Destination *destination = rescuing->asked->plan->destination;
    fprintf(call->out, "  read %s, then: psql \"%s\" -f %s\n", text_safe(arena, rescuing->asked->sql),
            destination_connect_text(arena, destination, destination->database),
            text_safe(arena, rescuing->asked->sql));
}

static void print_json(const Rescuing *rescuing) {
    const Rescue *rescue = &rescuing->rescue;
    json_t *root = json_start(rescuing->arena, json_object());
    json_put_string(root, "schema", "lifeboat.restore-tables/1");
    json_put_string(root, "verdict", report_verdict_name(verdict(rescue)));
    json_put_string(root, "database", rescuing->asked->plan->destination->database);
    json_put_string(root, "side_schema", rescuing->schema);
    json_t *tables = json_put(root, "tables", json_array());
    LIST_EACH (const RescueTable, table, rescue->tables) {
        json_t *object = json_add(tables, json_object());
        json_put_string(object, "table", table->live);
        json_put_string(object, "side_table", table->side);
        json_put_u64(object, "rows", table->copied);
        json_put_u64(object, "rows_in_backup", table->expected);
        if (table->compared)
            json_put_bool(object, "same_content", table->same);
        else
            json_put_null(object, "same_content");
        json_put_bool(object, "missing_in_database", table->missing);
    }
    json_t *notes = json_put(root, "notes", json_array());
    LIST_EACH (const RescueNote, note, rescue->notes) {
        json_t *object = json_add(notes, json_object());
        json_put_string(object, "what", note->what);
        json_put_string(object, "why", note->why);
    }
    json_put_string(root, "sql", rescue->sql);
    fprintf(rescuing->call->out, "%s\n", json_render(rescuing->arena, root, false));
}

Err *restore_tables_run(const RestoreTables *asked) {
    Rescuing rescuing = {.asked = asked, .call = asked->call, .arena = asked->call->arena};
    TRY(choose(&rescuing));
    if (!asked->json) {
        fprintf(asked->call->out, "  Into schema %s, beside what is there:\n",
                text_safe(rescuing.arena, rescuing.schema));
        for (size_t at = 0; at + 1 < rescuing.chosen.count; at++)
            terminal_entry(asked->call->out, inventory_table_text(rescuing.arena, rescuing.chosen.items[at]),
                           rescuing.chosen.items[at]->kind == 'p'
                               ? "with all its partitions"
                               : check_count_text(rescuing.arena, rescuing.chosen.items[at]->rows, "row"),
                           44, asked->call->terminal->width);
        fflush(asked->call->out);
    }
    if (asked->dry_run)
        return NULL;
    TRY(carry_out(&rescuing));
    if (asked->sql != NULL)
        TRY(file_write_atomic(rescuing.arena, asked->sql, text_of(rescuing.rescue.sql), 0600));
    if (asked->json)
        print_json(&rescuing);
    else
        print_text(&rescuing);
    *asked->call->status = report_exit_status(verdict(&rescuing.rescue));
    return NULL;
}
