/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/process.h"
#include "base/text.h"
#include "base/thread.h"
#include "base/time.h"
#include "format/attest.h"
#include "inventory/live.h"
#include "sandbox/query.h"
#include "sandbox/service.h"

typedef struct Dumping {
    Arena *arena;
    const DumpRequest *request;
    Dump *out;
    Query *query; /* holds the snapshot */
    const Tools *tools;
    const char *snapshot;
    const char *service; /* environment for child programs */
    const char *database, *encoding;
    const char *temporary, *temporary_globals; /* being written */
    Inventory *inventory;
    Attest attest;
    double dump_seconds, inventory_seconds;
} Dumping;

static const char *value(const PGresult *result, int column) {
    return PQgetisnull(result, 0, column) ? "" : PQgetvalue(result, 0, column);
}

/* One question that also tells what the session is allowed to see. */
static const char facts_sql[] =
    "SELECT current_database(), pg_encoding_to_char(encoding), pg_database_size(oid), "
    "(SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user), "
    "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, "
    "current_setting('server_version_num')::integer / 10000, pg_export_snapshot(), now(), "
    "EXISTS (SELECT FROM pg_class WHERE relrowsecurity), current_user FROM pg_database WHERE datname = "
    "current_database()";

static Err *open_snapshot(Dumping *dumping) {
    Arena *arena = dumping->arena;
    PGconn *probe = NULL;
    PGresult *result = NULL;
    /* live_connect refuses a transaction pooler and explains every other way to fail. */
    TRY(live_connect(arena, dumping->request->conninfo, &probe));
    TRY(query_connect(arena, dumping->request->conninfo, 0, &dumping->query));
    TRY(query_run(arena, dumping->query, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", NULL, &result));
    TRY(query_run(arena, dumping->query, "SET LOCAL search_path = pg_catalog", NULL, &result));
    TRY(query_run(arena, dumping->query, "SET LOCAL idle_in_transaction_session_timeout = 0", NULL, &result));
    TRY(query_run(arena, dumping->query, facts_sql, NULL, &result));
    dumping->database = value(result, 0);
    dumping->encoding = value(result, 1);
    text_to_u64(text_of(value(result, 2)), &dumping->out->database_size);
    if (value(result, 3)[0] != 't' && value(result, 8)[0] == 't')
        return err_hint(
            arena,
            err_new(arena, ERR_PERMISSION,
                    "the role %s could be blinded by row-level security: its dump might lack rows",
                    text_safe(arena, value(result, 9))),
            "dump as a role with BYPASSRLS (ALTER ROLE ... BYPASSRLS; on Supabase: postgres) or a superuser");
    dumping->out->snapshot_lsn = value(result, 4);
    dumping->snapshot = value(result, 6);
    dumping->attest.snapshot_lsn = dumping->out->snapshot_lsn;
    if (!time_parse(text_of(value(result, 7)), &dumping->attest.snapshot_at))
        dumping->attest.snapshot_at = time_now();
    uint64_t major = 0;
    text_to_u64(text_of(value(result, 5)), &major);
    Err *err = tools_client(arena, dumping->request->bindir, (int)major, &dumping->tools);
    return err == NULL ? NULL : err_wrap(arena, err, "pg_dump must not be older than the server");
}

/* Compressed dumps take about a third of the database; half is asked for, and a directory beside it is no smaller. */
static Err *check_disk(Dumping *dumping) {
    Arena *arena = dumping->arena;
    uint64_t available = 0, needed = dumping->out->database_size / 2;
    TRY(file_free_space(arena, dumping->request->directory, &available));
    if (available >= needed)
        return NULL;
    return err_hint(arena,
                    err_new(arena, ERR_LIMIT, "a dump of %s may take %s, but only %s is free in %s",
                            file_size_text(arena, dumping->out->database_size), file_size_text(arena, needed),
                            file_size_text(arena, available), dumping->request->directory),
                    "free some space, or name another directory with --to");
}

static const char *safe_stem(Arena *arena, const char *name) {
    char *stem = arena_strdup(arena, name);
    for (char *at = stem; *at != '\0'; at++)
        if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') || *at == '-' ||
              *at == '_'))
            *at = '_';
    return stem[0] == '\0' ? "backup" : stem;
}

/* "production-20261123T050000Z": sorts by time. */
static void name_files(Dumping *dumping) {
    Arena *arena = dumping->arena;
    const DumpRequest *request = dumping->request;
    const char *stem = safe_stem(arena, request->name != NULL ? request->name : dumping->database);
    char *when = arena_alloc(arena, 32);
    size_t length = 0;
    for (const char *at = time_text(arena, dumping->attest.snapshot_at); *at != '\0' && *at != '.' && *at != 'Z'; at++)
        if (*at != '-' && *at != ':' && length < 20)
            when[length++] = *at;
    const char *name = arena_printf(arena, "%s-%sZ%s", stem, when, request->as_directory ? "" : ".dump");
    Dump *out = dumping->out;
    out->path = file_join(arena, request->directory, name);
    out->attestation = attest_path(arena, out->path);
    dumping->temporary = arena_printf(arena, "%s/.%s.partial", request->directory, name);
    if (!request->no_globals) {
        out->globals = arena_printf(arena, "%s/%s-%sZ.globals.sql", request->directory, stem, when);
        dumping->temporary_globals =
            arena_printf(arena, "%s/.%s-%sZ.globals.sql.partial", request->directory, stem, when);
    }
    dumping->attest.backup = name;
    dumping->attest.format = request->as_directory ? "directory" : "custom";
}

/* ---- the parts ---- */

static Err *run_pg_dump(Arena *arena, Dumping *dumping) {
    const DumpRequest *request = dumping->request;
    LIST(const char *) arguments = {0};
    const char *const fixed[] = {tools_program(arena, dumping->tools, "pg_dump"),
                                 request->as_directory ? "--format=directory" : "--format=custom",
                                 arena_printf(arena, "--snapshot=%s", dumping->snapshot),
                                 arena_printf(arena, "--file=%s", dumping->temporary),
                                 "--no-password",
                                 "--dbname=service=lifeboat"};
    for (size_t at = 0; at < sizeof(fixed) / sizeof(fixed[0]); at++)
        *LIST_PUSH(arena, arguments) = fixed[at];
    if (request->as_directory)
        *LIST_PUSH(arena, arguments) = arena_printf(arena, "--jobs=%d", request->jobs);
    if (dumping->tools->major >= 16) /* zstd is both smaller and faster than gzip, and pg_restore 16 reads it */
        *LIST_PUSH(arena, arguments) = "--compress=zstd:3";
    *LIST_PUSH(arena, arguments) = NULL;
    ProcessResult result = {0};
    const ProcessRequest process = {.arguments = arguments.items,
                                    .environment = (const char *const[]){dumping->service, "PGAPPNAME=lifeboat", NULL},
                                    .deadline = request->deadline};
    int64_t began = time_monotonic();
    Err *err = process_must(arena, &process, &result);
    dumping->dump_seconds = (double)(time_monotonic() - began) / (double)TIME_SECOND;
    return err == NULL ? NULL : err_wrap(arena, err, "the dump failed");
}

static Err *run_globals(Arena *arena, Dumping *dumping) {
    ProcessResult result = {0};
    const ProcessRequest process = {
        .arguments = (const char *const[]){tools_program(arena, dumping->tools, "pg_dumpall"), "--globals-only",
                                           "--no-role-passwords", "--no-password",
                                           arena_printf(arena, "--file=%s", dumping->temporary_globals),
                                           "--dbname=service=lifeboat", NULL},
        .environment = (const char *const[]){dumping->service, "PGAPPNAME=lifeboat", NULL},
        .deadline = dumping->request->deadline};
    Err *err = process_must(arena, &process, &result);
    return err == NULL ? NULL
                       : err_hint(arena, err_wrap(arena, err, "roles and tablespaces could not be dumped"),
                                  "leave them out with --no-globals");
}

static void count_tables(void *context, uint64_t done, uint64_t total) {
    const Dumping *dumping = context;
    if (dumping->request->progress != NULL)
        dumping->request->progress(dumping->request->context, "counting", done, total);
}

static Err *take_inventory(Arena *arena, Dumping *dumping) {
    const LiveRequest live = {.conninfo = dumping->request->conninfo,
                              .jobs = dumping->request->jobs,
                              .digests = !dumping->request->no_digests,
                              .as_dump = true,
                              .snapshot = dumping->snapshot,
                              .client_encoding = dumping->encoding,
                              .statement_timeout = dumping->request->deadline,
                              .progress = count_tables,
                              .context = dumping};
    int64_t began = time_monotonic();
    Err *err = live_inventory(arena, &live, &dumping->inventory);
    dumping->inventory_seconds = (double)(time_monotonic() - began) / (double)TIME_SECOND;
    return err;
}

static Err *one_part(ThreadWorker *worker, size_t item, void *context) {
    Dumping *dumping = context;
    if (item == 1)
        return take_inventory(worker->arena, dumping);
    if (dumping->temporary_globals != NULL)
        TRY(run_globals(worker->arena, dumping));
    return run_pg_dump(worker->arena, dumping);
}

/* ---- putting it in place ---- */

static Err *sync_path(Arena *arena, const char *path) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return err_errno(arena, errno, "cannot open %s", path);
    int failed = fsync(descriptor) != 0 ? errno : 0;
    close(descriptor);
    return failed == 0 ? NULL : err_errno(arena, failed, "cannot sync %s", path);
}

static Err *sync_tree(Arena *arena, const char *path) {
    FileInfo info;
    TRY(file_info(arena, path, &info));
    if (info.kind == FILE_DIRECTORY) {
        char **names = NULL;
        size_t count = 0;
        TRY(file_list(arena, path, &names, &count));
        for (size_t at = 0; at < count; at++)
            TRY(sync_path(arena, file_join(arena, path, names[at])));
    }
    return sync_path(arena, path);
}

static Err *put_in_place(Dumping *dumping, const char *temporary, const char *path) {
    TRY(sync_tree(dumping->arena, temporary));
    if (rename(temporary, path) != 0)
        return err_errno(dumping->arena, errno, "cannot rename %s", temporary);
    return sync_path(dumping->arena, dumping->request->directory);
}

static Err *check_counts(Dumping *dumping) {
    LIST_EACH (const InventoryTable, table, dumping->inventory->tables) {
        if (table->count == INVENTORY_UNKNOWN && table->has_data && table->kind == 'r' && !table->extension_owned)
            return err_new(dumping->arena, ERR_PERMISSION, "%s could not be counted, so nothing can be attested: %s",
                           inventory_table_text(dumping->arena, table), text_safe(dumping->arena, table->unknown_why));
        dumping->out->tables++;
    }
    dumping->out->rows = inventory_total_rows(dumping->inventory);
    return NULL;
}

static Err *finish(Dumping *dumping) {
    Arena *arena = dumping->arena;
    int64_t began = time_monotonic();
    PGresult *result = NULL;
    /* The session that held the snapshot must have lived until now, or the parts may speak of different instants. */
    TRY(query_run(arena, dumping->query, "COMMIT", NULL, &result));
    TRY(check_counts(dumping));
    if (dumping->temporary_globals != NULL)
        TRY(put_in_place(dumping, dumping->temporary_globals, dumping->out->globals));
    TRY(put_in_place(dumping, dumping->temporary, dumping->out->path));
    Attest *attest = &dumping->attest;
    attest->tool_version = LIFEBOAT_VERSION;
    attest->dump_version = dumping->tools->version;
    attest->system_identifier = dumping->inventory->system_identifier;
    attest->inventory = dumping->inventory;
    TRY(attest_list_files(arena, dumping->out->path, attest));
    LIST_EACH (const AttestFile, file, attest->files)
        dumping->out->size += file->size;
    TRY(attest_write(arena, dumping->out->attestation, attest, dumping->request->sign_key));
    dumping->out->digested = !dumping->request->no_digests;
    dumping->out->signed_by_key = dumping->request->sign_key != NULL;
    *LIST_PUSH(arena, dumping->out->phases) = (DumpPhase){"dump", dumping->dump_seconds};
    *LIST_PUSH(arena, dumping->out->phases) = (DumpPhase){"inventory", dumping->inventory_seconds};
    *LIST_PUSH(arena, dumping->out->phases) =
        (DumpPhase){"attest", (double)(time_monotonic() - began) / (double)TIME_SECOND};
    return NULL;
}

static void remove_partial(const char *path, bool directory) {
    if (path == NULL)
        return;
    if (!directory) {
        unlink(path);
        return;
    }
    Arena *arena = arena_new();
    Err *err = access(path, F_OK) == 0 ? file_remove_tree(arena, path) : NULL;
    if (err != NULL)
        log_warning("cannot remove a partial backup", "path", path, "error", err->message, NULL);
    arena_free(arena);
}

static Err *write_backup(Dumping *dumping) {
    TRY(thread_run(dumping->arena, 2, 2, one_part, dumping));
    return finish(dumping);
}

Err *dump_take(Arena *arena, const DumpRequest *request, Dump **out) {
    Dump *dump = ARENA_NEW(arena, Dump);
    Dumping dumping = {.arena = arena, .request = request, .out = dump};
    *out = dump;
    dump->label = live_label(arena, request->conninfo);
    TRY(open_snapshot(&dumping));
    TRY(check_disk(&dumping));
    name_files(&dumping);
    dump->tool = arena_printf(arena, "pg_dump %s (%s)", dumping.tools->version, dumping.tools->bindir);
    if (request->dry_run)
        return NULL;
    TRY(service_write(arena, dumping.query->connection, NULL, &dumping.service));
    Err *err = write_backup(&dumping);
    if (err != NULL) {
        remove_partial(dumping.temporary_globals, false);
        remove_partial(dumping.temporary, request->as_directory);
    }
    return err;
}
