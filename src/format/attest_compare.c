/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "format/attest.h"

/* What a server knows and a dump does not hold is no difference: the versions of extensions, the rows of what an
 * extension owns, and those that the attestation itself could not count. */
static bool counts(const InventoryDifference *difference) {
    if (difference->kind == INVENTORY_VERSION)
        return false;
    const InventoryTable *attested = difference->left_table;
    bool uncounted = attested != NULL && (attested->extension_owned || attested->count != INVENTORY_EXACT);
    return !(difference->kind == INVENTORY_NOT_COMPARED && uncounted);
}

void attest_compare(Arena *arena, const Inventory *attested, const Inventory *other, InventoryDifferences *out) {
    InventoryDifferences all;
    *out = (InventoryDifferences){0};
    inventory_compare(arena, attested, other, &all);
    LIST_EACH (const InventoryDifference, difference, all) {
        if (counts(difference))
            *LIST_PUSH(arena, *out) = *difference;
    }
}
