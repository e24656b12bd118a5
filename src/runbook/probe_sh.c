/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/probe_sh.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "inventory/live.h"
#include "runbook/binding.h"

enum { SH_LINES = 20, SH_KEEP = 256 * 1024, SH_AT_ONCE = 2 };
#define SH_DEADLINE (20 * TIME_SECOND)

/* Scripts open connections of their own: not more than two at a time, whatever the number of threads. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static int running;

static void begin(void) {
    pthread_mutex_lock(&lock);
    while (running >= SH_AT_ONCE)
        pthread_cond_wait(&ended, &lock);
    running++;
    pthread_mutex_unlock(&lock);
}

static void end(void) {
    pthread_mutex_lock(&lock);
    running--;
    pthread_cond_signal(&ended);
    pthread_mutex_unlock(&lock);
}

/* --- directories --- */

static void remove_directory(void *what) {
    Arena *scratch = arena_new();
    Err *ignored = file_remove_tree(scratch, what);
    (void)ignored;
    arena_free(scratch);
}

/* Removed with the arena. */
static Err *make_directory(Arena *arena, mode_t mode, const char **out) {
    const char *base = getenv("TMPDIR");
    char *path = arena_printf(arena, "%s/lifeboat-runbook-XXXXXX", base == NULL || base[0] != '/' ? "/tmp" : base);
    if (mkdtemp(path) == NULL)
        return err_errno(arena, errno, "cannot make a temporary directory");
    arena_defer(arena, remove_directory, path);
    if (chmod(path, mode) != 0)
        return err_errno(arena, errno, "cannot prepare %s", path);
    *out = path;
    return NULL;
}

/* --- the environment --- */

static void put_escaped(Buf *out, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == ':' || *text == '\\')
            buf_byte(out, '\\');
        buf_byte(out, *text);
    }
}

/* Any host, any database: the file is for this connection only. */
static Err *make_passfile(Arena *arena, const char *password, const char **out) {
    const char *directory = NULL;
    Buf *line = buf_new(arena, 8192);
    if (strchr(password, '\n') != NULL)
        return err_new(arena, ERR_UNSUPPORTED, "a password with a line end cannot be given to a script");
    TRY(make_directory(arena, 0700, &directory));
    buf_string(line, "*:*:*:*:");
    put_escaped(line, password);
    buf_byte(line, '\n');
    *out = file_join(arena, directory, "pgpass");
    return file_write_atomic(arena, *out, buf_view(line), 0600);
}

Err *probe_sh_environment(Arena *arena, const char *conninfo, const char *const **out) {
    PQconninfoOption *options = NULL;
    LIST(const char *) made = {0};
    TRY(live_conninfo_parse(arena, conninfo, &options));
    for (const PQconninfoOption *option = options; option->keyword != NULL; option++) {
        if (option->val == NULL || option->val[0] == '\0' || option->envvar == NULL)
            continue;
        const char *variable = option->envvar, *value = option->val;
        if (strcmp(option->keyword, "password") == 0) {
            variable = "PGPASSFILE";
            TRY(make_passfile(arena, option->val, &value));
        }
        *LIST_PUSH(arena, made) = arena_printf(arena, "%s=%s", variable, value);
    }
    *LIST_PUSH(arena, made) = "PGAPPNAME=lifeboat";
    *LIST_PUSH(arena, made) = "PGCONNECT_TIMEOUT=5";
    *LIST_PUSH(arena, made) = NULL;
    *out = made.items;
    return NULL;
}

/* --- running --- */

static Err *make_environment(Arena *arena, const ProbeScript *script, const Binding *binding, const char *const **out) {
    LIST(const char *) all = {0};
    const char *const *values = NULL;
    const char *missing = NULL;
    TRY(binding_values(arena, binding, script->values, &values, &missing));
    if (missing != NULL)
        return err_new(arena, ERR_NOT_FOUND, "%s", parameter_unset_text(arena, script->values, missing));
    for (size_t i = 0; script->environment != NULL && script->environment[i] != NULL; i++)
        *LIST_PUSH(arena, all) = script->environment[i];
    for (size_t i = 0; i < binding->names.count; i++)
        *LIST_PUSH(arena, all) = arena_printf(arena, "RB_%s=%s", binding->names.items[i], values[i]);
    *LIST_PUSH(arena, all) = NULL;
    *out = all.items;
    return NULL;
}

Err *probe_sh_run(Arena *arena, const ProbeScript *script, ProcessResult *out) {
    Binding binding;
    ProcessRequest request = {.deadline = script->deadline, .keep = SH_KEEP};
    TRY(binding_make(arena, ISSUE_SH, script->body, &binding));
    TRY(make_environment(arena, script, &binding, &request.environment));
    /* Others may write there too: a script may change its user. */
    Arena *place = arena_new();
    Err *err = make_directory(place, 01777, &request.directory);
    const char *const arguments[] = {"/bin/sh", "-eu", "-c", binding.text, NULL};
    request.arguments = arguments;
    if (err == NULL)
        err = process_run(arena, &request, out);
    else
        err = err_copy(arena, err);
    arena_free(place);
    return err;
}

static Text last_words(const Buf *errors) {
    Text words = text_trim(buf_view(errors));
    return text_slice(words, words.length > PROBE_LINE ? words.length - PROBE_LINE : 0, words.length);
}

static const char *one_line(Arena *arena, Text words) {
    char *copy = text_dup(arena, words);
    for (char *at = copy; *at != '\0'; at++)
        *at = (char)(*at == '\n' || *at == '\t' ? ' ' : *at);
    return text_safe(arena, copy);
}

static Err *judge(Arena *arena, const ProcessResult *result, ProbeAnswer *out) {
    const char *words = one_line(arena, last_words(result->errors));
    if (result->timed_out)
        return err_new(arena, ERR_TIMEOUT, "the script did not end within %s", time_length_text(arena, SH_DEADLINE));
    if (result->signal != 0)
        return err_new(arena, ERR_PROCESS, "the script was ended by signal %d: %s", result->signal, words);
    if (result->status != 0)
        return err_new(arena, ERR_PROCESS, "the script ended with status %d%s%s", result->status,
                       words[0] == '\0' ? "" : ": ", words);
    Text rest = text_trim(buf_view(result->output));
    out->outcome = rest.length > 0 ? PROBE_PRESENT : PROBE_ABSENT;
    for (int i = 0; i < SH_LINES && rest.length > 0; i++)
        probe_say(arena, out, text_cut(rest, '\n', &rest));
    return NULL;
}

Err *probe_sh(Arena *arena, const ProbeContext *context, const IssueBlock *block, ProbeAnswer *out) {
    ProcessResult result = {0};
    ProbeScript script = {.values = context->values,
                          .environment = context->environment,
                          .body = {block->body, block->length},
                          .deadline = SH_DEADLINE};
    begin();
    Err *err = probe_sh_run(arena, &script, &result);
    end();
    return err != NULL ? err : judge(arena, &result, out);
}
