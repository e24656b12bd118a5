/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/tools.h"

#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "base/time.h"

static bool has_program(Arena *arena, const char *bindir, const char *program) {
    return access(file_join(arena, bindir, program), X_OK) == 0;
}

/* "pg_restore (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)", also "18beta2". */
static bool parse_version(Arena *arena, Text words, Tools *tools) {
    static const char mark[] = "(PostgreSQL) ";
    const char *at = memmem(words.at, words.length, mark, sizeof(mark) - 1);
    if (at == NULL)
        return false;
    at += sizeof(mark) - 1;
    Text rest = {.at = at, .length = (size_t)(words.at + words.length - at)};
    size_t length = 0;
    while (length < rest.length && rest.at[length] > ' ')
        length++;
    int major = 0;
    for (size_t i = 0; i < length && i < 4 && rest.at[i] >= '0' && rest.at[i] <= '9'; i++)
        major = major * 10 + (rest.at[i] - '0');
    if (major < 9)
        return false;
    tools->version = arena_strndup(arena, rest.at, length);
    tools->major = major;
    return true;
}

static Err *look_at(Arena *arena, const char *bindir, ToolsList *out) {
    char *resolved = realpath(bindir, NULL);
    if (resolved == NULL)
        return NULL;
    Tools tools = {.bindir = arena_strdup(arena, resolved)};
    free(resolved);
    LIST_EACH (Tools, known, *out) {
        if (strcmp(known->bindir, tools.bindir) == 0)
            return NULL;
    }
    tools.has_server = has_program(arena, tools.bindir, "postgres") && has_program(arena, tools.bindir, "initdb");
    tools.has_client = has_program(arena, tools.bindir, "pg_restore") && has_program(arena, tools.bindir, "psql") &&
                       has_program(arena, tools.bindir, "pg_dump");
    if (!tools.has_server && !tools.has_client)
        return NULL;
    const char *program = tools_program(arena, &tools, tools.has_server ? "postgres" : "pg_restore");
    ProcessResult result = {0};
    const ProcessRequest request = {
        .arguments = (const char *const[]){program, "--version", NULL},
        .deadline = 10 * TIME_SECOND,
    };
    Err *err = process_run(arena, &request, &result);
    if (err != NULL)
        return err_is(err, ERR_INTERRUPTED) ? err : NULL;
    if (result.status == 0 && parse_version(arena, buf_view(result.output), &tools))
        *LIST_PUSH(arena, *out) = tools;
    return NULL;
}

static int newest_first(const void *left, const void *right) {
    const Tools *a = left, *b = right;
    if (a->major != b->major)
        return b->major - a->major;
    return strverscmp(b->version, a->version);
}

static Err *look_at_path(Arena *arena, const char *program, ToolsList *out) {
    const char *path = process_find(arena, program);
    char *resolved = path == NULL ? NULL : realpath(path, NULL);
    if (resolved == NULL)
        return NULL;
    char *slash = strrchr(resolved, '/');
    const char *bindir = arena_strndup(arena, resolved, (size_t)(slash - resolved));
    free(resolved);
    return look_at(arena, bindir, out);
}

Err *tools_find(Arena *arena, const char *bindir, ToolsList *out) {
    *out = (ToolsList){0};
    if (bindir != NULL) {
        TRY(look_at(arena, bindir, out));
        if (out->count == 0)
            return err_hint(
                arena,
                err_new(arena, ERR_NOT_FOUND, "no PostgreSQL programs in %s", text_quote(arena, text_of(bindir), 200)),
                "name the directory that holds initdb, postgres and pg_restore, for example "
                "/usr/lib/postgresql/17/bin");
        return NULL;
    }
    static const char *const patterns[] = {"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin"};
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        glob_t found = {0};
        if (glob(patterns[i], 0, NULL, &found) == 0) {
            Err *err = NULL;
            for (size_t k = 0; k < found.gl_pathc && err == NULL; k++)
                err = look_at(arena, found.gl_pathv[k], out);
            globfree(&found);
            TRY(err);
        }
    }
    TRY(look_at_path(arena, "postgres", out));
    TRY(look_at_path(arena, "pg_restore", out));
    if (out->count > 1)
        qsort(out->items, out->count, sizeof(Tools), newest_first);
    return NULL;
}

/* The newest that has what is needed and is not too old; *newest is the newest that has it at all. */
static const Tools *choose(const ToolsList *found, bool server, int least, const Tools **newest) {
    *newest = NULL;
    LIST_EACH (const Tools, tools, *found) {
        if (!tools->has_client || (server && !tools->has_server))
            continue;
        if (*newest == NULL)
            *newest = tools;
        if (tools->major >= least)
            return tools;
    }
    return NULL;
}

Err *tools_server(Arena *arena, const char *bindir, int least, const Tools **out) {
    ToolsList found;
    const Tools *newest;
    TRY(tools_find(arena, bindir, &found));
    *out = choose(&found, true, least, &newest);
    if (*out != NULL)
        return NULL;
    if (newest == NULL)
        return err_hint(arena, err_new(arena, ERR_NOT_FOUND, "no PostgreSQL server is installed to restore into"),
                        "install one (Debian: apt-get install postgresql-%d) or name its programs with --pg-bindir",
                        least > 0 ? least : 15);
    return err_hint(arena,
                    err_new(arena, ERR_UNSUPPORTED,
                            "the backup comes from PostgreSQL %d, but the newest server installed here is %s (%s)",
                            least, newest->version, newest->bindir),
                    "install postgresql-%d or name its programs with --pg-bindir", least);
}

Err *tools_client(Arena *arena, const char *bindir, int least, const Tools **out) {
    ToolsList found;
    const Tools *newest;
    TRY(tools_find(arena, bindir, &found));
    *out = choose(&found, false, least, &newest);
    if (*out != NULL)
        return NULL;
    return err_hint(
        arena,
        err_new(arena, ERR_UNSUPPORTED, "PostgreSQL %d needs client programs of that version, but %s", least,
                newest == NULL
                    ? "none are installed here"
                    : arena_printf(arena, "the newest installed here are %s (%s)", newest->version, newest->bindir)),
        "install postgresql-client-%d or name its programs with --pg-bindir", least);
}

const char *tools_program(Arena *arena, const Tools *tools, const char *program) {
    return file_join(arena, tools->bindir, program);
}
