/* SPDX-License-Identifier: PostgreSQL */
#include "store/store.h"

#include <string.h>

#include "store/store_postgres.h"

/*
 * A line of each migration says how to tell that it was applied: "-- done-when: <SQL expression>". Asking the catalogue
 * instead of a table of our own stays true when somebody applied the file by psql or in a web editor, and when a table
 * was made by hand before.
 */
static const char done_when[] = "-- done-when: ";

/* Concurrent migrations take turns: any number that nobody else is likely to use. */
static const char begin[] = "BEGIN; SET LOCAL lock_timeout = '10s'; SELECT pg_advisory_xact_lock(7306085835210719076)";

static Err *run(Arena *arena, StorePostgres *session, const char *sql) {
    PGresult *result;
    return store_postgres_query(arena, session, &(StoreStatement){.sql = sql}, &result);
}

static Err *is_done(Arena *arena, StorePostgres *session, const StoreMigration *migration, bool *done) {
    PGresult *result = NULL;
    Text rest = text_of(migration->sql), line = {0};
    while (rest.length > 0 && !text_starts(line, done_when))
        line = text_cut(rest, '\n', &rest);
    if (!text_starts(line, done_when))
        return err_new(arena, ERR_DATA, "migration %s does not say when it is done", migration->name);
    Text condition = text_slice(line, sizeof(done_when) - 1, line.length);
    const char *sql = arena_printf(arena, "SELECT (%s)", text_dup(arena, condition));
    TRY(store_postgres_query(arena, session, &(StoreStatement){.sql = sql}, &result));
    *done = strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    return NULL;
}

static Err *apply_missing(Arena *arena, StorePostgres *session, bool dry_run, Buf *applied) {
    for (const StoreMigration *migration = store_migrations; migration->name != NULL; migration++) {
        bool done;
        TRY(is_done(arena, session, migration, &done));
        if (done)
            continue;
        if (!dry_run) {
            Err *err = run(arena, session, migration->sql);
            if (err != NULL)
                return err_wrap(arena, err, "migration %s failed and was rolled back", migration->name);
            TRY(is_done(arena, session, migration, &done));
            if (!done)
                return err_hint(
                    arena,
                    err_new(arena, ERR_SERVER, "migration %s ran, but did not lead where it should", migration->name),
                    "a table backup_verification_log of another make may be in the way: compare it with "
                    "db/migrations, then rename it and run lifeboat migrate again");
        }
        buf_printf(applied, "%s%s", applied->length == 0 ? "" : ", ", migration->name);
    }
    return NULL;
}

Err *store_migrate(Arena *arena, const char *conninfo, bool dry_run, const char **applied) {
    StorePostgres session;
    Buf *names = buf_new(arena, 65536);
    TRY(store_postgres_connect(arena, conninfo, &session));
    session.patience = 5 * TIME_MINUTE;
    TRY(run(arena, &session, begin));
    TRY(apply_missing(arena, &session, dry_run, names)); /* an open transaction dies with the connection */
    TRY(run(arena, &session, dry_run ? "ROLLBACK" : "COMMIT"));
    *applied = text_dup(arena, buf_view(names));
    return NULL;
}
