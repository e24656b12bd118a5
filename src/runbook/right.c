/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/right.h"

#include <string.h>

#include "base/process.h"
#include "base/thread.h"

/* Each question returns one row: held, and where it matters whether the object is there at all. */
static const struct Kind {
    const char *word;
    bool named;
    const char *sql;     /* NULL: not asked of the server */
    const char *missing; /* with <name> and <role> in it */
} kinds[] = {
    {"role", true,
     "select rolsuper or pg_has_role(current_user, $1::name, 'usage'), true from pg_roles where rolname = current_user",
     "grant <name> to <role>"},
    {"bypassrls", false, "select rolsuper or rolbypassrls, true from pg_roles where rolname = current_user",
     "alter role <role> bypassrls: without it row-level security may hide rows"},
    {"superuser", false, "select rolsuper, true from pg_roles where rolname = current_user",
     "<role> is no superuser: only the server's owner can tell"},
    {"select", true,
     "select coalesce(has_table_privilege(to_regclass($1::text), 'select'), false), to_regclass($1::text) is not null",
     "grant select on <name> to <role>"},
    {"extension", true, "select exists (select from pg_extension where extname = $1::name), true",
     "create extension <name>"},
    {"version", true, "select current_setting('server_version_num')::int / 10000 >= $1::int, true",
     "needs PostgreSQL <name>"},
    {"tool", true, NULL, "install <name>, or put its directory into PATH"},
};

/* "role:pg_monitor" as kind and name; NULL when it has no known form. */
static const struct Kind *kind_of(const char *token, const char **name) {
    size_t length = strcspn(token, ":");
    *name = token[length] == ':' ? token + length + 1 : "";
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strlen(kinds[i].word) == length && strncmp(kinds[i].word, token, length) == 0)
            return kinds[i].named == (**name != '\0') && (token[length] == ':') == kinds[i].named ? &kinds[i] : NULL;
    return NULL;
}

static const char *fill(Arena *arena, const char *text, const char *name, const char *role) {
    Buf *out = buf_new(arena, 4096);
    while (*text != '\0') {
        const char *word = strncmp(text, "<name>", 6) == 0 ? name : strncmp(text, "<role>", 6) == 0 ? role : NULL;
        if (word != NULL)
            buf_string(out, word);
        else
            buf_byte(out, *text);
        text += word != NULL ? 6 : 1;
    }
    return out->at;
}

bool right_is(const char *token) {
    const char *name = NULL;
    return kind_of(token, &name) != NULL;
}

void right_collect(Arena *arena, const IssueNames *tokens, Rights *rights) {
    LIST_EACH (const char *, token, *tokens) {
        bool known = false;
        LIST_EACH (const Right, right, *rights) {
            known = known || strcmp(right->token, *token) == 0;
        }
        if (!known)
            *LIST_PUSH(arena, *rights) = (Right){.token = *token, .state = RIGHT_UNKNOWN, .text = "not asked"};
    }
}

const Right *right_lacking(const Rights *rights, const IssueNames *tokens) {
    LIST_EACH (const char *, token, *tokens) {
        LIST_EACH (const Right, right, *rights) {
            if (strcmp(right->token, *token) == 0 && right->state != RIGHT_HELD)
                return right;
        }
    }
    return NULL;
}

static Err *ask_server(Arena *arena, const ProbeContext *context, const struct Kind *kind, const char *name,
                       Right *right) {
    SessionRows rows = {0};
    const char *const values[] = {name, NULL};
    TRY(session_ask(arena, context->sessions,
                    &(SessionQuestion){.sql = kind->sql, .values = values, .count = kind->named}, &rows));
    if (rows.kept != 1 || rows.values[0] == NULL || rows.values[1] == NULL)
        return err_new(arena, ERR_DATA, "the server gave no answer about %s", text_safe(arena, right->token));
    const char *role = session_facts(context->sessions)->role, *shown = text_safe(arena, name);
    right->state = strcmp(rows.values[0], "t") == 0 ? RIGHT_HELD : RIGHT_MISSING;
    right->text = strcmp(rows.values[1], "t") == 0 ? fill(arena, kind->missing, shown, role)
                                                   : arena_printf(arena, "this database has no %s", shown);
    return NULL;
}

static void ask_one(Arena *arena, const ProbeContext *context, Right *right, Err **interrupted) {
    const char *name = NULL;
    const struct Kind *kind = kind_of(right->token, &name);
    if (kind == NULL) {
        right->text = arena_printf(arena, "needs %s: no such right is known", text_safe(arena, right->token));
        return;
    }
    if (kind->sql == NULL) {
        right->state = process_find(arena, name) == NULL ? RIGHT_MISSING : RIGHT_HELD;
        right->text = fill(arena, kind->missing, text_safe(arena, name), "");
        return;
    }
    Err *err = ask_server(arena, context, kind, name, right);
    if (err == NULL)
        return;
    right->state = RIGHT_UNKNOWN;
    right->text = err_text(arena, err);
    if (err_is(err, ERR_INTERRUPTED))
        *interrupted = err;
}

typedef struct Asking {
    const ProbeContext *context;
    Rights *rights;
} Asking;

static Err *ask_item(ThreadWorker *worker, size_t item, void *what) {
    const Asking *asking = what;
    Err *interrupted = NULL;
    ask_one(worker->arena, asking->context, &asking->rights->items[item], &interrupted);
    return interrupted;
}

Err *right_ask(Arena *arena, const ProbeContext *context, int jobs, Rights *rights) {
    Asking asking = {.context = context, .rights = rights};
    return thread_run(arena, jobs, rights->count, ask_item, &asking);
}
