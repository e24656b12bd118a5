/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/text.h"
#include "pg/token.h"
#include "sandbox/restore_parts.h"

static bool is_wanted(const Restoring *restoring, const char *schema, const char *name) {
    const char *table = arena_printf(restoring->arena, "%s.%s", schema, name);
    LIST_EACH (const char *const, wanted, *restoring->request->only)
        if (strcmp(*wanted, table) == 0)
            return true;
    return false;
}

bool restore_part_entry(const Restoring *restoring, const TocEntry *entry) {
    bool sequence = strcmp(entry->desc, "SEQUENCE SET") == 0;
    bool contents = entry->section == TOC_DATA || strcmp(entry->desc, "MATERIALIZED VIEW DATA") == 0;
    if (restoring->request->part == RESTORE_DEFINITIONS)
        return sequence || !contents;
    if (restoring->request->part == RESTORE_ROWS)
        return strcmp(entry->desc, "TABLE DATA") == 0 && is_wanted(restoring, entry->schema, entry->tag);
    return true;
}

/* COPY [ONLY] schema.table or INSERT INTO schema.table: pg_dump always writes the schema. */
static bool rows_are_wanted(const Restoring *restoring, Tokens tokens) {
    token_accept(&tokens, "into");
    token_accept(&tokens, "only");
    Token schema = token_next(&tokens);
    if (!token_accept_symbol(&tokens, '.'))
        return false;
    Token name = token_next(&tokens);
    return is_wanted(restoring, token_value(restoring->arena, &schema, true),
                     token_value(restoring->arena, &name, true));
}

bool restore_part_statement(const Restoring *restoring, Text statement) {
    Tokens tokens = token_start(statement, true);
    Token verb = token_next(&tokens);
    bool rows = token_is(&verb, "copy") || token_is(&verb, "insert");
    if (restoring->request->part == RESTORE_DEFINITIONS)
        return !rows && !token_is(&verb, "refresh");
    if (restoring->request->part == RESTORE_ROWS)
        return token_is(&verb, "set") || (rows && rows_are_wanted(restoring, tokens));
    return true;
}
