/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_FORMAT_SCRIPT_OBJECTS_H
#define LIFEBOAT_FORMAT_SCRIPT_OBJECTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/text.h"

/*
 * Large objects in a script: lo_create makes one, then lo_open, lowrite of up to 16 KiB at a time, lo_close
 * (dump_lo_buf and StartRestoreBlob in pg_backup_archiver.c). The digest is Inventory.large_object_digest, as archives
 * give it.
 */
typedef struct ScriptObjects ScriptObjects;

typedef struct ScriptObjectsResult {
    uint64_t created, written; /* objects; `written` have their content in the script */
    uint64_t bytes;
    HashSum digest;
    bool digested; /* false when some content is not in hex format */
    bool open;     /* the script ended between lo_open and lo_close */
} ScriptObjectsResult;

ScriptObjects *script_objects_new(Arena *arena);

/* True when the statement is one of these. */
bool script_objects_statement(ScriptObjects *objects, Text statement, bool standard_strings);

ScriptObjectsResult script_objects_result(const ScriptObjects *objects);

#endif
