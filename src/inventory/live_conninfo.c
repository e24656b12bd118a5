/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>
#include <string.h>

#include "inventory/live_parts.h"

static const char shape[] =
    "write postgresql://USER@HOST:5432/DATABASE or \"host=HOST dbname=DATABASE user=USER\"; in a "
    "URI every special character of a password is percent-encoded (@ is %%40), but a password "
    "is better kept in ~/.pgpass or a service file";

static bool is_uri(const char *text) {
    return strncmp(text, "postgres://", 11) == 0 || strncmp(text, "postgresql://", 13) == 0;
}

static bool is_keyword(Text word) {
    PQconninfoOption *known = PQconndefaults();
    bool found = false;
    for (const PQconninfoOption *option = known; option != NULL && option->keyword != NULL && !found; option++)
        found = text_is(word, option->keyword);
    PQconninfoFree(known);
    return found;
}

bool live_conninfo_is(const char *text) {
    Text rest, first = text_trim(text_cut(text_of(text), '=', &rest));
    return is_uri(text) || (strchr(text, '=') != NULL && is_keyword(first));
}

static void free_options(void *options) {
    PQconninfoFree(options);
}

/* An unencoded special character in a URI's password shifts what follows: part of it ends up as host, port or database.
 */
static bool looks_shifted(Arena *arena, const char *conninfo, const PQconninfoOption *options) {
    if (!is_uri(conninfo))
        return false;
    for (const PQconninfoOption *option = options; option->keyword != NULL; option++) {
        if (option->val == NULL)
            continue;
        if ((strcmp(option->keyword, "host") == 0 || strcmp(option->keyword, "dbname") == 0) &&
            strchr(option->val, '@') != NULL)
            return true;
        if (strcmp(option->keyword, "port") == 0 && strspn(option->val, "0123456789,") != strlen(option->val))
            return true;
    }
    return false;
}

Err *live_conninfo_parse(Arena *arena, const char *conninfo, PQconninfoOption **out) {
    char *words = NULL; /* not repeated: it quotes pieces of the string, which may be the password */
    PQconninfoOption *options = PQconninfoParse(conninfo == NULL ? "" : conninfo, &words);
    PQfreemem(words);
    if (options == NULL)
        return err_hint(arena, err_new(arena, ERR_USAGE, "the connection string cannot be read"), shape);
    arena_defer(arena, free_options, options);
    if (conninfo != NULL && looks_shifted(arena, conninfo, options))
        return err_hint(arena,
                        err_new(arena, ERR_USAGE,
                                "the connection URI cannot be read: its password seems to hold a special character"),
                        shape);
    *out = options;
    return NULL;
}

const char *live_conninfo_value(Arena *arena, const PQconninfoOption *options, const char *keyword) {
    for (const PQconninfoOption *option = options; option->keyword != NULL; option++) {
        if (strcmp(option->keyword, keyword) != 0)
            continue;
        if (option->val != NULL && option->val[0] != '\0')
            return option->val;
        const char *environment = option->envvar == NULL ? NULL : getenv(option->envvar);
        if (environment != NULL && environment[0] != '\0')
            return arena_strdup(arena, environment);
        return option->compiled;
    }
    return NULL;
}

bool live_conninfo_has_password(const char *conninfo) {
    PQconninfoOption *options = conninfo == NULL ? NULL : PQconninfoParse(conninfo, NULL);
    bool found = false;
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
        if (strcmp(option->keyword, "password") == 0 || strcmp(option->keyword, "sslpassword") == 0)
            found = found || (option->val != NULL && option->val[0] != '\0');
    PQconninfoFree(options);
    return found;
}
