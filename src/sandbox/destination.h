/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_SANDBOX_DESTINATION_H
#define LIFEBOAT_SANDBOX_DESTINATION_H

#include "base/err.h"
#include "format/backup.h"
#include "inventory/inventory.h"
#include "sandbox/query.h"

/*
 * Destination: the database that a restore in earnest goes into. destination_look only looks; nothing is changed before
 * destination_create.
 *
 * A new database is made under a temporary name (NAME__restoring), with a comment that says what it is, and gets its
 * name when the restore has ended without a real error: what bears the name is whole.
 */
#define DESTINATION_SUFFIX "__restoring"

typedef struct DestinationSpec {
    const char *conninfo; /* of the database, or of any database of the server when `create` names a new one */
    const char *create;   /* NULL: restore into the database that conninfo names */
} DestinationSpec;

typedef struct Destination {
    const char *conninfo; /* as given */
    const char *create;   /* as given */
    const char *database; /* its name in the end */
    const char *working;  /* its name until then */
    const char *label;    /* "database app at db.example:5432 as lifeboat"; never a password */
    const char *user;
    const char *server_version;
    int server_major;
    const char *system_identifier; /* "" when the server does not tell */
    bool superuser, may_create_roles;
    uint64_t objects;             /* tables, views, functions, types and schemas of people, in an existing database */
    const char *example;          /* one of them, printable */
    uint64_t size;                /* bytes */
    InventoryNames missing_roles; /* that the backup names and the server lacks */
    InventoryNames missing_extensions; /* that the backup needs and the server cannot create */
} Destination;

/* ERR_USAGE when the new database exists; ERR_PERMISSION when a right is missing that the restore needs. */
Err *destination_look(Arena *arena, const DestinationSpec *spec, Destination *out);

/* Fills the two lists of what is missing. The inventory of a script is complete only when it has been read. */
Err *destination_look_for_missing(Arena *arena, const Inventory *inventory, Destination *out);

/* Makes the new database, empty, as the dump describes it (encoding, locale) where the server can; *note says what
 * could not be kept, or "". Does nothing when it exists already. */
Err *destination_create(Arena *arena, const Destination *destination, const Backup *backup, const char **note);

/* Makes the roles that are missing, without login. *made names those that could be made. */
Err *destination_make_roles(Arena *arena, const Destination *destination, const Inventory *inventory,
                            InventoryNames *made);

/* Gives the new database its name; our own sessions in it are ended first. */
Err *destination_finish(Arena *arena, Destination *destination);

/* The connection string with another database, still with its password: for libpq, never to be shown. */
Err *destination_conninfo(Arena *arena, const Destination *destination, const char *database, const char **out);

/* "host=db.example dbname=app": the connection string that was given, with another database and without a password;
 * printable. */
const char *destination_connect_text(Arena *arena, const Destination *destination, const char *database);

#endif
