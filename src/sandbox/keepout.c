/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/keepout.h"

#include <string.h>
#include <strings.h>

#include "pg/token.h"

static const char event_trigger[] = "event triggers act on every later statement";
static const char replication[] = "replication would connect to other servers";
static const char foreign[] = "foreign servers are other databases";
static const char webhook[] = "the trigger calls a web address";
static const char libraries[] = "loading these libraries at login would lock every session out where they are missing";

static bool is_one_of(const Token *token, const char *const *words) {
    for (; *words != NULL; words++)
        if (token_is(token, *words))
            return true;
    return false;
}

/* What follows CREATE, ALTER, DROP or COMMENT ON. */
static const char *object_acts(Tokens tokens) {
    if (token_accept(&tokens, "event") && token_accept(&tokens, "trigger"))
        return event_trigger;
    if (token_accept(&tokens, "publication") || token_accept(&tokens, "subscription"))
        return replication;
    if (token_accept(&tokens, "server"))
        return foreign;
    if (token_accept(&tokens, "user"))
        return token_accept(&tokens, "mapping") ? foreign : NULL;
    if (token_accept(&tokens, "foreign"))
        return token_accept(&tokens, "table") || token_accept(&tokens, "data") ? foreign : NULL;
    return NULL;
}

/* ... EXECUTE FUNCTION supabase_functions.http_request(...), net.http_post(...), also with quoted names. */
static const char *trigger_acts(Tokens tokens) {
    static const char *const schemas[] = {"supabase_functions", "\"supabase_functions\"", "net", "\"net\"", NULL};
    for (Token token = token_next(&tokens); token.kind != TOKEN_END; token = token_next(&tokens)) {
        if (!token_is(&token, "execute"))
            continue;
        Token kind = token_next(&tokens), schema = token_next(&tokens), dot = token_peek(&tokens);
        if (!token_is(&kind, "function") && !token_is(&kind, "procedure"))
            return NULL;
        for (size_t i = 0; schemas[i] != NULL; i++)
            if (token_is_symbol(&dot, '.') && schema.raw.length == strlen(schemas[i]) &&
                strncasecmp(schema.raw.at, schemas[i], schema.raw.length) == 0)
                return webhook;
        return NULL;
    }
    return NULL;
}

/* ALTER ROLE x [IN DATABASE y] SET session_preload_libraries ...; ALTER DATABASE likewise. */
static const char *setting_acts(Tokens tokens) {
    static const char *const names[] = {"session_preload_libraries", "local_preload_libraries",
                                        "shared_preload_libraries", NULL};
    for (Token token = token_next(&tokens); token.kind != TOKEN_END; token = token_next(&tokens)) {
        if (!token_is(&token, "set"))
            continue;
        Token name = token_next(&tokens);
        for (size_t i = 0; names[i] != NULL; i++) {
            Text bare = name.kind == TOKEN_NAME ? text_slice(name.raw, 1, name.raw.length - 1) : name.raw;
            if (text_is(bare, names[i]) || token_is(&name, names[i]))
                return libraries;
        }
        return NULL;
    }
    return NULL;
}

const char *keepout_acts(Text statement) {
    Tokens tokens = token_start(statement, true);
    Token verb = token_next(&tokens);
    if (token_is(&verb, "comment")) {
        if (!token_accept(&tokens, "on"))
            return NULL;
        return object_acts(tokens);
    }
    if (token_is(&verb, "grant") || token_is(&verb, "revoke")) {
        for (Token token = token_next(&tokens); token.kind != TOKEN_END; token = token_next(&tokens))
            if (token_is(&token, "on"))
                return object_acts(tokens) != NULL ||
                               (token_accept(&tokens, "foreign") && token_accept(&tokens, "server"))
                           ? foreign
                           : NULL;
        return NULL;
    }
    if (!token_is(&verb, "create") && !token_is(&verb, "alter") && !token_is(&verb, "drop"))
        return NULL;
    const char *why = object_acts(tokens);
    if (why != NULL)
        return why;
    Token what = token_next(&tokens);
    if (token_is(&verb, "alter") && (token_is(&what, "role") || token_is(&what, "database") || token_is(&what, "user")))
        return setting_acts(tokens);
    if (token_is(&what, "or") && token_accept(&tokens, "replace"))
        what = token_next(&tokens);
    if (token_is(&what, "constraint"))
        what = token_next(&tokens);
    return token_is(&what, "trigger") ? trigger_acts(tokens) : NULL;
}

const char keepout_subscription[] = "it would take up replication beside the database it is a copy of";
const char keepout_jobs[] = "its jobs would start at once beside those of the database it is a copy of";

const char *keepout_acts_at_once(Text statement) {
    Tokens tokens = token_start(statement, true);
    Token verb = token_next(&tokens);
    if (token_is(&verb, "create") || token_is(&verb, "alter"))
        return token_accept(&tokens, "subscription") ? keepout_subscription : NULL;
    bool rows = token_is(&verb, "copy") || (token_is(&verb, "insert") && token_accept(&tokens, "into"));
    return rows && token_accept(&tokens, "cron") && token_accept_symbol(&tokens, '.') ? keepout_jobs : NULL;
}

static const char program[] = "it runs a program on the server";
static const char server_file[] = "it reads or writes a file of the server";
static const char language[] = "it uses a language that can do anything the server can";
static const char network[] = "it opens a network connection";

static const char *copy_reaches(Tokens tokens) {
    int depth = 0;
    for (Token token = token_next(&tokens); token.kind != TOKEN_END; token = token_next(&tokens)) {
        depth += token_is_symbol(&token, '(') ? 1 : token_is_symbol(&token, ')') ? -1 : 0;
        if (depth != 0 || (!token_is(&token, "from") && !token_is(&token, "to")))
            continue;
        Token where = token_next(&tokens);
        if (token_is(&where, "program"))
            return program;
        return where.kind == TOKEN_STRING ? server_file : NULL;
    }
    return NULL;
}

static bool untrusted(const Token *name) {
    static const char *const names[] = {"c",      "internal", "plpython3u", "plpythonu", "plpython2u", "plperlu",
                                        "pltclu", "plsh",     "pljavau",    "plr",       "plrustu",    NULL};
    for (size_t i = 0; names[i] != NULL; i++) {
        Text bare = name->kind == TOKEN_NAME || name->kind == TOKEN_STRING
                        ? text_slice(name->raw, 1, name->raw.length - 1)
                        : name->raw;
        if (bare.length == strlen(names[i]) && strncasecmp(bare.at, names[i], bare.length) == 0)
            return true;
    }
    return false;
}

/* CREATE ... LANGUAGE x, and CREATE FUNCTION ... LANGUAGE x. */
static const char *language_reaches(Tokens tokens) {
    for (Token token = token_next(&tokens); token.kind != TOKEN_END; token = token_next(&tokens)) {
        if (!token_is(&token, "language"))
            continue;
        Token name = token_next(&tokens);
        if (untrusted(&name))
            return language;
    }
    return NULL;
}

static const struct {
    const char *name, *why;
} reaching[] = {
    {"pg_read_file", server_file},
    {"pg_read_binary_file", server_file},
    {"pg_ls_dir", server_file},
    {"lo_import", server_file},
    {"lo_export", server_file},
    {"pg_file_write", server_file},
    {"pg_logfile_rotate", server_file},
    {"dblink_connect", network},
    {"dblink_connect_u", network},
    {"dblink", network},
    {"dblink_exec", network},
    {"http_get", network},
    {"http_post", network},
    {"pg_reload_conf", server_file},
};

/* A call of a reaching function in a statement that is executed as it stands. */
static const char *call_reaches(Tokens tokens) {
    for (Token token = token_next(&tokens); token.kind != TOKEN_END; token = token_next(&tokens)) {
        Token after = token_peek(&tokens);
        if (!token_is_symbol(&after, '('))
            continue;
        for (size_t i = 0; i < sizeof(reaching) / sizeof(reaching[0]); i++)
            if (token_is(&token, reaching[i].name))
                return reaching[i].why;
    }
    return NULL;
}

/* DO runs its body now: any of its words may be built into a statement, so each counts wherever it stands. */
static const char *body_reaches(Tokens tokens) {
    for (Token token = token_next(&tokens); token.kind != TOKEN_END; token = token_next(&tokens)) {
        if (token.kind != TOKEN_STRING)
            continue;
        if (memmem(token.raw.at, token.raw.length, "PROGRAM", 7) != NULL ||
            memmem(token.raw.at, token.raw.length, "program", 7) != NULL)
            return program;
        for (size_t i = 0; i < sizeof(reaching) / sizeof(reaching[0]); i++)
            if (memmem(token.raw.at, token.raw.length, reaching[i].name, strlen(reaching[i].name)) != NULL)
                return reaching[i].why;
    }
    return NULL;
}

/* CREATE TABLE ... AS and CREATE MATERIALIZED VIEW run their query now. */
static bool runs_query(Tokens tokens) {
    bool table = false;
    for (Token token = token_next(&tokens); token.kind != TOKEN_END; token = token_next(&tokens)) {
        if (token_is(&token, "function") || token_is(&token, "procedure") || token_is(&token, "view"))
            return false;
        if (token_is(&token, "materialized"))
            return true;
        table = table || token_is(&token, "table");
        if (table && token_is(&token, "as"))
            return true;
    }
    return false;
}

static const char *one_is_hostile(Text statement) {
    static const char *const runs[] = {"select", "insert", "update", "delete", "with", "call", "values", NULL};
    Tokens tokens = token_start(statement, true);
    Token verb = token_next(&tokens);
    if (token_is(&verb, "copy"))
        return copy_reaches(tokens);
    if (token_is(&verb, "create")) {
        const char *why = language_reaches(tokens);
        return why != NULL || !runs_query(tokens) ? why : call_reaches(tokens);
    }
    if (token_is(&verb, "do")) {
        const char *why = language_reaches(tokens);
        return why != NULL ? why : body_reaches(tokens);
    }
    if (token_is(&verb, "load"))
        return language;
    if (token_is(&verb, "alter") && token_accept(&tokens, "system"))
        return server_file;
    return is_one_of(&verb, runs) ? call_reaches(tokens) : NULL;
}

/* BEGIN ATOMIC ... END is the body of a function, which nothing runs now. CASE has an END of its own. */
static void skip_body(Tokens *tokens) {
    for (int depth = 1; depth > 0;) {
        Token token = token_next(tokens);
        if (token.kind == TOKEN_END)
            return;
        depth += token_is(&token, "case") || token_is(&token, "begin");
        depth -= token_is(&token, "end");
    }
}

/* The next of several statements: an entry of an archive may hold as many as it likes. */
static Text next_statement(Tokens *tokens) {
    const char *from = tokens->rest.at;
    for (Token token = token_next(tokens); token.kind != TOKEN_END; token = token_next(tokens)) {
        if (token_is_symbol(&token, ';'))
            return (Text){.at = from, .length = (size_t)(token.raw.at - from)};
        if (token_is(&token, "begin") && token_accept(tokens, "atomic"))
            skip_body(tokens);
    }
    return (Text){.at = from, .length = (size_t)(tokens->rest.at + tokens->rest.length - from)};
}

const char *keepout_hostile(Text statements) {
    Tokens tokens = token_start(statements, true);
    while (tokens.rest.length > 0) {
        const char *why = one_is_hostile(next_statement(&tokens));
        if (why != NULL)
            return why;
    }
    return NULL;
}

bool keepout_extension(const char *name) {
    static const char *const names[] = {"pg_cron", "pg_net"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}
