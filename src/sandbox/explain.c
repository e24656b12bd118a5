/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/explain.h"

#include <regex.h>
#include <string.h>

#include "base/pattern.h"
#include "base/text.h"

/*
 * Order matters: what the sandbox did to itself comes first (it must never look like a defect of the backup, nor be
 * explained away), then what must never be explained away, then the explanations from the narrow to the wide.
 */
const ExplainRule explain_rules[] = {
    {"disk-full", EXPLAIN_ENVIRONMENT, NULL, "No space left on device|could not extend file|Disk quota exceeded", NULL,
     "the sandbox ran out of disk; nothing is known about the backup"},
    {"out-of-memory", EXPLAIN_ENVIRONMENT, NULL, "^out of memory|memory exhausted|could not resize shared memory", NULL,
     "the sandbox ran out of memory; nothing is known about the backup"},
    {"server-gone", EXPLAIN_ENVIRONMENT, NULL,
     "server closed the connection|terminating connection|connection to server .* failed|no connection to the server|"
     "the database system is (shutting down|in recovery mode)",
     NULL, "the sandbox server ended; nothing is known about the backup"},
    {"lock-table-full", EXPLAIN_ENVIRONMENT, NULL, "out of shared memory", NULL,
     "the sandbox's lock table is too small for this dump"},
    {"program-refused", EXPLAIN_REFUSED, NULL, "^program \".*\" failed|could not execute command", NULL,
     "the dump tried to run a program; the sandbox has none"},
    {"file-refused", EXPLAIN_REFUSED, NULL,
     "could not open file \".*\" for (reading|writing)|could not open server file", NULL,
     "the dump tried to reach a file of the server"},
    {"network-refused", EXPLAIN_REFUSED, NULL,
     "could not establish connection|^password is required|^password or GSSAPI delegated credentials required|"
     "could not connect to server|could not translate host name|Network is unreachable",
     NULL, "the dump tried to reach the network; the sandbox has none"},

    {"role-missing", EXPLAIN_MISSING_ROLE, NULL, "^role \".*\" does not exist", NULL,
     "the dump names a role that it does not create (roles live outside a database; pg_dumpall --globals-only writes "
     "them)"},

    {"extension-unavailable", EXPLAIN_MISSING_EXTENSION, NULL,
     "^extension \".*\" is not available|could not open extension control file|extension \".*\" has no installation "
     "script",
     NULL, "the extension is not installed on this machine"},
    {"extension-preload", EXPLAIN_MISSING_EXTENSION, NULL,
     "must be loaded via.*shared_preload_libraries|can only be loaded via shared_preload_libraries", NULL,
     "the extension works only when preloaded; the sandbox preloads nothing"},
    {"extension-comment", EXPLAIN_EXTENSION_OBJECT, NULL, "^extension \".*\" does not exist", "COMMENT ON EXTENSION",
     "a comment on an extension that is not installed here"},
    {"extension-member", EXPLAIN_EXTENSION_OBJECT, NULL, "is a member of extension|is not a member of extension", NULL,
     "the extension's version here owns its objects differently"},
    {"vector-index", EXPLAIN_MISSING_EXTENSION, "vector",
     "access method \"(hnsw|ivfflat)\" does not exist|operator class \".*(vector|halfvec|sparsevec|bit)_.*_ops\" does "
     "not exist",
     NULL, "pgvector's index types are not installed here; the rows are"},
    {"vector-operator", EXPLAIN_MISSING_EXTENSION, "vector",
     "operator does not exist: .*(vector|halfvec|sparsevec).*(<->|<#>|<=>|<\\+>)|"
     "(<->|<#>|<=>|<\\+>).*(vector|halfvec|sparsevec)|"
     "function .*(cosine_distance|l2_distance|inner_product|vector_dims|vector_norm|l2_normalize).* does not exist",
     NULL, "pgvector's operators and functions are not installed here; the rows are"},
    {"postgis-object", EXPLAIN_MISSING_EXTENSION, "postgis",
     "(function|operator) .*(st_|_st_|geometry|geography|&&|postgis).* does not exist|operator does not exist: .*geo|"
     "operator class .*(gist_geometry|gist_geography|spgist_geometry|brin_geometry).* does not exist|"
     "data type .*(geometry|geography) has no default operator class",
     NULL, "PostGIS is not installed here; the rows are kept as text"},
    {"postgis-table", EXPLAIN_EXTENSION_OBJECT, "postgis", "^relation \".*spatial_ref_sys\" does not exist", NULL,
     "belongs to PostGIS, which is not installed here"},
    {"trigram-class", EXPLAIN_MISSING_EXTENSION, "pg_trgm", "operator class \".*(gin|gist)_trgm_ops\" does not exist",
     NULL, "pg_trgm is not installed here"},
    {"cron-object", EXPLAIN_EXTENSION_OBJECT, "pg_cron", "(schema \"cron\"|relation \"cron\\.|function cron\\.)", NULL,
     "belongs to pg_cron, which must not run in a sandbox"},
    {"net-object", EXPLAIN_EXTENSION_OBJECT, "pg_net", "(schema \"net\"|relation \"net\\.|function net\\.)", NULL,
     "belongs to pg_net, which must not run in a sandbox"},
    {"vault-object", EXPLAIN_EXTENSION_OBJECT, "supabase_vault",
     "(schema \"vault\"|relation \"vault\\.|function vault\\.)", NULL,
     "belongs to Supabase Vault, which is not installed here"},
    {"sodium-object", EXPLAIN_EXTENSION_OBJECT, "pgsodium",
     "(schema \"pgsodium|relation \"pgsodium\\.|function pgsodium\\.)", NULL,
     "belongs to pgsodium, which is not installed here"},
    {"graphql-object", EXPLAIN_EXTENSION_OBJECT, "pg_graphql",
     "(schema \"graphql\"|relation \"graphql\\.|function graphql(_public)?\\.)", NULL,
     "belongs to pg_graphql, which is not installed here"},
    {"jwt-object", EXPLAIN_EXTENSION_OBJECT, "pgjwt",
     "function extensions\\.(sign|verify|url_encode|url_decode|algorithm_sign)", NULL,
     "belongs to pgjwt, which is not installed here"},

    {"event-trigger", EXPLAIN_PLATFORM_OBJECT, NULL, NULL, "^[[:space:]]*(CREATE|ALTER|COMMENT ON) EVENT TRIGGER",
     "event triggers are kept out of the sandbox: they act on every later statement"},
    {"publication", EXPLAIN_PLATFORM_OBJECT, NULL, NULL, "^[[:space:]]*(CREATE|ALTER) (PUBLICATION|SUBSCRIPTION)",
     "replication is kept out of the sandbox"},
    {"default-privileges", EXPLAIN_PLATFORM_OBJECT, NULL, "permission denied to change default privileges", NULL,
     "default privileges of a platform role"},

    {"newer-setting", EXPLAIN_NEWER_SETTING, NULL, "^unrecognized configuration parameter", "^[[:space:]]*SET ",
     "a session setting of a newer PostgreSQL; it does not change what is restored"},
    {0},
};

typedef struct Compiled {
    const ExplainRule *rule;
    regex_t message, statement;
    bool has_message, has_statement;
} Compiled;

struct Explain {
    LIST(Compiled) rules;
};

static void release(void *what) {
    Explain *explain = what;
    LIST_EACH (Compiled, compiled, explain->rules) {
        if (compiled->has_message)
            regfree(&compiled->message);
        if (compiled->has_statement)
            regfree(&compiled->statement);
    }
}

static Err *compile(Arena *arena, const ExplainRule *rule, const char *expression, regex_t *out, bool *has) {
    if (expression == NULL)
        return NULL;
    const char *why = pattern_compile(arena, expression, REG_EXTENDED | REG_NOSUB | REG_ICASE, out);
    if (why != NULL)
        return err_hint(arena,
                        err_new(arena, ERR_CONFIG, "the expression of explain rule %s is malformed: %s",
                                text_safe(arena, rule->name), why),
                        "write a POSIX extended regular expression");
    *has = true;
    return NULL;
}

static bool applies(const ExplainRule *rule, const char *const *absent) {
    if (rule->extension == NULL)
        return true;
    for (; *absent != NULL; absent++) {
        if (strcmp(*absent, rule->extension) == 0)
            return true;
    }
    return false;
}

static Err *add_rule(Arena *arena, Explain *explain, const ExplainRule *rule) {
    Compiled *compiled = LIST_PUSH(arena, explain->rules);
    compiled->rule = rule;
    TRY(compile(arena, rule, rule->message, &compiled->message, &compiled->has_message));
    return compile(arena, rule, rule->statement, &compiled->statement, &compiled->has_statement);
}

static Err *check_user_rule(Arena *arena, const ExplainRule *rule) {
    if (rule->reason == NULL || text_trim(text_of(rule->reason)).length == 0)
        return err_hint(arena,
                        err_new(arena, ERR_CONFIG, "explain rule %s has no reason", text_safe(arena, rule->name)),
                        "add reason = why this error is no defect of the backup");
    if (rule->message == NULL && rule->statement == NULL)
        return err_hint(
            arena,
            err_new(arena, ERR_CONFIG, "explain rule %s would explain every error", text_safe(arena, rule->name)),
            "add message = or statement = with an expression");
    return NULL;
}

Err *explain_new(Arena *arena, const char *const *absent, const ExplainRule *extra, size_t count, Explain **out) {
    Explain *explain = ARENA_NEW(arena, Explain);
    arena_defer(arena, release, explain);
    for (const ExplainRule *rule = explain_rules; rule->name != NULL; rule++) {
        if (applies(rule, absent))
            TRY(add_rule(arena, explain, rule));
    }
    for (size_t i = 0; i < count; i++) {
        TRY(check_user_rule(arena, &extra[i]));
        if (applies(&extra[i], absent))
            TRY(add_rule(arena, explain, &extra[i]));
    }
    *out = explain;
    return NULL;
}

const ExplainRule *explain_error(const Explain *explain, const char *message, const char *statement) {
    LIST_EACH (const Compiled, compiled, explain->rules) {
        if (compiled->has_message && regexec(&compiled->message, message, 0, NULL, 0) != 0)
            continue;
        if (compiled->has_statement && regexec(&compiled->statement, statement, 0, NULL, 0) != 0)
            continue;
        return compiled->rule;
    }
    return NULL;
}

static const struct {
    const char *id, *name;
} classes[EXPLAIN_CLASSES] = {
    [EXPLAIN_REAL] = {"real", "unexplained"},
    [EXPLAIN_MISSING_ROLE] = {"missing-role", "missing role"},
    [EXPLAIN_MISSING_EXTENSION] = {"missing-extension", "missing extension"},
    [EXPLAIN_EXTENSION_OBJECT] = {"extension-object", "object of a missing extension"},
    [EXPLAIN_PLATFORM_OBJECT] = {"platform-object", "object of the hosting platform"},
    [EXPLAIN_NEWER_SETTING] = {"newer-setting", "setting of a newer PostgreSQL"},
    [EXPLAIN_REFUSED] = {"refused", "refused by the sandbox"},
    [EXPLAIN_ENVIRONMENT] = {"environment", "failure of the sandbox itself"},
    [EXPLAIN_USER] = {"user", "explained by the configuration"},
};

const char *explain_class_name(ExplainClass class) {
    return class >= 0 && class < EXPLAIN_CLASSES ? classes[class].name : "unknown";
}

const char *explain_class_id(ExplainClass class) {
    return class >= 0 && class < EXPLAIN_CLASSES ? classes[class].id : "unknown";
}
