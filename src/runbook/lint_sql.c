/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "pg/lexis.h"
#include "runbook/lint.h"

/*
 * One statement, one cast for every value, and nothing that changes something in a question. The session is read-only
 * by force as well; this speaks up before anybody is in trouble.
 */
typedef struct Scan {
    Arena *arena;
    LintBlock *lint;
    Text rest;
    char word[64];     /* the last word, in lower case */
    char before[64];   /* the one before it */
    char first[64];    /* of the statement */
    size_t statements; /* ended by a semicolon */
    bool open;         /* something stands behind the last semicolon */
    bool generates;    /* \gexec */
    const char *problem;
} Scan;

static const char *const changing_words[] = {"insert", "update", "delete", "merge", "into", "truncate", NULL};
static const char *const reading_words[] = {"select", "with", "table", "values", "show", NULL};

/* Those that end in * are prefixes. */
static const char *const changing_functions[] = {"pg_terminate_backend",
                                                 "pg_cancel_backend",
                                                 "setval",
                                                 "nextval",
                                                 "pg_switch_wal",
                                                 "pg_switch_xlog",
                                                 "lo_*",
                                                 "dblink*",
                                                 "pg_reload_conf",
                                                 "set_config",
                                                 "pg_rotate_logfile*",
                                                 "pg_promote",
                                                 "pg_wal_replay_*",
                                                 "pg_stat_reset*",
                                                 "pg_stat_statements_reset",
                                                 "pg_notify",
                                                 "pg_logical_*",
                                                 "pg_create_*",
                                                 "pg_drop_*",
                                                 "pg_copy_*",
                                                 "pg_replication_slot_advance",
                                                 "pg_replication_origin_*",
                                                 "pg_advisory_*",
                                                 "pg_try_advisory_*",
                                                 "pg_backup_*",
                                                 "pg_start_backup",
                                                 "pg_stop_backup",
                                                 "pg_import_system_collations",
                                                 "pg_export_snapshot",
                                                 "txid_current",
                                                 "pg_current_xact_id",
                                                 "pg_file_*",
                                                 "pg_sleep*",
                                                 "pg_execute_server_program",
                                                 "http_post",
                                                 "http_get",
                                                 "http_delete",
                                                 "schedule",
                                                 "unschedule",
                                                 "pg_prewarm",
                                                 "pg_repack*",
                                                 "pg_promote",
                                                 "pg_truncate_visibility_map",
                                                 "heap_force_*",
                                                 "brin_summarize_*",
                                                 "gin_clean_pending_list",
                                                 NULL};

static bool listed(const char *word, const char *const *list) {
    for (size_t i = 0; list[i] != NULL; i++) {
        size_t length = strlen(list[i]);
        if (list[i][length - 1] == '*' ? strncmp(word, list[i], length - 1) == 0 : strcmp(word, list[i]) == 0)
            return true;
    }
    return false;
}

static void refuse(Scan *scan, const char *problem, const char *hint) {
    if (scan->problem != NULL)
        return;
    scan->problem = problem;
    scan->lint->hint = hint;
}

static void skip(Scan *scan, size_t length) {
    scan->rest = text_slice(scan->rest, length, scan->rest.length);
}

/* Text between quotes, $tag$ and in comments: up to `end` bytes. A placeholder in it is an error, unless it is a
 * comment. */
static void skip_quoted(Scan *scan, size_t end, bool comment) {
    Text inside = text_slice(scan->rest, 0, end), before = {0}, name = {0};
    if (!comment && parameter_next(&inside, &before, &name))
        refuse(scan, arena_printf(scan->arena, "{{%.*s}} stands in quotes", TEXT_ARG(name)),
               "a value is bound, it is never part of the text: {{name}}::text, joined with || where need be");
    skip(scan, end);
}

static size_t end_of_quote(Text text, bool escapes) {
    char quote = text.at[0];
    for (size_t at = 1; at < text.length; at++) {
        if (escapes && text.at[at] == '\\')
            at++;
        else if (text.at[at] == quote && (at + 1 >= text.length || text.at[at + 1] != quote))
            return at + 1;
        else if (text.at[at] == quote)
            at++;
    }
    return text.length;
}

static size_t end_of_comment(Text text) {
    int depth = 0;
    for (size_t at = 0; at + 1 < text.length; at++) {
        if (text_starts(text_slice(text, at, text.length), "/*"))
            depth++, at++;
        else if (text_starts(text_slice(text, at, text.length), "*/") && (at++, --depth == 0))
            return at + 1;
    }
    return text.length;
}

/* "$tag$ ... $tag$", 0 when the dollar begins none. */
static size_t end_of_dollar(Text text) {
    size_t tag = 1;
    while (tag < text.length && lexis_in_word(text.at[tag]) && text.at[tag] != '$')
        tag++;
    if (tag >= text.length || text.at[tag] != '$' || lexis_class(text.at[1]) == LEXIS_DIGIT)
        return 0;
    tag++;
    const char *close = memmem(text.at + tag, text.length - tag, text.at, tag);
    return close == NULL ? text.length : (size_t)(close - text.at) + tag;
}

static void look_at_word(Scan *scan, bool called) {
    if (scan->first[0] == '\0')
        memcpy(scan->first, scan->word, sizeof(scan->first));
    if (!lint_only_looks(scan->lint->block))
        return;
    bool locks = (strcmp(scan->word, "share") == 0 || strcmp(scan->word, "update") == 0) &&
                 (strcmp(scan->before, "for") == 0 || strcmp(scan->before, "key") == 0);
    if ((listed(scan->word, changing_words) && !called) || locks)
        refuse(scan, arena_printf(scan->arena, "a question that writes: %s", scan->word),
               "a probe only looks; what changes something is a resolve block");
    if (called && listed(scan->word, changing_functions))
        refuse(scan, arena_printf(scan->arena, "a question that changes something: %s()", scan->word),
               "a probe only looks; what changes something is a resolve block");
}

static void read_word(Scan *scan) {
    size_t length = 0;
    memcpy(scan->before, scan->word, sizeof(scan->before));
    memset(scan->word, 0, sizeof(scan->word));
    while (length < scan->rest.length && lexis_in_word(scan->rest.at[length])) {
        if (length + 1 < sizeof(scan->word))
            scan->word[length] = lexis_lower(scan->rest.at[length]);
        length++;
    }
    skip(scan, length);
    bool escapes = scan->rest.length > 0 && scan->rest.at[0] == '\'' && strcmp(scan->word, "e") == 0;
    if (escapes)
        skip_quoted(scan, end_of_quote(scan->rest, true), false);
    else
        look_at_word(scan, text_starts(text_trim(scan->rest), "("));
}

static void read_placeholder(Scan *scan, Text name) {
    const char *copy = text_dup(scan->arena, name);
    const char *problem = lint_placeholder(scan->arena, scan->lint, copy);
    skip(scan, name.length + 4);
    if (problem != NULL)
        refuse(scan, problem, scan->lint->hint);
    else if (!text_starts(scan->rest, "::"))
        refuse(scan, arena_printf(scan->arena, "{{%s}} lacks its cast", copy),
               "the type of a bound value is unknown: ::interval, ::int, ::bigint, ::numeric or ::text");
}

static void read_token(Scan *scan) {
    Text rest = scan->rest, after = rest, before = {0}, name = {0};
    LexisClass class = lexis_class(rest.at[0]);
    bool space = class == LEXIS_SPACE || class == LEXIS_NEWLINE;
    size_t dollar = class == LEXIS_DOLLAR ? end_of_dollar(rest) : 0;
    if (text_starts(rest, "--")) {
        ptrdiff_t end = text_find(rest, '\n');
        skip_quoted(scan, end < 0 ? rest.length : (size_t)end, true);
        return;
    }
    if (text_starts(rest, "/*")) {
        skip_quoted(scan, end_of_comment(rest), true);
        return;
    }
    scan->open = scan->open || (!space && class != LEXIS_SEMICOLON);
    if (class == LEXIS_QUOTE || class == LEXIS_NAME_QUOTE) {
        skip_quoted(scan, end_of_quote(rest, false), false);
    } else if (dollar > 0) {
        skip_quoted(scan, dollar, false);
    } else if (text_starts(rest, "{{") && parameter_next(&after, &before, &name) && before.length == 0) {
        read_placeholder(scan, name);
    } else if (text_starts(rest, "\\gexec") && text_trim(text_slice(rest, 6, rest.length)).length == 0) {
        scan->generates = true;
        skip(scan, rest.length);
    } else if (class == LEXIS_LETTER) {
        read_word(scan);
    } else if (class == LEXIS_SEMICOLON) {
        scan->statements += scan->open;
        scan->open = false;
        skip(scan, 1);
    } else {
        skip(scan, 1);
    }
}

static void look_at_statement(Scan *scan) {
    const IssueBlock *block = scan->lint->block;
    bool looks = lint_only_looks(block), free = block->role == ISSUE_MANUAL || block->role >= ISSUE_FAULT;
    if (scan->statements + scan->open > 1 && !free)
        refuse(scan, "more than one statement", "a block for each");
    else if (scan->open && !scan->generates)
        refuse(scan, "the statement does not end with a semicolon", "write ; at its end");
    else if (scan->generates && looks)
        refuse(scan, "\\gexec in a question", "it belongs into a resolution");
    if (looks && !listed(scan->first, reading_words))
        refuse(scan,
               arena_printf(scan->arena, "a question begins with %s", scan->first[0] == '\0' ? "nothing" : scan->first),
               "it begins with select, with, table, values or show");
}

const char *lint_sql(Arena *arena, LintBlock *lint) {
    Scan scan = {.arena = arena, .lint = lint, .rest = {lint->block->body, lint->block->length}};
    while (scan.rest.length > 0)
        read_token(&scan);
    look_at_statement(&scan);
    return scan.problem;
}
