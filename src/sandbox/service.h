/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_SERVICE_H
#define LIFEBOAT_SANDBOX_SERVICE_H

#include <libpq-fe.h>

#include "base/err.h"

/*
 * How child programs learn where to connect: a libpq service file of our own, readable by us only, so that no password
 * stands in arguments or in the environment. They are given "service=lifeboat" and the environment entry.
 */

/* The connection string with another database (NULL keeps its own). */
Err *service_conninfo(Arena *arena, const char *conninfo, const char *database, const char **out);

/* Writes where `connection` is connected to (services and the environment resolved), with another database (NULL keeps
 * its own), into a temporary directory that goes with the arena; *environment is "PGSERVICEFILE=...". */
Err *service_write(Arena *arena, PGconn *connection, const char *database, const char **environment);

/* The same in a directory of the caller's. */
Err *service_write_in(Arena *arena, PGconn *connection, const char *database, const char *directory,
                      const char **environment);

/* A temporary directory, removed with the arena. */
Err *service_workspace(Arena *arena, const char **out);

#endif
