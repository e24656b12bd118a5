/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "runbook/lint.h"

/*
 * A script is read as far as it takes to see quotes, redirections and the first word of each command. It is no
 * sandbox: it speaks up when an author has forgotten that a probe only looks.
 */
typedef struct Scan {
    Arena *arena;
    LintBlock *lint;
    Text rest;
    bool command;     /* the next word is a command's name */
    const char *name; /* of the command we are in */
    const char *last; /* the last plain word */
    int arithmetic;   /* depth of (( )): > is no redirection there */
    bool quoted_end;  /* <<'EOF': the shell leaves it as it is */
    const char *end;  /* of a here-document, when one begins with the next line */
    const char *problem;
} Scan;

static const char *const changing[] = {"rm",          "rmdir",      "mv",
                                       "cp",          "dd",         "kill",
                                       "pkill",       "killall",    "systemctl",
                                       "service",     "shutdown",   "reboot",
                                       "halt",        "truncate",   "tee",
                                       "chmod",       "chown",      "chgrp",
                                       "ln",          "mkfs",       "mount",
                                       "umount",      "sysctl",     "crontab",
                                       "install",     "touch",      "shred",
                                       "sudo",        "su",         "docker",
                                       "kubectl",     "pg_ctl",     "pg_ctlcluster",
                                       "pg_resetwal", "pg_restore", "createdb",
                                       "dropdb",      "createuser", "dropuser",
                                       "vacuumdb",    "reindexdb",  "clusterdb",
                                       "pg_rewind",   "initdb",     "apt",
                                       "apt-get",     "ip",         "iptables",
                                       "nft",         "eval",       "source",
                                       ".",           NULL};
/* What takes a command of its own behind it. */
static const char *const wrappers[] = {"env",   "exec", "xargs", "nice",   "timeout", "time",  "command",
                                       "nohup", "if",   "then",  "else",   "elif",    "while", "until",
                                       "do",    "!",    "{",     "setsid", NULL};

static bool listed(const char *word, const char *const *list) {
    for (size_t i = 0; list[i] != NULL; i++) {
        if (strcmp(list[i], word) == 0)
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

static bool is_word_byte(char byte) {
    return strchr(" \t\n;|&()<>`\"'\\{}$", byte) == NULL;
}

static void skip_single(Scan *scan) {
    Text inside = text_slice(scan->rest, 1, scan->rest.length), before = {0}, name = {0};
    ptrdiff_t end = text_find(inside, '\'');
    inside = text_slice(inside, 0, end < 0 ? inside.length : (size_t)end);
    skip(scan, inside.length + 2);
    if (parameter_next(&inside, &before, &name))
        refuse(scan, arena_printf(scan->arena, "{{%.*s}} stands in quotes", TEXT_ARG(name)),
               "it becomes \"$RB_name\", which stands by itself");
}

/* Between double quotes only placeholders matter; a command substitution in them is read as text. */
static void skip_double(Scan *scan) {
    size_t at = 1;
    while (at < scan->rest.length && scan->rest.at[at] != '"')
        at += scan->rest.at[at] == '\\' ? 2 : 1;
    Text inside = text_slice(scan->rest, 1, at), before = {0}, name = {0};
    skip(scan, at + 1);
    if (parameter_next(&inside, &before, &name))
        refuse(scan, arena_printf(scan->arena, "{{%.*s}} stands in quotes", TEXT_ARG(name)),
               "it becomes \"$RB_name\", which stands by itself");
}

static bool may_be_written(Text target) {
    if (text_is(target, "/dev/null") || text_is(target, "&1") || text_is(target, "&2") || text_is(target, "&-"))
        return true;
    return target.length > 0 && target.at[0] != '/' && target.at[0] != '$' && target.at[0] != '~' &&
           target.at[0] != '"' && target.at[0] != '\'' && target.at[0] != '{' && target.at[0] != '&' &&
           memmem(target.at, target.length, "..", 2) == NULL;
}

static void read_redirection(Scan *scan) {
    size_t at = 1;
    while (at < scan->rest.length && (scan->rest.at[at] == '>' || scan->rest.at[at] == '|'))
        at++;
    while (at < scan->rest.length && (scan->rest.at[at] == ' ' || scan->rest.at[at] == '\t'))
        at++;
    size_t from = at;
    while (at < scan->rest.length && (at == from || (strchr(" \t\n;|&)", scan->rest.at[at]) == NULL)))
        at++;
    Text target = text_slice(scan->rest, from, at);
    if (lint_only_looks(scan->lint->block) && !may_be_written(target))
        refuse(scan, arena_printf(scan->arena, "a question that writes to %s", text_quote(scan->arena, target, 60)),
               "write to /dev/null, &1, &2 or a relative name (the script runs in an empty temporary directory)");
    skip(scan, at);
}

/* "<<EOF", "<<-'EOF'": from the next line on it is text. */
static void read_here(Scan *scan) {
    size_t at = 2;
    while (at < scan->rest.length && strchr("- \t'\"\\", scan->rest.at[at]) != NULL)
        at++;
    size_t from = at;
    scan->quoted_end = from > 0 && strchr("'\"\\", scan->rest.at[from - 1]) != NULL;
    while (at < scan->rest.length && is_word_byte(scan->rest.at[at]))
        at++;
    scan->end = text_dup(scan->arena, text_slice(scan->rest, from, at));
    skip(scan, at);
    while (scan->rest.length > 0 && (scan->rest.at[0] == '\'' || scan->rest.at[0] == '"'))
        skip(scan, 1);
}

static void skip_here(Scan *scan) {
    Text before = {0}, name = {0};
    while (scan->rest.length > 0) {
        Text line = text_cut(scan->rest, '\n', &scan->rest), copy = line;
        if (text_is(text_trim(line), scan->end))
            break;
        if (!scan->quoted_end && parameter_next(&copy, &before, &name))
            refuse(scan, arena_printf(scan->arena, "{{%.*s}} stands in a here-document", TEXT_ARG(name)),
                   "give it as an argument or a variable of psql: -v x={{name}}");
    }
    scan->end = NULL;
}

static void look_at_word(Scan *scan, const char *word) {
    bool assignment = strchr(word, '=') != NULL;
    if (scan->command && !assignment && lint_only_looks(scan->lint->block) && listed(word, changing))
        refuse(scan, arena_printf(scan->arena, "a question that changes something: %s", word),
               "a probe only looks; what changes something is a resolve block");
    if (strcmp(scan->name, "psql") == 0 && lint_only_looks(scan->lint->block) &&
        (strcmp(word, "-f") == 0 || strncmp(word, "--file", 6) == 0))
        refuse(scan, "a question that runs a file: psql -f", "write the statement with -c");
    if (strcmp(scan->name, "sed") == 0 && lint_only_looks(scan->lint->block) && strncmp(word, "-i", 2) == 0)
        refuse(scan, "a question that changes a file: sed -i", "a probe only looks");
    if (scan->command && !assignment && !listed(word, wrappers)) {
        scan->command = false;
        scan->name = word;
    }
    scan->last = word;
}

static void read_word(Scan *scan) {
    size_t length = 0;
    while (length < scan->rest.length && is_word_byte(scan->rest.at[length]))
        length++;
    const char *word = text_dup(scan->arena, text_slice(scan->rest, 0, length));
    skip(scan, length);
    if (word[0] == '#') { /* a comment; a # inside a word is none, it would not begin one */
        ptrdiff_t end = text_find(scan->rest, '\n');
        skip(scan, end < 0 ? scan->rest.length : (size_t)end);
        return;
    }
    look_at_word(scan, word);
}

static void read_placeholder(Scan *scan, Text name) {
    const char *copy = text_dup(scan->arena, name);
    ParameterType type = PARAMETER_TEXT;
    const char *problem = lint_placeholder(scan->arena, scan->lint, copy);
    skip(scan, name.length + 4);
    if (problem != NULL)
        refuse(scan, problem, scan->lint->hint);
    else if (parameter_type(scan->lint->parameters, copy, &type) && type == PARAMETER_COMMAND &&
             strcmp(scan->last, "-c") != 0)
        refuse(scan, arena_printf(scan->arena, "{{%s}} is a command", copy), "it is run by sh -c {{name}}");
    scan->command = false;
}

/* A byte that separates commands or opens something. */
static void read_sign(Scan *scan) {
    char byte = scan->rest.at[0];
    if (text_starts(scan->rest, "((")) {
        scan->arithmetic++;
        skip(scan, 1);
    } else if (text_starts(scan->rest, "))") && scan->arithmetic > 0) {
        scan->arithmetic--;
        skip(scan, 1);
    }
    if (strchr("\n;|&(`{}", byte) != NULL) {
        scan->command = true;
        scan->name = "";
    }
    skip(scan, byte == '\\' && scan->rest.length > 1 ? 2 : 1);
    if (byte == '\n' && scan->end != NULL)
        skip_here(scan);
}

static void read_token(Scan *scan) {
    Text rest = scan->rest, after = rest, before = {0}, name = {0};
    char byte = rest.at[0];
    if (text_starts(rest, "{{") && parameter_next(&after, &before, &name) && before.length == 0)
        read_placeholder(scan, name);
    else if (byte == '\'')
        skip_single(scan);
    else if (byte == '"')
        skip_double(scan);
    else if (byte == '>' && scan->arithmetic == 0)
        read_redirection(scan);
    else if (text_starts(rest, "<<") && scan->arithmetic == 0)
        read_here(scan);
    else if (is_word_byte(byte))
        read_word(scan);
    else
        read_sign(scan);
}

const char *lint_sh(Arena *arena, LintBlock *lint) {
    Scan scan = {.arena = arena,
                 .lint = lint,
                 .rest = {lint->block->body, lint->block->length},
                 .command = true,
                 .name = "",
                 .last = ""};
    while (scan.rest.length > 0)
        read_token(&scan);
    return scan.problem;
}
