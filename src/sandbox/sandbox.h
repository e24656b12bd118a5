/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_SANDBOX_H
#define LIFEBOAT_SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/process.h"
#include "sandbox/tools.h"

/*
 * Sandbox: a throw-away PostgreSQL made from the installed binaries, to restore into and look at.
 *
 * Invariants
 * - It lives in one directory of its own, listens on a Unix socket in that directory only (listen_addresses=''), and
 *   runs as an ordinary user: `postgres` when lifeboat is root, else the current user.
 * - The bootstrap superuser is SANDBOX_SUPERUSER, never `postgres`: a dump that alters role postgres (Supabase sets
 *   session_preload_libraries on it) would lock us out.
 * - It cannot act in the world: no TCP, archive_mode off, no preloaded libraries, and with bubblewrap no network, a
 *   private /tmp and a read-only root. `confinement` says which of these held; the report repeats it.
 * - It is tuned for speed and has no durability: fsync is off, nothing in it is worth keeping.
 * - It is gone after sandbox_close, after an arena is freed, after Ctrl-C, and after kill -9 of lifeboat: the server
 * dies with its parent, and the next sandbox_make sweeps directories whose owner is dead. A directory is provably ours
 * when its name has our prefix, it belongs to the user we run servers as, and it holds our marker; the marker is locked
 * (flock) as long as its owner lives.
 */
#define SANDBOX_SUPERUSER "lifeboat_sandbox"

typedef struct SandboxRequest {
    const char *bindir;    /* choose these binaries, or NULL for the newest that fit */
    int least_major;       /* the backup needs at least this server major; 0 for any */
    const char *parent;    /* directory to make it in; NULL: $LIFEBOAT_SANDBOX_DIR, else /var/tmp */
    uint64_t bytes_needed; /* disk that the restored database will take; refused when it is not free */
    uint64_t memory; /* bytes a server process may allocate for itself; 0: a quarter of the machine, 4 GiB at most */
    bool unconfined; /* do not use bubblewrap although it is there */
} SandboxRequest;

typedef struct Sandbox {
    Arena *arena;
    const Tools *tools;
    const char *directory; /* ours, removed on close */
    const char *socket;    /* directory of the Unix socket */
    const char *log;       /* the server's log file */
    const char *start_log; /* what it said before it opened that */
    const char *user;      /* OS user the server runs as, NULL: the current one */
    bool confined;
    const char *confinement; /* for people: "no network, private /tmp, read-only root (bubblewrap)" or why not */
    double seconds;          /* from the request to the first answered connection */
    Process *server;
    int marker; /* locked descriptor */
    bool kept;
    bool closed;
} Sandbox;

Err *sandbox_make(Arena *arena, const SandboxRequest *request, Sandbox **out);

/* libpq connection string of a database in it, as the bootstrap superuser or another role. */
const char *sandbox_conninfo(Arena *arena, const Sandbox *sandbox, const char *database, const char *role);

/* Stops the server and removes the directory. An error names what could not be removed: the caller reports it. Called
 * twice, or by the arena, it does nothing more. */
Err *sandbox_close(Sandbox *sandbox);

/* Leaves server and directory after lifeboat's exit (--keep): the server is started again on its own. Returns the
 * command that stops and removes it. */
Err *sandbox_keep(Sandbox *sandbox, const char **how_to_remove);

/* Stops and removes what dead owners left in `parent` (NULL as above); kept ones stay. Counts what was removed. */
Err *sandbox_sweep(Arena *arena, const char *parent, size_t *swept);

/* Last lines of the server's log, for an error message. */
const char *sandbox_last_words(Arena *arena, const Sandbox *sandbox);

#endif
