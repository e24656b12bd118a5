/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/doctor.h"
#include "sandbox/tools.h"

static const Tools *newest_client(const ToolsList *list) {
    LIST_EACH (const Tools, tools, *list) {
        if (tools->has_client)
            return tools;
    }
    return NULL;
}

/* pg_dump refuses a server that is newer than itself, and pg_restore an archive of a newer pg_dump. */
void doctor_tools(Doctor *doctor, int server_major) {
    Arena *arena = doctor->arena;
    ToolsList list = {0};
    doctor->group = "This machine";
    const Err *err = tools_find(arena, NULL, &list);
    if (err != NULL) {
        doctor_add_error(doctor, DOCTOR_UNKNOWN, "tools", err);
        return;
    }
    const Tools *newest = newest_client(&list);
    int wanted = server_major > 0 ? server_major : newest == NULL ? 17 : newest->major;
    const char *install =
        arena_printf(arena, "apt install postgresql-client-%d (from apt.postgresql.org where Debian has none)", wanted);
    if (newest == NULL)
        doctor_add(doctor, DOCTOR_WARNING, "tools",
                   "pg_dump, pg_restore and psql are not installed: verifying works, restoring from here does not",
                   install);
    else if (newest->major < server_major)
        doctor_add(doctor, DOCTOR_PROBLEM, "tools",
                   arena_printf(arena,
                                "pg_dump and pg_restore are of version %s, the server is of %d: they can neither dump "
                                "it nor restore its dumps",
                                newest->version, server_major),
                   install);
    else
        doctor_add(doctor, DOCTOR_OK, "tools",
                   arena_printf(arena, "pg_dump, pg_restore and psql %s in %s", newest->version,
                                text_safe(arena, newest->bindir)),
                   NULL);
}
