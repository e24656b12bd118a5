/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_CONFINE_H
#define LIFEBOAT_SANDBOX_CONFINE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/list.h"

/*
 * Confinement of the sandbox server with bubblewrap. A dump is restored by a superuser (ownership, extensions and
 * operator classes need one) and may be hostile, so what a superuser can do is taken away from outside the server: no
 * network, own process and IPC namespaces, a read-only root in which only libraries are left (COPY ... PROGRAM finds no
 * shell, no file of anybody is there to be read, no socket of a service to be called), a private /tmp, and one writable
 * directory. Nothing is assumed: confine_probe
 * runs the server program once inside and reports what was said.
 */
typedef LIST(const char *) ConfineArguments;

typedef struct ConfineRequest {
    const char *program;  /* that runs in it, by its real path: it and its installation stay visible */
    bool outlives;        /* goes on without us: its own processes keep the numbers that its files say (pg_ctl stop) */
    const char *writable; /* the one writable directory, also the working directory, or NULL */
} ConfineRequest;

/* *works says whether `program --version` runs confined as that user; *sentence is for people either way. */
Err *confine_probe(Arena *arena, const char *user, const char *program, bool *works, const char **sentence);

/* Appends "bwrap ... --" so that the program's own arguments can follow. */
void confine_arguments(Arena *arena, const ConfineRequest *request, ConfineArguments *out);

#endif
