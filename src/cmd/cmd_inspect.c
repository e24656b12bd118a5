/* SPDX-License-Identifier: PostgreSQL */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "check/check.h"
#include "cmd/command.h"
#include "cmd/exit_status.h"
#include "cmd/side.h"
#include "inventory/saved.h"

static const Option with_tables = {
    .name = "tables",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "read it all: every table with its rows",
    .detail = "Without it only what stands at the front of an archive is read, whatever its size. Plain scripts and "
              "databases tell nothing without being read.",
};

static const Option as_json = {
    .name = "json",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "as JSON (schema lifeboat.inspect/1); diff takes it as a side",
};

static const Option *const options[] = {
    &with_tables, &side_jobs, &side_estimate_above, &side_statement_timeout, &side_lock_timeout, &as_json, NULL};

typedef struct Inspect {
    CommandCall *call;
    Side side;
    bool read; /* all of it, not just its front */
} Inspect;

static Err *look(Inspect *inspect) {
    const CommandCall *call = inspect->call;
    TRY(side_open(call->arena, call->operands[0], &inspect->side));
    inspect->read = settings_flag(call->settings, &with_tables) || inspect->side.kind == SIDE_LIVE;
    if (!inspect->read)
        return NULL;
    SideReading reading = side_reading(call->settings);
    /* a live database is asked for digests only when its inventory is to be kept */
    reading.digests = settings_flag(call->settings, &with_tables) && settings_flag(call->settings, &as_json);
    return side_read(call->arena, &inspect->side, &reading);
}

/* ---- what it holds, by kind ---- */

typedef struct Kind {
    const char *name; /* "tables" */
    size_t count;
} Kind;

typedef LIST(Kind) Kinds;

static void count_kind(Arena *arena, Kinds *kinds, const char *name) {
    LIST_EACH (Kind, kind, *kinds) {
        if (strcmp(kind->name, name) == 0) {
            kind->count++;
            return;
        }
    }
    *LIST_PUSH(arena, *kinds) = (Kind){.name = name, .count = 1};
}

static bool has_own_list(const char *kind) {
    static const char *const listed[] = {"TABLE",    "FOREIGN TABLE", "MATERIALIZED VIEW",
                                         "SEQUENCE", "EXTENSION",     "COLUMN"};
    for (size_t at = 0; at < sizeof(listed) / sizeof(listed[0]); at++)
        if (strcmp(kind, listed[at]) == 0)
            return true;
    return false;
}

static int order_most_first(const void *a, const void *b) {
    const Kind *left = a, *right = b;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return strcmp(left->name, right->name);
}

static Kinds count_kinds(Arena *arena, const Inventory *inventory) {
    Kinds kinds = {0};
    LIST_EACH (const InventoryTable, table, inventory->tables)
        count_kind(arena, &kinds,
                   table->kind == 'f'   ? "FOREIGN TABLE"
                   : table->kind == 'm' ? "MATERIALIZED VIEW"
                                        : "TABLE");
    LIST_EACH (const InventorySequence, sequence, inventory->sequences)
        count_kind(arena, &kinds, "SEQUENCE");
    LIST_EACH (const InventoryExtension, extension, inventory->extensions)
        count_kind(arena, &kinds, "EXTENSION");
    LIST_EACH (const InventoryObject, object, inventory->objects)
        if (!has_own_list(object->kind))
            count_kind(arena, &kinds, object->kind);
    if (kinds.count > 1)
        qsort(kinds.items, kinds.count, sizeof(Kind), order_most_first);
    return kinds;
}

/* "INDEX" and 3: "3 indexes". */
static const char *kind_text(Arena *arena, const Kind *kind) {
    char *name = text_dup(arena, text_of(text_safe(arena, kind->name)));
    for (char *at = name; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    size_t length = strlen(name);
    const char *number = check_number_text(arena, kind->count);
    if (kind->count == 1)
        return arena_printf(arena, "%s %s", number, name);
    if (length > 1 && name[length - 1] == 'y')
        return arena_printf(arena, "%s %.*sies", number, (int)length - 1, name);
    bool hisses = length > 0 && (name[length - 1] == 'x' || name[length - 1] == 's');
    return arena_printf(arena, "%s %s%s", number, name, hisses ? "es" : "s");
}

static const char *kinds_text(Arena *arena, const Inventory *inventory) {
    Kinds kinds = count_kinds(arena, inventory);
    Buf *text = buf_new(arena, 4096);
    LIST_EACH (const Kind, kind, kinds)
        buf_printf(text, "%s%s", text->length > 0 ? ", " : "", kind_text(arena, kind));
    if (inventory->large_objects_known && inventory->large_objects > 0)
        buf_printf(text, "%s%s", text->length > 0 ? ", " : "",
                   check_count_text(arena, inventory->large_objects, "large object"));
    return text->length == 0 ? NULL : text->at;
}

/* ---- for people ---- */

static void line(const Inspect *inspect, const char *name, const char *text) {
    if (text != NULL && text[0] != '\0')
        terminal_entry(inspect->call->out, name, text, 14, inspect->call->terminal->width);
}

static const char *when_text(Arena *arena, Time when) {
    if (when == TIME_NONE)
        return NULL;
    int64_t age = time_now() - when;
    return arena_printf(arena, "%s (%s)", time_text(arena, when),
                        age < 0 ? "in the future" : arena_printf(arena, "%s ago", time_length_text(arena, age)));
}

static const char *made_by(Arena *arena, const Backup *backup) {
    if (backup->dump_version[0] == '\0' && backup->server_version[0] == '\0')
        return NULL;
    return text_safe(arena,
                     arena_printf(arena, "pg_dump %s, from PostgreSQL %s",
                                  backup->dump_version[0] == '\0' ? "of unknown version" : backup->dump_version,
                                  backup->server_version[0] == '\0' ? "of unknown version" : backup->server_version));
}

static void print_notes(const Inspect *inspect, const Backup *backup) {
    const struct {
        bool applies;
        const char *text;
    } notes[] = {
        {backup->no_schema, "holds no definitions (data only)"},
        {backup->no_data, "holds no rows (schema only)"},
        {backup->globals_only, "holds roles and tablespaces only"},
        {backup->several_databases, "holds several databases (pg_dumpall)"},
        {backup->insert_style, "rows stand as INSERT statements: counted, no digests"},
        {backup->row_security_on, "made with row security on: holds only the rows its role could see"},
        {backup->excludes_large_objects, "made without large objects"},
    };
    for (size_t at = 0; at < sizeof(notes) / sizeof(notes[0]); at++)
        line(inspect, "note", notes[at].applies ? notes[at].text : NULL);
    line(inspect, "note", backup->taken_at_note);
}

static void print_backup(const Inspect *inspect) {
    Arena *arena = inspect->call->arena;
    const Backup *backup = inspect->side.backup;
    bool packed = strcmp(backup->compression, "none") != 0;
    line(inspect, "format",
         arena_printf(arena, "%s%s%s, %s", backup->format, backup->archive_version[0] == '\0' ? "" : " ",
                      backup->archive_version,
                      packed ? arena_printf(arena, "compressed with %s", backup->compression) : "not compressed"));
    line(inspect, "size", file_size_text(arena, backup->size_bytes));
    line(inspect, backup->taken_at_stated ? "taken" : "modified", when_text(arena, backup->taken_at));
    line(inspect, "made by", made_by(arena, backup));
    line(inspect, "database", text_safe(arena, backup->database));
    line(inspect, "encoding", text_safe(arena, backup->encoding));
    print_notes(inspect, backup);
}

static void print_head(const Inspect *inspect) {
    const CommandCall *call = inspect->call;
    const Inventory *inventory = inspect->side.inventory;
    fprintf(call->out, "%s\n", terminal_paint(call->arena, call->terminal, TERMINAL_BOLD, inspect->side.label));
    if (inspect->side.kind == SIDE_BACKUP) {
        print_backup(inspect);
    } else {
        line(inspect, "server",
             inventory->server_version[0] == '\0'
                 ? NULL
                 : text_safe(call->arena, arena_printf(call->arena, "PostgreSQL %s", inventory->server_version)));
        line(inspect, "taken", when_text(call->arena, inventory->taken_at));
        line(inspect, "database", text_safe(call->arena, inventory->database));
        line(inspect, "encoding", text_safe(call->arena, inventory->encoding));
    }
    line(inspect, "holds", kinds_text(call->arena, inventory));
    Buf *names = buf_new(call->arena, 4096);
    LIST_EACH (const InventoryExtension, extension, inventory->extensions)
        buf_printf(names, "%s%s%s%s", names->length > 0 ? ", " : "", extension->name,
                   extension->version[0] == '\0' ? "" : " ", extension->version);
    line(inspect, "extensions", names->length == 0 ? NULL : text_safe(call->arena, names->at));
}

static bool tells_rows(const InventoryTable *table) {
    return table->kind == 'r' || table->count == INVENTORY_ESTIMATE ||
           (table->count == INVENTORY_EXACT && table->rows > 0);
}

/* Numbers first, so that a long name makes no other column crooked. */
static void print_table(const CommandCall *call, const InventoryTable *table) {
    const char *rows = table->count == INVENTORY_UNKNOWN ? "unknown" : check_number_text(call->arena, table->rows);
    const char *name = inventory_table_text(call->arena, table);
    fprintf(call->out, "  %s%13s  %9s  %s%s%s\n", table->count == INVENTORY_ESTIMATE ? "~" : " ", rows,
            table->bytes == 0 ? "-" : file_size_text(call->arena, table->bytes), name,
            table->count == INVENTORY_UNKNOWN ? ": " : "",
            table->count == INVENTORY_UNKNOWN ? text_safe(call->arena, table->unknown_why) : "");
}

static void print_tables(const Inspect *inspect) {
    const CommandCall *call = inspect->call;
    const Inventory *inventory = inspect->side.inventory;
    size_t unknown = 0, estimated = 0;
    fprintf(call->out, "\n  %14s  %9s  table\n", "rows", inspect->side.kind == SIDE_LIVE ? "on disk" : "bytes");
    LIST_EACH (const InventoryTable, table, inventory->tables) {
        unknown += table->kind == 'r' && table->count == INVENTORY_UNKNOWN;
        estimated += table->count == INVENTORY_ESTIMATE;
        if (tells_rows(table))
            print_table(call, table);
    }
    fprintf(call->out, "\n  %s", check_count_text(call->arena, inventory_total_rows(inventory), "row"));
    if (estimated > 0)
        fprintf(call->out, ", %s estimated (~)", check_count_text(call->arena, estimated, "table"));
    if (unknown > 0)
        fprintf(call->out, "; of %s not known", check_count_text(call->arena, unknown, "table"));
    fputc('\n', call->out);
}

static void print_damage(const Inspect *inspect) {
    const CommandCall *call = inspect->call;
    size_t count = inspect->side.backup->defects.count;
    if (count > 0)
        fprintf(call->out, "\n%s %s (lifeboat verify judges):\n",
                terminal_mark(call->arena, call->terminal, TERMINAL_WARN),
                check_count_text(call->arena, count, "defect"));
    side_print_defects(call->arena, &inspect->side, 10, call->out);
}

static void print_text(const Inspect *inspect) {
    const CommandCall *call = inspect->call;
    print_head(inspect);
    if (settings_flag(call->settings, &with_tables) || inspect->side.kind != SIDE_BACKUP)
        print_tables(inspect);
    else if (inspect->side.inventory->tables.count == 0 && strcmp(inspect->side.backup->format, "script") == 0)
        line(inspect, "note", "a script has no table of contents: --tables reads it all");
    if (inspect->side.kind == SIDE_BACKUP)
        print_damage(inspect);
}

/* ---- for programs ---- */

static void put_backup(json_t *document, const Backup *backup) {
    static const char *const defect_names[] = {
        [BACKUP_DEFECT_HEADER] = "header",       [BACKUP_DEFECT_DECODE] = "decode",
        [BACKUP_DEFECT_TRUNCATED] = "truncated", [BACKUP_DEFECT_COPY] = "copy",
        [BACKUP_DEFECT_MISSING] = "missing",     [BACKUP_DEFECT_UNEXPECTED] = "unexpected"};
    json_t *object = json_put(document, "backup", json_object());
    json_put_string(object, "id", backup->id);
    json_put_string(object, "path", backup->path);
    json_put_string(object, "format", backup->format);
    json_put_string(object, "archive_version", backup->archive_version);
    json_put_string(object, "compression", backup->compression);
    json_put_u64(object, "size_bytes", backup->size_bytes);
    json_put_time(object, "modified", backup->modified);
    json_put_time(object, "taken_at", backup->taken_at);
    json_put_bool(object, "taken_at_stated", backup->taken_at_stated);
    json_put_string(object, "server_version", backup->server_version);
    json_put_string(object, "dump_version", backup->dump_version);
    json_put_string(object, "database", backup->database);
    json_put_string(object, "encoding", backup->encoding);
    json_put_bool(object, "several_databases", backup->several_databases);
    json_put_bool(object, "globals_only", backup->globals_only);
    json_put_bool(object, "schema_only", backup->no_data);
    json_put_bool(object, "data_only", backup->no_schema);
    json_put_bool(object, "insert_style", backup->insert_style);
    json_put_bool(object, "row_security_on", backup->row_security_on);
    json_put_bool(object, "excludes_large_objects", backup->excludes_large_objects);
    json_put_bool(object, "read_whole", backup->read_whole);
    json_t *defects = json_put(object, "defects", json_array());
    LIST_EACH (const BackupDefect, defect, backup->defects) {
        json_t *item = json_add(defects, json_object());
        json_put_string(item, "kind", defect_names[defect->kind]);
        json_put_string(item, "where", defect->where);
        json_put_string(item, "message", defect->message);
    }
}

static void print_json(const Inspect *inspect) {
    Arena *arena = inspect->call->arena;
    json_t *document = json_start(arena, json_object());
    json_put_string(document, "schema", "lifeboat.inspect/1");
    if (inspect->side.kind == SIDE_BACKUP)
        put_backup(document, inspect->side.backup);
    json_t *kinds = json_put(document, "holds", json_object());
    Kinds counted = count_kinds(arena, inspect->side.inventory);
    LIST_EACH (const Kind, kind, counted)
        json_put_u64(kinds, kind->name, kind->count);
    json_put(document, "inventory", json_incref(saved_json(arena, inspect->side.inventory)));
    fprintf(inspect->call->out, "%s\n", json_render(arena, document, false));
}

static Err *run(CommandCall *call) {
    TRY(command_expect_operands(call, 1, 1));
    Inspect inspect = {.call = call};
    TRY(look(&inspect));
    if (settings_flag(call->settings, &as_json))
        print_json(&inspect);
    else
        print_text(&inspect);
    const Backup *backup = inspect.side.backup;
    if (backup != NULL && (backup->defects.count > 0 || (inspect.read && !backup->read_whole)))
        *call->status = EXIT_STATUS_UNKNOWN;
    return NULL;
}

const Command cmd_inspect = {
    .name = "inspect",
    .group = COMMAND_GROUP_LOOK,
    .synopsis = "inspect PATH|CONNINFO",
    .summary = "show what a backup holds, without judging it",
    .detail =
        "The format is told from the content, never from the name. By default only the front of an archive is read, "
        "which takes a moment at any size; --tables reads everything and counts the rows of every table.\n\n"
        "A connection string instead of a path shows a running database, read in one read-only snapshot. With "
        "--tables --json the whole inventory, digests included, is written: keep it, and lifeboat diff compares with "
        "it later.\n\n"
        "The exit status is 0, or 2 when the backup is damaged and what it holds is not all known.",
    .examples =
        "$ lifeboat inspect app.dump\nWhat is this file?\n$ lifeboat inspect --tables app.dump\nHow many rows has each "
        "table?\n$ lifeboat inspect --tables --json service=production >before.json\nRemember what the database holds.",
    .options = options,
    .run = run,
};
