/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "inventory/live_parts.h"

static const char *value(Arena *arena, const PQconninfoOption *options, const char *keyword) {
    const char *found = live_conninfo_value(arena, options, keyword);
    return found == NULL ? "" : found;
}

/* libpq's own answer, which knows the operating system's user and the service file. */
static const char *default_value(Arena *arena, const char *keyword) {
    PQconninfoOption *defaults = PQconndefaults();
    const char *found = "";
    for (const PQconninfoOption *option = defaults; option != NULL && option->keyword != NULL; option++)
        if (strcmp(option->keyword, keyword) == 0 && option->val != NULL)
            found = arena_strdup(arena, option->val);
    PQconninfoFree(defaults);
    return found;
}

const char *live_label(Arena *arena, const char *conninfo) {
    PQconninfoOption *options;
    if (live_conninfo_parse(arena, conninfo, &options) != NULL)
        return "a database";
    const char *service = value(arena, options, "service");
    if (service[0] != '\0')
        return text_safe(arena, arena_printf(arena, "the database of service %s", service));
    const char *user = value(arena, options, "user"), *database = value(arena, options, "dbname");
    const char *host = value(arena, options, "host"), *address = value(arena, options, "hostaddr");
    if (user[0] == '\0')
        user = default_value(arena, "user");
    if (database[0] == '\0')
        database = user;
    if (host[0] == '\0')
        host = address[0] != '\0' ? address : "the local socket";
    const char *label =
        arena_printf(arena, "database %s at %s:%s as %s", database, host, value(arena, options, "port"), user);
    return text_safe(arena, label);
}
