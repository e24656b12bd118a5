/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "cmd/doctor.h"
#include "inventory/live.h"

/* A backup's age is judged by two clocks: beyond the first difference it is wrong by something worth knowing, beyond
 * the second the check "taken in the future" fires (check_age.c allows five minutes). */
#define SKEW_WARNING (10 * TIME_SECOND)
#define SKEW_PROBLEM (5 * TIME_MINUTE)

static const char session_sql[] =
    "SELECT current_user, r.rolsuper, r.rolbypassrls, pg_catalog.current_setting('server_version'),"
    " pg_catalog.current_setting('server_version_num'), pg_catalog.pg_is_in_recovery(), pg_catalog.current_database(),"
    " (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint"
    " FROM pg_catalog.pg_roles r WHERE r.rolname = current_user";

/* Tables of the application that this role may not read, and those whose rows row-level security could hide from it. */
static const char rights_sql[] =
    "WITH tables AS (SELECT n.nspname || '.' || c.relname AS name,"
    "  pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable,"
    "  c.relrowsecurity AND (c.relforcerowsecurity OR NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')) AS guarded"
    "  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    "  WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
    "   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
    "        AND d.objid = c.oid AND d.deptype = 'e'))"
    " SELECT count(*), count(*) FILTER (WHERE NOT readable), min(name) FILTER (WHERE NOT readable),"
    " count(*) FILTER (WHERE guarded), min(name) FILTER (WHERE guarded) FROM tables";

static bool is_true(const PGresult *result, int column) {
    return strcmp(PQgetvalue(result, 0, column), "t") == 0;
}

DoctorStatus doctor_database_skew(int64_t skew, int64_t blur) {
    int64_t distance = skew < 0 ? -skew : skew;
    return distance > SKEW_PROBLEM + blur   ? DOCTOR_PROBLEM
           : distance > SKEW_WARNING + blur ? DOCTOR_WARNING
                                            : DOCTOR_OK;
}

static void look_at_clock(Doctor *doctor, const PGresult *session, Time before, Time after) {
    Arena *arena = doctor->arena;
    int64_t skew = strtoll(PQgetvalue(session, 0, 7), NULL, 10) - (before + (after - before) / 2);
    DoctorStatus status = doctor_database_skew(skew, (after - before) / 2);
    if (status == DOCTOR_OK) {
        doctor_add(doctor, DOCTOR_OK, "clock", "the clocks here and there agree", NULL);
        return;
    }
    doctor_add(doctor, status, "clock",
               arena_printf(arena, "the database server's clock is %s %s ours",
                            time_length_text(arena, skew < 0 ? -skew : skew), skew > 0 ? "ahead of" : "behind"),
               "set both by NTP: ages of backups are judged by the clock");
}

static void look_at_rights(Doctor *doctor, PGconn *connection, const PGresult *session) {
    Arena *arena = doctor->arena;
    PGresult *rights = NULL;
    const Err *err = live_query(arena, connection, rights_sql, NULL, &rights);
    if (err != NULL) {
        doctor_add_error(doctor, DOCTOR_UNKNOWN, "rights", err);
        return;
    }
    const char *role = text_quote(arena, text_of(PQgetvalue(session, 0, 0)), 64);
    const char *tables = PQgetvalue(rights, 0, 0), *unreadable = PQgetvalue(rights, 0, 1),
               *guarded = PQgetvalue(rights, 0, 3);
    bool sees_all = is_true(session, 1) || is_true(session, 2);
    if (strcmp(unreadable, "0") != 0)
        doctor_add(doctor, DOCTOR_PROBLEM, "rights",
                   arena_printf(arena,
                                "the role %s may not read %s of %s tables, %s among them: their rows would be unknown",
                                role, unreadable, tables, text_safe(arena, PQgetvalue(rights, 0, 2))),
                   arena_printf(arena, "GRANT pg_read_all_data TO %s; (PostgreSQL 14 and later)", role));
    if (!sees_all && strcmp(guarded, "0") != 0)
        doctor_add(doctor, DOCTOR_PROBLEM, "row-security",
                   arena_printf(arena,
                                "row-level security could hide rows of %s tables from the role %s, %s among them: "
                                "their rows would be unknown",
                                guarded, role, text_safe(arena, PQgetvalue(rights, 0, 4))),
                   arena_printf(arena, "ALTER ROLE %s BYPASSRLS; (as a superuser; on Supabase as postgres)", role));
    if (strcmp(unreadable, "0") == 0 && (sees_all || strcmp(guarded, "0") == 0))
        doctor_add(doctor, DOCTOR_OK, "rights",
                   arena_printf(arena, "the role %s sees every row of all %s tables", role, tables), NULL);
}

void doctor_database(Doctor *doctor, const char *conninfo, int *server_major) {
    Arena *arena = doctor->arena;
    PGconn *connection = NULL;
    PGresult *session = NULL;
    const Err *err = live_connect(arena, conninfo, &connection);
    Time before = time_real();
    if (err == NULL)
        err = live_query(arena, connection, session_sql, NULL, &session);
    Time after = time_real();
    if (err != NULL) {
        doctor_add_error(doctor, DOCTOR_PROBLEM, "database", err);
        return;
    }
    uint64_t number = 0;
    text_to_u64(text_of(PQgetvalue(session, 0, 4)), &number);
    int major = (int)(number / 10000);
    *server_major = major > *server_major ? major : *server_major;
    doctor_add(doctor, DOCTOR_OK, "database",
               arena_printf(arena, "%s answers: PostgreSQL %s%s", live_label(arena, conninfo),
                            text_safe(arena, PQgetvalue(session, 0, 3)), is_true(session, 5) ? ", a standby" : ""),
               NULL);
    look_at_rights(doctor, connection, session);
    look_at_clock(doctor, session, before, after);
}
