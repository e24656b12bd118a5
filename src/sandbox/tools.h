/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_TOOLS_H
#define LIFEBOAT_SANDBOX_TOOLS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/list.h"

/*
 * The PostgreSQL installations of this machine: where initdb, postgres and pg_restore are, and which version they say
 * they are. Looked for in /usr/lib/postgresql/MAJOR/bin (Debian), /usr/pgsql-MAJOR/bin (PGDG on Red Hat),
 * /usr/local/pgsql/bin, and the directory of `postgres` and `pg_restore` in PATH. A program that does not answer
 * `--version` in 10 s does not count.
 */
typedef struct Tools {
    const char *bindir;
    const char *version; /* "15.20" */
    int major;
    bool has_server; /* initdb and postgres are there: a sandbox can be made */
    bool has_client; /* pg_restore, psql and pg_dump are there */
} Tools;

typedef LIST(Tools) ToolsList;

/* All installations, newest first; an empty list is no error. `bindir` not NULL: that one only, and it must exist. */
Err *tools_find(Arena *arena, const char *bindir, ToolsList *out);

/* The newest installation with a server whose major is at least `least` (0: any), or an error that says what is
 * installed and which package would help. */
Err *tools_server(Arena *arena, const char *bindir, int least, const Tools **out);

/* The newest installation with pg_dump and pg_restore whose major is at least `least`, likewise. */
Err *tools_client(Arena *arena, const char *bindir, int least, const Tools **out);

/* "<bindir>/<program>". */
const char *tools_program(Arena *arena, const Tools *tools, const char *program);

#endif
