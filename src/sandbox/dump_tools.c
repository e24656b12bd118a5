/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "base/time.h"
#include "sandbox/dump_parts.h"

/* What a program of PostgreSQL said while it ran. */
typedef struct Words {
    Arena *arena;
    Dumping *dumping;
    LIST(const char *) warnings;
    const char *error; /* the first */
} Words;

void dump_tools_tell(const Dumping *dumping) {
    const DumpRequest *request = dumping->request;
    uint64_t done = atomic_load(&dumping->dumped) + atomic_load(&dumping->counted), total = 2 * dumping->out->tables;
    if (request->progress != NULL)
        request->progress(request->context, "dumping and counting", done < total ? done : total, total);
}

static bool says(Text line, const char *words) {
    return memmem(line.at, line.length, words, strlen(words)) != NULL;
}

static void listen(Text line, void *context) {
    Words *words = context;
    if (says(line, ": dumping contents of table ")) {
        atomic_fetch_add(&words->dumping->dumped, 1);
        dump_tools_tell(words->dumping);
    } else if (says(line, ": warning: ")) {
        *LIST_PUSH(words->arena, words->warnings) = text_safe(words->arena, text_dup(words->arena, line));
    } else if (words->error == NULL && says(line, ": error: ")) {
        words->error = text_quote(words->arena, line, 400);
    }
}

static Err *explain(Arena *arena, const ProcessResult *result, const Words *words, const char *program) {
    if (result->status == 0)
        return NULL;
    const char *said = words->error != NULL ? words->error : "it did not say why";
    if (result->timed_out)
        return err_hint(
            arena,
            err_new(arena, ERR_TIMEOUT, "%s was ended after %s", program, time_length_text(arena, result->elapsed)),
            "give it more time with --backup-deadline");
    if (result->signal != 0)
        return err_new(arena, ERR_PROCESS, "%s was ended by signal %d: %s", program, result->signal, said);
    return err_new(arena, ERR_PROCESS, "%s failed: %s", program, said);
}

typedef LIST(const char *) Arguments;

static Err *run(Arena *arena, Words *words, const Arguments *arguments) {
    /* TimeZone as in the sandbox, so that a restored copy has the same digests; words that can be understood here. */
    const char *const environment[] = {words->dumping->service, "PGAPPNAME=lifeboat", "PGTZ=UTC", "LC_ALL=C", NULL};
    const ProcessRequest process = {.arguments = arguments->items,
                                    .environment = environment,
                                    .deadline = words->dumping->request->deadline,
                                    .on_line = listen,
                                    .context = words};
    ProcessResult result = {0};
    TRY(process_run(arena, &process, &result));
    return explain(arena, &result, words, file_base_name(arena, arguments->items[0]));
}

/* ---- pg_dump ---- */

static const char *compress_option(const Dumping *dumping, const char *method) {
    bool old = dumping->tools->major < 16; /* knows levels of gzip only */
    if (strcmp(method, "none") == 0)
        return "--compress=0";
    if (strcmp(method, "zstd") == 0)
        return "--compress=zstd:3";
    return old ? "--compress=6" : "--compress=gzip:6";
}

static void list_arguments(Arena *arena, const Dumping *dumping, const char *method, Arguments *out) {
    const DumpRequest *request = dumping->request;
    const char *const fixed[] = {
        tools_program(arena, dumping->tools, "pg_dump"),
        request->as_directory ? "--format=directory" : "--format=custom",
        arena_printf(arena, "--snapshot=%s", dumping->snapshot),
        arena_printf(arena, "--file=%s", dumping->written),
        arena_printf(arena, "--encoding=%s", dumping->encoding),
        arena_printf(arena, "--lock-wait-timeout=%lld", (long long)(DUMP_LOCK_PATIENCE / 1000)),
        compress_option(dumping, method),
        "--no-password",
        "--verbose",
        "--dbname=service=lifeboat"};
    for (size_t at = 0; at < sizeof(fixed) / sizeof(fixed[0]); at++)
        *LIST_PUSH(arena, *out) = fixed[at];
    if (request->as_directory)
        *LIST_PUSH(arena, *out) = arena_printf(arena, "--jobs=%d", request->jobs);
    *LIST_PUSH(arena, *out) = NULL;
}

static Err *dump_with(Arena *arena, Dumping *dumping, const char *method, Words *words) {
    Arguments arguments = {0};
    *words = (Words){.arena = arena, .dumping = dumping};
    list_arguments(arena, dumping, method, &arguments);
    dumping->out->compression = method;
    return run(arena, words, &arguments);
}

/* zstd is both smaller and faster than gzip; some builds do not have it, and say so before they connect. */
static Err *dump_with_best(Arena *arena, Dumping *dumping, Words *words) {
    if (dumping->request->compress != NULL)
        return dump_with(arena, dumping, dumping->request->compress, words);
    Err *err = dumping->tools->major < 16 ? NULL : dump_with(arena, dumping, "zstd", words);
    bool again = dumping->tools->major < 16 ||
                 (err != NULL && words->error != NULL && strstr(words->error, "not support compression") != NULL);
    return again ? dump_with(arena, dumping, "gzip", words) : err;
}

Err *dump_tools_backup(Arena *arena, Dumping *dumping) {
    Words words;
    int64_t began = time_monotonic();
    Err *err = dump_with_best(arena, dumping, &words);
    dumping->dump_seconds = (double)(time_monotonic() - began) / (double)TIME_SECOND;
    LIST_EACH (const char *const, warning, words.warnings)
        *LIST_PUSH(arena, dumping->out->notes) = *warning;
    return err == NULL ? NULL : err_wrap(arena, err, "the dump failed");
}

/* ---- pg_dumpall ---- */

Err *dump_tools_globals(Arena *arena, Dumping *dumping) {
    Words words = {.arena = arena, .dumping = dumping};
    Arguments arguments = {0};
    const char *const fixed[] = {tools_program(arena, dumping->tools, "pg_dumpall"),
                                 "--globals-only",
                                 "--no-password",
                                 arena_printf(arena, "--file=%s", dumping->written_globals),
                                 arena_printf(arena, "--database=%s", dumping->out->database),
                                 "--dbname=service=lifeboat"};
    for (size_t at = 0; at < sizeof(fixed) / sizeof(fixed[0]); at++)
        *LIST_PUSH(arena, arguments) = fixed[at];
    if (!dumping->out->role_passwords) {
        *LIST_PUSH(arena, arguments) = "--no-role-passwords";
        *LIST_PUSH(arena, dumping->out->notes) =
            "the roles' passwords are not in the globals: the role may not read them (pg_authid). After a restore they "
            "must be set again";
    }
    *LIST_PUSH(arena, arguments) = NULL;
    Err *err = run(arena, &words, &arguments);
    return err == NULL ? NULL
                       : err_hint(arena, err_wrap(arena, err, "roles and tablespaces could not be dumped"),
                                  "leave them out with --no-globals");
}
