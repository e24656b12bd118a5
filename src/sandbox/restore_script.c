/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "format/unpack.h"
#include "pg/identifier.h"
#include "pg/meta.h"
#include "pg/sql.h"
#include "pg/token.h"
#include "sandbox/keepout.h"
#include "sandbox/redact.h"
#include "sandbox/restore_parts.h"

/*
 * A script is executed here, not by psql: its backslash lines are never obeyed, except \connect, which names the
 * database of what follows. Statements the server refuses are classified and the script goes on, as psql would.
 */
typedef struct Script {
    Restoring *restoring;
    const char *database; /* of the current connection */
    const char *dumped;   /* its name in the script */
    Query *query;
    bool copying; /* COPY ... FROM stdin is open on the server; false while its rows are skipped */
    const char *copy_statement;
    uint64_t copy_line;
    Buf *tail;      /* the beginning of a row that may be the closing line \. */
    bool in_row;    /* the last bytes ended inside a row */
    Arena *scratch; /* of one statement */
    int64_t data_began;
} Script;

static const char *where(Script *script, uint64_t offset) {
    return arena_printf(script->restoring->arena, "byte %llu", (unsigned long long)offset);
}

/* ---- connections and databases ---- */

static bool knows_database(const Restoring *restoring, const char *database) {
    LIST_EACH (const char *, known, restoring->out->databases) {
        if (strcmp(*known, database) == 0)
            return true;
    }
    return false;
}

/* Names that every cluster has: what a script puts there goes to a database of that name with a suffix. */
static const char *target_name(Restoring *restoring, const char *database) {
    bool taken = strcmp(database, "postgres") == 0 || strncmp(database, "template", 8) == 0;
    return taken ? arena_printf(restoring->arena, "%s_restored", database) : database;
}

static Err *go_to(Script *script, const char *database, const char *encoding) {
    Restoring *restoring = script->restoring;
    const char *target =
        restoring->request->database != NULL ? restoring->request->database : target_name(restoring, database);
    script->dumped = database;
    if (!knows_database(restoring, target)) {
        if (restoring->request->database == NULL)
            TRY(restore_server_create(restoring, target, encoding));
        *LIST_PUSH(restoring->arena, restoring->out->databases) = target;
    }
    if (script->query != NULL && strcmp(script->database, target) == 0)
        return NULL;
    TRY(restore_server_connect(restoring, target, &script->query));
    script->database = target;
    return restore_stubs(restoring, script->query, database);
}

/* The first statement that needs a database, in a script that never said which. */
static Err *need_connection(Script *script) {
    if (script->query != NULL)
        return NULL;
    const Backup *backup = script->restoring->request->backup;
    const char *database = backup->database != NULL && backup->database[0] != '\0' ? backup->database : "restored";
    return go_to(script, backup->several_databases ? "postgres" : database, backup->encoding);
}

/* ---- statements ---- */

static Err *execute(Script *script, const SqlStatement *statement, Text text, ExecStatusType *status) {
    Restoring *restoring = script->restoring;
    const char *sql = text_dup(script->scratch, text);
    PGresult *result = NULL;
    *status = PGRES_FATAL_ERROR;
    if (strlen(sql) != text.length) {
        restore_failed(restoring, where(script, statement->offset), "the statement holds a NUL byte", sql);
        return NULL;
    }
    TRY(query_try(script->scratch, script->query, sql, NULL, &result));
    *status = PQresultStatus(result);
    if (!query_succeeded(result))
        restore_failed(restoring, where(script, statement->offset), query_message(result), sql);
    return restore_go_on(restoring);
}

/* CREATE DATABASE name ...: made with the locale C, because the dump's may not exist here. True when it was one. */
static Err *database_statement(Script *script, Text text, bool *was) {
    Restoring *restoring = script->restoring;
    Tokens tokens = token_start(text, true);
    Token verb = token_next(&tokens);
    *was = false;
    if (!token_is(&verb, "create") && !token_is(&verb, "alter") && !token_is(&verb, "drop"))
        return NULL;
    if (!token_accept(&tokens, "database"))
        return NULL;
    *was = true;
    if (!token_is(&verb, "create")) {
        restore_note(restoring, arena_printf(restoring->arena, "%.*s DATABASE ...", TEXT_ARG(verb.raw)),
                     "properties of whole databases are not applied in a sandbox");
        return NULL;
    }
    Token name = token_next(&tokens);
    const char *database = target_name(restoring, token_value(restoring->arena, &name, true));
    const char *encoding = "UTF8";
    for (Token token = token_next(&tokens); token.kind != TOKEN_END; token = token_next(&tokens)) {
        if (!token_is(&token, "encoding"))
            continue;
        token_accept_symbol(&tokens, '=');
        Token value = token_next(&tokens);
        encoding = token_value(restoring->arena, &value, true);
    }
    if (restoring->request->database != NULL || knows_database(restoring, database))
        return NULL;
    TRY(restore_server_create(restoring, database, encoding));
    *LIST_PUSH(restoring->arena, restoring->out->databases) = database;
    return NULL;
}

/* CREATE EXTENSION [IF NOT EXISTS] name [WITH] [SCHEMA s], and COMMENT ON EXTENSION name, of one that is absent here.
 */
static Err *extension_statement(Script *script, Text text, bool *was) {
    Restoring *restoring = script->restoring;
    Arena *arena = restoring->arena;
    Tokens tokens = token_start(text, true);
    Token verb = token_next(&tokens);
    *was = false;
    if (token_is(&verb, "comment"))
        token_accept(&tokens, "on");
    else if (!token_is(&verb, "create"))
        return NULL;
    if (!token_accept(&tokens, "extension"))
        return NULL;
    if (token_accept(&tokens, "if") && token_accept(&tokens, "not"))
        token_accept(&tokens, "exists");
    Token token = token_next(&tokens);
    const char *name = token_value(arena, &token, true), *schema = "";
    if (!restore_is_absent(restoring, name))
        return NULL;
    *was = true;
    if (!token_is(&verb, "create"))
        return NULL;
    for (token = token_next(&tokens); token.kind != TOKEN_END; token = token_next(&tokens)) {
        if (!token_is(&token, "schema"))
            continue;
        Token value = token_next(&tokens);
        schema = token_value(arena, &value, true);
    }
    return restore_stand_in(restoring, script->query, name, schema);
}

/* CREATE ROLE of a role that is there already (ours, or made because the dump names it) is no news. */
static Err *role_statement(Script *script, Text text, bool *was) {
    Restoring *restoring = script->restoring;
    Tokens tokens = token_start(text, true);
    *was = false;
    if (!token_accept(&tokens, "create") || (!token_accept(&tokens, "role") && !token_accept(&tokens, "user")))
        return NULL;
    Token name = token_next(&tokens);
    PGresult *result = NULL;
    const char *role = token_value(restoring->arena, &name, true);
    char *literal = PQescapeLiteral(script->query->connection, role, strlen(role));
    const char *sql = arena_printf(restoring->arena, "SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = %s",
                                   literal == NULL ? "''" : literal);
    PQfreemem(literal);
    TRY(query_try(script->scratch, script->query, sql, NULL, &result));
    *was = PQntuples(result) > 0;
    return NULL;
}

/* What is left out is told once: not its owner, its comment and its grants as well. */
static void note_left_out(Restoring *restoring, Text statement, const char *why) {
    Tokens tokens = token_start(statement, true);
    Token verb = token_next(&tokens), what = token_next(&tokens);
    if (token_is(&verb, "copy") || token_is(&verb, "insert")) {
        Token schema = token_is(&verb, "copy") ? what : token_next(&tokens);
        token_accept_symbol(&tokens, '.');
        Token name = token_next(&tokens);
        restore_note(restoring,
                     arena_printf(restoring->arena, "TABLE DATA %s.%s", token_value(restoring->arena, &schema, true),
                                  token_value(restoring->arena, &name, true)),
                     why); /* as an archive calls it */
        return;
    }
    bool setting = token_is(&what, "role") || token_is(&what, "database") || token_is(&what, "user");
    if (!token_is(&verb, "create") && !(token_is(&verb, "alter") && setting))
        return;
    Text rest;
    Text line = text_cut(text_of(redact_statement(restoring->arena, text_slice(statement, 0, 65536))), '\n', &rest);
    restore_note(restoring, text_dup(restoring->arena, text_slice(line, 0, 80)), why);
}

/* True when the statement is not for the server, for one reason or another (all noted). */
static Err *handled(Script *script, const SqlStatement *statement, bool *done) {
    Restoring *restoring = script->restoring;
    const char *why = restoring->request->trust_dump ? NULL : keepout_hostile(statement->text);
    *done = true;
    if (!restore_part_statement(restoring, statement->text))
        return NULL;
    if (why != NULL) {
        restore_refuse(restoring, where(script, statement->offset), statement->text, why);
        return NULL;
    }
    why = restoring->request->keep_platform ? keepout_acts_at_once(statement->text) : keepout_acts(statement->text);
    if (why != NULL) {
        note_left_out(restoring, statement->text, why);
        restore_lost(restoring, statement->text, EXPLAIN_PLATFORM_OBJECT, why);
        return NULL;
    }
    if (statement->oversized) {
        restore_failed(restoring, where(script, statement->offset), "the statement is too large to execute",
                       text_dup(restoring->arena, text_slice(statement->text, 0, 200)));
        return NULL;
    }
    TRY(database_statement(script, statement->text, done));
    if (*done)
        return NULL;
    TRY(need_connection(script));
    TRY(extension_statement(script, statement->text, done));
    return *done ? NULL : role_statement(script, statement->text, done);
}

/* Where the time goes: rows are data, what comes after them is not. */
static const char *phase_of(Text text) {
    Tokens tokens = token_start(text, true);
    Token verb = token_next(&tokens);
    if (token_is(&verb, "copy") || token_is(&verb, "insert"))
        return "data";
    if (!token_is(&verb, "create") && !token_is(&verb, "alter"))
        return "pre-data";
    token_accept(&tokens, "unique");
    if (token_accept(&tokens, "index"))
        return "indexes";
    for (Token token = token_next(&tokens); token.kind != TOKEN_END; token = token_next(&tokens))
        if (token_is(&token, "constraint") && token_is(&verb, "alter"))
            return "constraints";
    return "pre-data";
}

static Err *on_statement(void *context, const SqlStatement *statement) {
    Script *script = context;
    Restoring *restoring = script->restoring;
    int64_t began = time_monotonic();
    bool done = false;
    ExecStatusType status = PGRES_FATAL_ERROR;
    script->copying = false;
    TRY(restore_go_on(restoring));
    TRY(handled(script, statement, &done));
    const char *phase = phase_of(statement->text);
    if (!done && strcmp(phase, "data") == 0)
        TRY(restore_stand_in_tables(restoring, script->query, script->dumped));
    if (!done)
        TRY(execute(script, statement, statement->text, &status));
    script->copying = status == PGRES_COPY_IN;
    if (script->copying)
        script->copy_statement = text_dup(restoring->arena, text_slice(statement->text, 0, 400));
    script->copy_line = statement->offset;
    buf_clear(script->tail);
    script->in_row = false;
    script->data_began = time_monotonic();
    restore_phase(restoring, phase, began, time_monotonic());
    arena_free(script->scratch);
    script->scratch = arena_child(restoring->arena);
    return NULL;
}

static Err *on_insert(void *context, const SqlInsert *insert) {
    Script *script = context;
    SqlStatement whole = insert->head;
    whole.text = insert->whole;
    return on_statement(script, &whole);
}

/* \connect [-reuse-previous=on] "dbname='x'" | x | "x" */
static const char *connect_target(Script *script, Text line) {
    Arena *arena = script->restoring->arena;
    Text rest;
    Text word = text_cut(line, ' ', &rest);
    if (!text_is(word, "\\connect") && !text_is(word, "\\c"))
        return NULL;
    rest = text_trim(rest);
    if (text_starts(rest, "-reuse-previous"))
        text_cut(rest, ' ', &rest);
    Tokens tokens = token_start(text_trim(rest), true);
    Token name = token_next(&tokens);
    const char *value = token_value(arena, &name, true);
    if (strncmp(value, "dbname=", 7) != 0)
        return value;
    Tokens inner = token_start(text_of(value + 7), true);
    name = token_next(&inner);
    return token_value(arena, &name, true);
}

static Err *on_command(void *context, const SqlStatement *command, bool inside) {
    (void)inside;
    Script *script = context;
    const char *database = connect_target(script, command->text);
    if (database != NULL)
        return go_to(script, database, script->restoring->request->backup->encoding);
    if (meta_read(script->restoring->arena, command->text).kind == META_HARMLESS)
        return NULL;
    restore_refuse(script->restoring, where(script, command->offset), command->text,
                   "psql would obey this line; no dump needs it");
    return NULL;
}

static Err *on_comment(void *context, const SqlStatement *comment) {
    (void)context;
    (void)comment;
    return NULL;
}

/* ---- rows of COPY ---- */

static Err *put(Script *script, const char *bytes, size_t length) {
    while (script->copying && length > 0) {
        int piece = length > (1 << 20) ? 1 << 20 : (int)length;
        if (PQputCopyData(script->query->connection, bytes, piece) != 1)
            return err_new(script->restoring->arena, ERR_CONNECT, "the server closed the connection: %s",
                           text_quote(script->restoring->arena,
                                      text_trim(text_of(PQerrorMessage(script->query->connection))), 300));
        bytes += piece;
        length -= (size_t)piece;
    }
    return NULL;
}

static Err *end_copy(Script *script) {
    Restoring *restoring = script->restoring;
    if (!script->copying)
        return NULL;
    script->copying = false;
    if (PQputCopyEnd(script->query->connection, NULL) != 1)
        return err_new(restoring->arena, ERR_CONNECT, "the server closed the connection");
    for (PGresult *result = PQgetResult(script->query->connection); result != NULL;
         result = PQgetResult(script->query->connection)) {
        if (PQresultStatus(result) == PGRES_FATAL_ERROR)
            restore_failed(restoring, where(script, script->copy_line), query_message(result), script->copy_statement);
        PQclear(result);
    }
    restore_phase(restoring, "data", script->data_began, time_monotonic());
    return restore_go_on(restoring);
}

/* Sends rows up to the closing line. A row that begins with a backslash may be that line and waits in `tail` until it
 * is known. */
static Err *on_copy(void *context, Text bytes, size_t *used, bool *ended) {
    Script *script = context;
    const char *at = bytes.at, *end = bytes.at + bytes.length;
    *ended = false;
    TRY(restore_go_on(script->restoring));
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *next = newline == NULL ? end : newline + 1;
        bool row_start = script->tail->length > 0 || !script->in_row;
        if (row_start && (script->tail->length > 0 || *at == '\\') && script->tail->length < 4) {
            size_t take =
                (size_t)(next - at) < 4 - script->tail->length ? (size_t)(next - at) : 4 - script->tail->length;
            buf_append(script->tail, at, take);
            at += take;
            Text tail = buf_view(script->tail);
            if (text_is(tail, "\\.\n") || text_is(tail, "\\.\r\n")) {
                *used = (size_t)(at - bytes.at);
                *ended = true;
                buf_clear(script->tail);
                return end_copy(script);
            }
            if (tail.length < 4 && !text_ends(tail, "\n"))
                continue;
            TRY(put(script, tail.at, tail.length));
            script->in_row = !text_ends(tail, "\n");
            buf_clear(script->tail);
            continue;
        }
        TRY(put(script, at, (size_t)(next - at)));
        script->in_row = newline == NULL;
        at = next;
    }
    *used = bytes.length;
    return NULL;
}

/* ---- reading ---- */

typedef struct Stored {
    Restoring *restoring;
    int descriptor;
    uint64_t at, size;
    char piece[256 * 1024];
} Stored;

static Err *next_stored(void *context, Text *piece) {
    Stored *stored = context;
    const RestoreRequest *request = stored->restoring->request;
    size_t got = 0;
    TRY(file_read_at(stored->restoring->arena, stored->descriptor, stored->at, stored->piece, sizeof(stored->piece),
                     &got));
    stored->at += got;
    if (request->progress != NULL)
        request->progress(request->context, "restoring", stored->at, stored->size);
    *piece = (Text){.at = stored->piece, .length = got};
    return NULL;
}

static Err *finish_script(Script *script, Sql *sql, const Unpack *unpack) {
    SqlEnd end;
    TRY(sql_finish(sql, &end));
    if (script->copying)
        TRY(end_copy(script));
    if (unpack_damage(unpack)->message != NULL)
        restore_failed(script->restoring, where(script, end.bytes), unpack_damage(unpack)->message, "");
    if (end.open != SQL_OPEN_NOTHING)
        restore_failed(script->restoring, where(script, end.bytes),
                       arena_printf(script->restoring->arena, "the script ends %s", sql_open_text(end.open)), "");
    return NULL;
}

Err *restore_script(Restoring *restoring) {
    Arena *arena = restoring->arena;
    const Backup *backup = restoring->request->backup;
    Script script = {.restoring = restoring,
                     .tail = buf_new(arena, 16),
                     .database = "",
                     .dumped = "",
                     .copy_statement = "",
                     .scratch = arena_child(arena)};
    const SqlSink sink = {.context = &script,
                          .statement = on_statement,
                          .insert = on_insert,
                          .command = on_command,
                          .comment = on_comment,
                          .copy = on_copy};
    Stored *stored = ARENA_NEW(arena, Stored);
    FileInfo info;
    stored->restoring = restoring;
    TRY(file_open(arena, backup->path, &stored->descriptor, &info));
    stored->size = info.size;
    char head[64];
    size_t got = 0;
    TRY(file_read_at(arena, stored->descriptor, 0, head, sizeof(head), &got));
    Unpack *unpack = unpack_new(arena);
    unpack_start(unpack, unpack_recognise((Text){.at = head, .length = got}), next_stored, stored);
    Sql *sql = sql_new(arena, &sink);
    sql_keep_inserts(sql);
    for (;;) {
        Text plain;
        TRY(unpack_next(unpack, &plain));
        if (plain.length == 0)
            break;
        TRY(sql_feed(sql, plain));
    }
    return finish_script(&script, sql, unpack);
}
