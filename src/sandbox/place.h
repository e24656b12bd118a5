/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_PLACE_H
#define LIFEBOAT_SANDBOX_PLACE_H

#include "format/backup.h"
#include "sandbox/sandbox.h"

/*
 * Place: where a backup is restored to prove that it can be. Three kinds behind one face:
 *
 * local: a sandbox of this machine's own binaries (sandbox/sandbox.h).
 * server: an empty database on a given staging server, made for it, with a comment that says whose it is. Never one
 * that existed before; refused when the server is the one the backup comes from. A session of ours stays in it as long
 * as it is used, so one without a session, with our name and our comment belongs to nobody any more: the next run drops
 * it. docker: a container without network, of a given image, driven through the docker client.
 *
 * Whatever the kind: gone after place_close, after an arena is freed, after Ctrl-C; after kill -9 the next place_make
 * sweeps.
 */
typedef enum PlaceKind { PLACE_LOCAL, PLACE_SERVER, PLACE_DOCKER } PlaceKind;

typedef struct PlaceRequest {
    PlaceKind kind;
    SandboxRequest local;      /* bindir and least_major count for every kind */
    const Backup *backup;      /* read whole */
    const char *staging;       /* server: conninfo of any database on it */
    bool source_asked;         /* server: the source is known to somebody, and must not be the staging server: */
    const char *source;        /* its system identifier; "" when it could not be told */
    const char *image;         /* docker */
    const char *socket_folder; /* docker: where the image puts its Unix socket; NULL: /var/run/postgresql */
} PlaceRequest;

typedef struct Place {
    Arena *arena;
    PlaceKind kind;
    const Tools *tools;         /* whose pg_restore */
    const char *server_version; /* "15.20" */
    const char *confinement;    /* for people */
    bool confined;        /* a hostile dump cannot get out, or the owner of the place has accepted that it might */
    const char *database; /* restore into this one; NULL: one is made for each dumped database */
    Sandbox *sandbox;     /* local */
    const char *conninfo; /* server, docker: of a maintenance database; never to be shown */
    void *state;
    Err *(*close)(struct Place *place); /* server, docker */
    bool closed;
} Place;

Err *place_make(Arena *arena, const PlaceRequest *request, Place **out);

/* libpq connection string of a database in it (NULL: a maintenance database), as superuser. */
const char *place_conninfo(Arena *arena, const Place *place, const char *database);

/* An error names what could not be removed. Called twice, or by the arena, it does nothing more. */
Err *place_close(Place *place);

/* Leaves it, and returns the command that removes it; local only. */
Err *place_keep(Place *place, const char **how_to_remove);

/* ---- place_server.c, place_docker.c: for place.c ---- */

Err *place_server_make(Arena *arena, const PlaceRequest *request, Place *place);
Err *place_docker_make(Arena *arena, const PlaceRequest *request, Place *place);

#endif
