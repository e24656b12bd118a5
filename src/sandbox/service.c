/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/service.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"

static Err *parse(Arena *arena, const char *conninfo, PQconninfoOption **out) {
    char *words = NULL;
    *out = PQconninfoParse(conninfo, &words);
    PQfreemem(words); /* it may repeat a password */
    return *out != NULL ? NULL : err_new(arena, ERR_USAGE, "the connection string cannot be read");
}

static void append_quoted(Buf *buf, const char *keyword, const char *value) {
    buf_printf(buf, "%s%s='", buf->length == 0 ? "" : " ", keyword);
    for (; *value != '\0'; value++) {
        if (*value == '\'' || *value == '\\')
            buf_byte(buf, '\\');
        buf_byte(buf, *value);
    }
    buf_byte(buf, '\'');
}

Err *service_conninfo(Arena *arena, const char *conninfo, const char *database, const char **out) {
    PQconninfoOption *options = NULL;
    TRY(parse(arena, conninfo, &options));
    Buf *buf = buf_new(arena, 65536);
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
        if (option->val != NULL && (database == NULL || strcmp(option->keyword, "dbname") != 0))
            append_quoted(buf, option->keyword, option->val);
    if (database != NULL)
        append_quoted(buf, "dbname", database);
    PQconninfoFree(options);
    *out = buf->length == 0 ? "" : buf->at;
    return buf->full ? err_new(arena, ERR_LIMIT, "the connection string is too long") : NULL;
}

static void remove_workspace(void *path) {
    Arena *scratch = arena_new();
    Err *err = file_remove_tree(scratch, path);
    (void)err; /* files of a few bytes in a temporary directory */
    arena_free(scratch);
}

Err *service_workspace(Arena *arena, const char **out) {
    const char *parent = getenv("TMPDIR");
    char *path = arena_printf(arena, "%s/lifeboat-XXXXXX", parent != NULL && parent[0] == '/' ? parent : "/tmp");
    if (mkdtemp(path) == NULL)
        return err_errno(arena, errno, "cannot make a temporary directory %s", path);
    arena_defer(arena, remove_workspace, path);
    *out = path;
    return NULL;
}

/* What a service file may not hold, and what says nothing about the server. */
static bool is_left_out(const PQconninfoOption *option) {
    static const char *const names[] = {"service", "servicefile", "application_name", "fallback_application_name",
                                        "replication"};
    for (size_t at = 0; at < sizeof(names) / sizeof(names[0]); at++)
        if (strcmp(option->keyword, names[at]) == 0)
            return true;
    return option->val == NULL || option->val[0] == '\0';
}

Err *service_write(Arena *arena, PGconn *connection, const char *database, const char **environment) {
    const char *workspace = NULL;
    TRY(service_workspace(arena, &workspace));
    return service_write_in(arena, connection, database, workspace, environment);
}

Err *service_write_in(Arena *arena, PGconn *connection, const char *database, const char *directory,
                      const char **environment) {
    PQconninfoOption *options = PQconninfo(connection);
    Buf *buf = buf_new(arena, 65536);
    bool broken = database != NULL && strchr(database, '\n') != NULL;
    buf_string(buf, "[lifeboat]\n");
    for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++) {
        if (is_left_out(option) || (database != NULL && strcmp(option->keyword, "dbname") == 0))
            continue;
        broken = broken || strchr(option->val, '\n') != NULL;
        buf_printf(buf, "%s=%s\n", option->keyword, option->val);
    }
    PQconninfoFree(options);
    if (database != NULL)
        buf_printf(buf, "dbname=%s\n", database);
    if (broken || buf->full)
        return err_new(arena, ERR_UNSUPPORTED,
                       "a connection with a line break in it cannot be handed to PostgreSQL's tools");
    const char *path = file_join(arena, directory, "service.conf");
    TRY(file_write_atomic(arena, path, buf_view(buf), 0600));
    *environment = arena_printf(arena, "PGSERVICEFILE=%s", path);
    return NULL;
}
