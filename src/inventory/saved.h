/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_INVENTORY_SAVED_H
#define LIFEBOAT_INVENTORY_SAVED_H

#include "base/json.h"
#include "inventory/inventory.h"

/*
 * An Inventory as JSON, schema "lifeboat.inventory/1": what an attestation holds, and what `diff` takes as a side.
 * Written and read back it is the same inventory (times to the millisecond); additive changes only.
 *
 * A report of `verify --json` is accepted as well: its `inventory` member has the tables but no structure, which the
 * inventory then says (tables_only). What `inspect --json` writes holds a whole
 * inventory and is accepted too, and so is an attestation. Names that are not UTF-8 are written as {"hex": "e4f6"}
 * instead of a string.
 *
 * Reading is strict, the document may be hostile: at most SAVED_MAXIMUM bytes; a value of the wrong type, an unknown
 * word, a table listed twice are ERR_DATA that names the place.
 */
#define SAVED_MAXIMUM ((size_t)128 << 20)

json_t *saved_json(Arena *arena, const Inventory *inventory);
Err *saved_parse(Arena *arena, const json_t *document, Inventory **out);

Err *saved_write(Arena *arena, const Inventory *inventory, const char *path);
Err *saved_read(Arena *arena, const char *path, Inventory **out);

/* True when the file is one JSON object by its first byte: whether it is an inventory is for saved_read to say. */
Err *saved_recognise(Arena *arena, const char *path, bool *out);

#endif
