/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "inventory/live.h"
#include "sandbox/dump_parts.h"

static const char *value(const PGresult *result, int column) {
    return PQgetisnull(result, 0, column) ? "" : PQgetvalue(result, 0, column);
}

static uint64_t number(const PGresult *result, int column) {
    uint64_t found = 0;
    text_to_u64(text_of(value(result, column)), &found);
    return found;
}

/* Tables whose rows pg_dump writes: no catalogue, nothing of an extension but its configuration. */
#define DUMPED                                                                                                         \
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"                             \
    " WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT EXISTS"                                  \
    " (SELECT 1 FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid"                      \
    " WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'"            \
    " AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass"                                               \
    " AND NOT c.oid = ANY (coalesce(e.extconfig, '{}')))"

/* One question that also tells what the session may see. */
static const char facts_sql[] =
    "SELECT pg_catalog.current_database(), pg_catalog.pg_encoding_to_char(encoding),"
    " pg_catalog.pg_database_size(oid),"
    " CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()"
    " ELSE pg_catalog.pg_current_wal_lsn() END,"
    " pg_catalog.pg_export_snapshot(), (extract(epoch FROM pg_catalog.now()) * 1000000)::int8, current_user,"
    " pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT'),"
    " (SELECT pg_catalog.count(*)" DUMPED " AND c.relkind = 'r'),"
    " (SELECT pg_catalog.string_agg(t.name, ', ') FROM (SELECT c.oid::pg_catalog.regclass::text AS name" DUMPED
    " AND c.relkind IN ('r', 'p') AND c.relrowsecurity AND pg_catalog.row_security_active(c.oid)"
    " ORDER BY 1 LIMIT 4) t)"
    " FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()";

enum { DATABASE, ENCODING, SIZE, LSN, SNAPSHOT, AT, ROLE, PASSWORDS, TABLES, HIDDEN };

static Err *refuse_blind_role(Dumping *dumping, const PGresult *facts) {
    Arena *arena = dumping->arena;
    if (PQgetisnull(facts, 0, HIDDEN))
        return NULL;
    return err_hint(arena,
                    err_new(arena, ERR_PERMISSION,
                            "row-level security hides rows from the role %s: a dump of it would lack them (%s)",
                            text_safe(arena, value(facts, ROLE)), text_safe(arena, value(facts, HIDDEN))),
                    "back up as the tables' owner, as a role with BYPASSRLS (ALTER ROLE ... BYPASSRLS; on Supabase: "
                    "postgres), or as a superuser");
}

/* An export keeps its snapshot for as long as the transaction lives. */
static Err *open_snapshot(Dumping *dumping) {
    Arena *arena = dumping->arena;
    Dump *out = dumping->out;
    PGresult *facts = NULL;
    TRY(live_query(arena, dumping->session, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL, &facts));
    TRY(live_query(arena, dumping->session, facts_sql, NULL, &facts));
    TRY(refuse_blind_role(dumping, facts));
    const char *version = PQparameterStatus(dumping->session, "server_version");
    out->server_version = arena_strdup(arena, version == NULL ? "" : version);
    out->database = value(facts, DATABASE);
    out->database_size = number(facts, SIZE);
    out->snapshot_lsn = value(facts, LSN);
    out->snapshot_at = strtoll(value(facts, AT), NULL, 10);
    out->tables = number(facts, TABLES);
    out->role_passwords = value(facts, PASSWORDS)[0] == 't';
    dumping->encoding = value(facts, ENCODING);
    dumping->snapshot = value(facts, SNAPSHOT);
    return NULL;
}

static Err *find_tools(Dumping *dumping) {
    Arena *arena = dumping->arena;
    int major = PQserverVersion(dumping->session) / 10000;
    Err *err = tools_client(arena, dumping->request->bindir, major, &dumping->tools);
    if (err != NULL)
        return err_wrap(arena, err, "pg_dump must not be older than the server");
    dumping->out->tool = arena_printf(arena, "pg_dump %s (%s)", dumping->tools->version, dumping->tools->bindir);
    return NULL;
}

/* A compressed dump takes about a third of the database, which has indexes and dead rows on top; an uncompressed one
 * about as much as the rows do. */
static Err *check_disk(Dumping *dumping) {
    Arena *arena = dumping->arena;
    Dump *out = dumping->out;
    bool plain = dumping->request->compress != NULL && dumping->request->compress[0] == 'n';
    out->bytes_needed = plain ? out->database_size : out->database_size / 2;
    TRY(file_free_space(arena, dumping->request->directory, &out->bytes_free));
    if (out->bytes_free >= out->bytes_needed)
        return NULL;
    return err_hint(arena,
                    err_new(arena, ERR_LIMIT, "a dump of %s may take %s, and %s is free in %s",
                            file_size_text(arena, out->database_size), file_size_text(arena, out->bytes_needed),
                            file_size_text(arena, out->bytes_free), text_safe(arena, dumping->request->directory)),
                    "free some space, or name another directory with --to");
}

static Err *check_directory(Dumping *dumping) {
    Arena *arena = dumping->arena;
    FileInfo info;
    TRY(file_info(arena, dumping->request->directory, &info));
    if (info.kind == FILE_DIRECTORY)
        return NULL;
    return err_hint(arena,
                    err_new(arena, ERR_USAGE, "%s is not a directory", text_safe(arena, dumping->request->directory)),
                    "name the directory that backups are kept in: --to DIRECTORY");
}

Err *dump_source_open(Dumping *dumping) {
    const DumpRequest *request = dumping->request;
    TRY(check_directory(dumping));
    if (request->sign_key != NULL)
        TRY(attest_check_key(dumping->arena, request->sign_key, true));
    /* It refuses a transaction pooler, pins what must be pinned, and explains every other way to fail. */
    TRY(live_connect(dumping->arena, request->conninfo, &dumping->session));
    TRY(find_tools(dumping));
    TRY(open_snapshot(dumping));
    return check_disk(dumping);
}
