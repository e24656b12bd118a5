/* SPDX-License-Identifier: PostgreSQL */
#include "format/script_reader.h"

#include <inttypes.h>
#include <string.h>

#include "format/script_parts.h"
#include "pg/banner.h"
#include "pg/meta.h"
#include "pg/token.h"

/* A script can \connect to any number of databases; of more than these it is not believed. */
enum { DATABASES_MAXIMUM = 10000 };

/* Temporary memory is given back when there is this much of it. */
enum { WORK_MAXIMUM = 256 * 1024, DEFECTS_MAXIMUM = 50 };

Arena *script_reader_work(ScriptReader *reader) {
    if (reader->work != NULL && arena_used(reader->work) > WORK_MAXIMUM) {
        arena_free(reader->work);
        reader->work = NULL;
    }
    if (reader->work == NULL)
        reader->work = arena_child(reader->thread->scratch);
    return reader->work;
}

const char *script_reader_place(Arena *arena, uint64_t offset) {
    return arena_printf(arena, "byte %" PRIu64, offset);
}

bool script_reader_defect(ScriptReader *reader, BackupDefectKind kind, uint64_t offset, const char *message) {
    if (reader->defects++ >= DEFECTS_MAXIMUM)
        return false;
    BackupDefect defect = {.kind = kind, .where = script_reader_place(reader->thread->arena, offset)};
    format_defect(reader->thread, &defect, "%s", message);
    return true;
}

bool script_reader_table_defect(ScriptReader *reader, BackupDefectKind kind, size_t table, const char *message) {
    if (reader->defects++ >= DEFECTS_MAXIMUM)
        return false;
    const char *name = inventory_table_text(reader->thread->arena, &reader->inventory->tables.items[table]);
    BackupDefect defect = {.kind = kind, .where = name, .table = name};
    format_defect(reader->thread, &defect, "%s", message);
    return true;
}

const char *script_reader_quote(ScriptReader *reader, Text statement) {
    return text_quote(script_reader_work(reader), statement, 60);
}

/* "what: statement" */
static void statement_defect(ScriptReader *reader, BackupDefectKind kind, const SqlStatement *statement,
                             const char *what) {
    const char *quoted = script_reader_quote(reader, statement->text);
    script_reader_defect(reader, kind, statement->offset, arena_printf(reader->work, "%s: %s", what, quoted));
}

/* Something stands behind the closing line: said once. */
static void look_behind_end(ScriptReader *reader, const SqlStatement *statement) {
    if (reader->ended && !reader->told)
        statement_defect(reader, BACKUP_DEFECT_UNEXPECTED, statement,
                         "something stands behind the closing line of the script");
    reader->told |= reader->ended;
}

/* ---- comments ---- */

static void set_version(Backup *backup, Text value, const char **text, int *major) {
    if ((*text)[0] != '\0')
        return;
    *text = text_dup(backup->arena, value);
    *major = format_major(*text);
}

static void set_time(Backup *backup, Text value) {
    Time when;
    bool zoned;
    if (backup->taken_at_stated || !banner_time(value, &when, &zoned))
        return;
    backup->taken_at = when;
    backup->taken_at_stated = true;
    if (!zoned)
        backup->taken_at_note =
            arena_printf(backup->arena, "the script says %s; read as UTC", text_quote(backup->arena, value, 60));
}

void script_reader_header(Backup *backup, Text comment) {
    Banner banner = banner_read(comment);
    if (banner.kind == BANNER_SERVER_VERSION)
        set_version(backup, banner.value, &backup->server_version, &backup->server_major);
    else if (banner.kind == BANNER_DUMP_VERSION)
        set_version(backup, banner.value, &backup->dump_version, &backup->dump_major);
    else if (banner.kind == BANNER_STARTED)
        set_time(backup, banner.value);
}

static void dump_begins(ScriptReader *reader, const SqlStatement *comment) {
    if (reader->dump_open)
        script_reader_defect(reader, BACKUP_DEFECT_TRUNCATED, comment->offset,
                             "another dump begins before the one in front of it came to its closing line");
    reader->dump_open = true;
    reader->ended = false;
}

static void cluster_ends(ScriptReader *reader, const SqlStatement *comment) {
    if (reader->dump_open)
        script_reader_defect(reader, BACKUP_DEFECT_TRUNCATED, comment->offset,
                             "the script ends before its last database came to its closing line");
    reader->dump_open = reader->cluster_open = false;
    reader->ended = true;
    reader->ends++;
}

static Err *on_comment(void *context, const SqlStatement *comment) {
    ScriptReader *reader = context;
    Banner banner = banner_read(comment->text);
    switch (banner.kind) {
    case BANNER_DUMP_BEGINS:
        dump_begins(reader, comment);
        break;
    case BANNER_DUMP_ENDS:
        reader->dump_open = false;
        reader->ended = !reader->cluster_open;
        reader->ends++;
        break;
    case BANNER_CLUSTER_BEGINS:
        reader->cluster = reader->cluster_open = true;
        reader->ended = false;
        break;
    case BANNER_CLUSTER_ENDS:
        cluster_ends(reader, comment);
        break;
    case BANNER_DATA:
        script_data_announce(reader, banner.schema, banner.value);
        break;
    default:
        script_reader_header(reader->backup, comment->text);
        break;
    }
    return NULL;
}

/* ---- psql commands ---- */

static bool holds_database(const Inventory *inventory, const char *database) {
    for (size_t at = 0; at < inventory->databases.count; at++)
        if (strcmp(inventory->databases.items[at], database) == 0)
            return true;
    return inventory->databases.count >= DATABASES_MAXIMUM;
}

/* In a script of one database its name is the backup's; only where there are several does every table carry it. */
static void connect_to(ScriptReader *reader, const char *database) {
    Inventory *inventory = reader->inventory;
    if (!holds_database(inventory, database))
        *LIST_PUSH(inventory->arena, inventory->databases) = arena_strdup(inventory->arena, database);
    bool first = !reader->cluster && inventory->databases.count == 1;
    if (first)
        inventory->database = reader->backup->database = inventory->databases.items[0];
    bool again = !reader->cluster && strcmp(database, inventory->databases.items[0]) == 0;
    ddl_database(reader->ddl, first || again ? "" : database);
}

static Err *on_command(void *context, const SqlStatement *command, bool inside) {
    ScriptReader *reader = context;
    Meta meta = meta_read(script_reader_work(reader), command->text);
    if (inside || meta.kind == META_UNKNOWN) {
        statement_defect(reader, BACKUP_DEFECT_UNEXPECTED, command,
                         inside ? "a line that belongs to no statement" : "no command that psql knows");
        return NULL;
    }
    if (meta.kind == META_REACHES) {
        statement_defect(reader, BACKUP_DEFECT_HOSTILE, command, "psql would obey this line, and no dump needs it");
        return NULL;
    }
    if (meta.kind != META_HARMLESS)
        look_behind_end(reader, command);
    if (meta.kind == META_CONNECT) {
        if (meta.database != NULL)
            connect_to(reader, meta.database);
        sql_standard_strings(reader->sql, true);
    } else if (meta.kind == META_INCLUDE) {
        statement_defect(reader, BACKUP_DEFECT_MISSING, command,
                         "this reads another file, which is not part of the backup");
    }
    return NULL;
}

/* ---- statements ---- */

/* First words of all statements that PostgreSQL has. */
static bool is_statement(const Token *first) {
    static const char *const words[] = {
        "abort",  "alter",    "analyze",  "begin",      "call",     "checkpoint", "close",   "cluster", "comment",
        "commit", "copy",     "create",   "deallocate", "declare",  "delete",     "discard", "do",      "drop",
        "end",    "execute",  "explain",  "fetch",      "grant",    "import",     "insert",  "listen",  "load",
        "lock",   "merge",    "move",     "notify",     "prepare",  "reassign",   "refresh", "reindex", "release",
        "reset",  "revoke",   "rollback", "savepoint",  "security", "select",     "set",     "show",    "start",
        "table",  "truncate", "unlisten", "update",     "vacuum",   "values",     "with",
    };
    for (size_t at = 0; at < sizeof(words) / sizeof(words[0]); at++)
        if (token_is(first, words[at]))
            return true;
    return token_is_symbol(first, '(');
}

/* ALTER TABLE ... DISABLE TRIGGER ALL stands around the rows of data-only dumps. */
static bool defines(Token first, Tokens rest) {
    if (token_is(&first, "create"))
        return !token_accept(&rest, "database");
    if (!token_is(&first, "alter") || token_accept(&rest, "database"))
        return false;
    for (Token token = token_next(&rest); token.kind != TOKEN_END; token = token_next(&rest))
        if (token_is(&token, "disable") || token_is(&token, "enable"))
            return !token_accept(&rest, "trigger");
    return true;
}

static void follow_transaction(ScriptReader *reader, const Token *first) {
    if (token_is(first, "begin") || token_is(first, "start"))
        reader->transaction = true;
    else if (token_is(first, "commit") || token_is(first, "end") || token_is(first, "rollback") ||
             token_is(first, "abort"))
        reader->transaction = false;
}

static void read_select(ScriptReader *reader, const SqlStatement *statement) {
    size_t sequences = reader->inventory->sequences.count;
    if (script_objects_statement(reader->objects, statement->text, ddl_standard_strings(reader->ddl))) {
        reader->thread->member->raw_bytes += statement->length;
        return;
    }
    ddl_statement(reader->ddl, statement->text);
    Tokens tokens = token_start(statement->text, true);
    token_accept(&tokens, "select");
    if (token_accept(&tokens, "pg_catalog"))
        token_accept_symbol(&tokens, '.');
    reader->settings |= reader->inventory->sequences.count > sequences || token_accept(&tokens, "setval");
}

static void read_statement(ScriptReader *reader, const SqlStatement *statement, Token first, Tokens rest) {
    reader->definitions |= defines(first, rest);
    follow_transaction(reader, &first);
    reader->reset = token_is(&first, "reset") && token_accept(&rest, "all");
    if (token_is(&first, "copy"))
        script_data_copy_statement(reader, statement);
    else if (token_is(&first, "select"))
        read_select(reader, statement);
    else if (token_is(&first, "delete") || token_is(&first, "truncate") || token_is(&first, "drop"))
        script_data_removed(reader, statement->text);
    else
        ddl_statement(reader->ddl, statement->text);
    if (token_is(&first, "set") && ddl_encoding(reader->ddl)[0] != '\0')
        reader->encoding = ddl_encoding(reader->ddl);
}

static Err *on_statement(void *context, const SqlStatement *statement) {
    ScriptReader *reader = context;
    Tokens tokens = token_start(statement->text, ddl_standard_strings(reader->ddl));
    Token first = token_next(&tokens);
    look_behind_end(reader, statement);
    if (!is_statement(&first))
        statement_defect(reader, BACKUP_DEFECT_UNEXPECTED, statement, "this is no SQL statement");
    else if (statement->oversized)
        statement_defect(reader, BACKUP_DEFECT_DECODE, statement,
                         "a statement of more bytes than lifeboat reads (8 MiB)");
    else
        read_statement(reader, statement, first, tokens);
    return NULL;
}

static Err *on_insert(void *context, const SqlInsert *insert) {
    ScriptReader *reader = context;
    look_behind_end(reader, &insert->head);
    reader->reset = false;
    script_data_insert(reader, insert);
    return NULL;
}

static Err *on_copy(void *context, Text bytes, size_t *used, bool *ended) {
    script_data_copy(context, bytes, used, ended);
    return NULL;
}

/* ---- the whole ---- */

ScriptReader *script_reader_new(FormatThread *thread) {
    ScriptReader *reader = ARENA_NEW(thread->scratch, ScriptReader);
    Backup *backup = thread->reading->backup;
    *reader = (ScriptReader){.thread = thread,
                             .backup = backup,
                             .inventory = backup->inventory,
                             .ddl = ddl_new(thread->scratch, backup->inventory),
                             .objects = script_objects_new(thread->scratch),
                             .encoding = ""};
    SqlSink sink = {.context = reader,
                    .statement = on_statement,
                    .insert = on_insert,
                    .command = on_command,
                    .comment = on_comment,
                    .copy = on_copy};
    reader->sql = sql_new(thread->scratch, &sink);
    script_data_start(reader);
    return reader;
}

Err *script_reader_feed(ScriptReader *reader, Text plain) {
    return sql_feed(reader->sql, plain);
}

/* The script ends, or cannot be read on, in this place. */
static void cut_defect(ScriptReader *reader, BackupDefectKind kind, const SqlEnd *end, const char *message) {
    size_t table = script_data_open_table(reader, end);
    reader->defects = 0; /* that it is cut is said, whatever else there is */
    if (table != SIZE_MAX)
        script_reader_table_defect(reader, kind, table, message);
    else
        script_reader_defect(reader, kind, end->bytes, message);
}

/* Why the script is not whole, as a clause for people; NULL when it is. Adds the defect. */
static const char *judge_end(ScriptReader *reader, const SqlEnd *end) {
    Arena *work = script_reader_work(reader);
    if (end->open != SQL_OPEN_NOTHING) {
        cut_defect(reader, BACKUP_DEFECT_TRUNCATED, end,
                   arena_printf(work, "the script ends %s, at byte %" PRIu64, sql_open_text(end->open), end->bytes));
        return "the script ends before its rows do";
    }
    if (reader->dump_open || reader->cluster_open) {
        cut_defect(reader, BACKUP_DEFECT_TRUNCATED, end,
                   arena_printf(work, "the script ends without the line \"PostgreSQL database %sdump complete\"",
                                reader->dump_open ? "" : "cluster "));
        return "the script ends before its rows do";
    }
    if (reader->ends == 0 && !reader->reset) {
        cut_defect(
            reader, BACKUP_DEFECT_TRUNCATED, end,
            "nothing shows that the script is complete: it has neither pg_dump's closing line nor a RESET ALL at "
            "its end (keep the comments that pg_dump writes: supabase db dump --keep-comments)");
        return "the script may end before its rows do";
    }
    if (reader->transaction)
        cut_defect(reader, BACKUP_DEFECT_TRUNCATED, end, "the script ends inside a transaction: psql would undo it");
    return NULL;
}

static void set_facts(ScriptReader *reader) {
    Backup *backup = reader->backup;
    Inventory *inventory = reader->inventory;
    const ScriptData *data = &reader->data;
    ScriptObjectsResult objects = script_objects_result(reader->objects);
    bool rows = data->copies > 0 || data->inserts > 0 || data->announced || reader->settings || objects.written > 0;
    backup->several_databases = inventory->databases.count > 1;
    backup->globals_only = inventory->tables.count == 0 && inventory->objects.count == 0 && inventory->roles.count > 0;
    backup->insert_style = data->inserts > 0;
    backup->no_schema = rows && !reader->definitions;
    backup->no_data = inventory->tables.count > 0 && !rows;
    backup->excludes_large_objects = objects.created > 0 && objects.written == 0;
    backup->encoding = arena_strdup(backup->arena, reader->encoding);
    inventory->encoding = backup->encoding;
    inventory->taken_at = backup->taken_at;
    inventory->server_version = backup->server_version;
    inventory->server_major = backup->server_major;
}

static void finish_objects(ScriptReader *reader, bool whole) {
    Inventory *inventory = reader->inventory;
    ScriptObjectsResult objects = script_objects_result(reader->objects);
    BackupDefect defect = {.kind = BACKUP_DEFECT_MISSING, .where = "large objects"};
    bool missing = objects.written > 0 && objects.created > objects.written;
    if (whole && missing)
        format_defect(reader->thread, &defect, "the script creates %" PRIu64 " large objects and fills %" PRIu64,
                      objects.created, objects.written);
    inventory->large_objects = objects.written;
    inventory->large_object_bytes = objects.bytes;
    inventory->large_object_digest = objects.digest;
    inventory->large_objects_known = whole && !missing && !objects.open;
    inventory->large_objects_digested = inventory->large_objects_known && objects.digested;
}

Err *script_reader_finish(ScriptReader *reader, const UnpackDamage *damage) {
    SqlEnd end;
    TRY(sql_finish(reader->sql, &end));
    const char *cut = NULL;
    if (damage != NULL) {
        cut_defect(reader, damage->kind, &end,
                   arena_printf(script_reader_work(reader), "%s, at byte %" PRIu64 " of the script", damage->message,
                                end.bytes));
        cut = "the script cannot be read to its end";
    } else {
        cut = judge_end(reader, &end);
    }
    if (end.nul)
        script_reader_defect(reader, BACKUP_DEFECT_UNEXPECTED, end.nul_offset,
                             "a NUL byte stands in the script: psql would lose the rest of its line");
    script_data_finish(reader, cut, &end);
    finish_objects(reader, cut == NULL);
    set_facts(reader);
    inventory_seal(reader->inventory);
    reader->backup->read_whole = damage == NULL;
    return NULL;
}
