/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/binding.h"

#include <string.h>

#include "base/buf.h"
#include "pg/lexis.h"

typedef struct Maker {
    Arena *arena;
    IssueKind kind;
    Buf *text;
    Binding *out;
} Maker;

static size_t number_of(Maker *maker, const char *name) {
    for (size_t i = 0; i < maker->out->names.count; i++)
        if (strcmp(maker->out->names.items[i], name) == 0)
            return i + 1;
    *LIST_PUSH(maker->arena, maker->out->names) = name;
    return maker->out->names.count;
}

/* A stretch in which placeholders count. */
static void put_code(Maker *maker, Text code) {
    Text before = {0}, name = {0};
    while (parameter_next(&code, &before, &name)) {
        const char *copy = text_dup(maker->arena, name);
        size_t number = number_of(maker, copy);
        buf_text(maker->text, before);
        if (maker->kind == ISSUE_SQL)
            buf_printf(maker->text, "$%zu", number);
        else if (maker->kind == ISSUE_SH)
            buf_printf(maker->text, "\"$RB_%s\"", copy);
        else
            buf_printf(maker->text, "{{%s}}", copy);
    }
    buf_text(maker->text, before);
}

/* --- SQL --- */

static size_t end_of_line(Text sql, size_t at) {
    while (at < sql.length && sql.at[at] != '\n')
        at++;
    return at;
}

/* They nest. */
static size_t end_of_comment(Text sql, size_t at) {
    int depth = 0;
    while (at + 1 < sql.length) {
        if (sql.at[at] == '/' && sql.at[at + 1] == '*') {
            depth++;
            at += 2;
        } else if (sql.at[at] == '*' && sql.at[at + 1] == '/') {
            at += 2;
            if (--depth == 0)
                return at;
        } else {
            at++;
        }
    }
    return sql.length;
}

static size_t end_of_quote(Text sql, size_t at, bool escapes) {
    char quote = sql.at[at++];
    while (at < sql.length) {
        if (escapes && sql.at[at] == '\\')
            at++;
        else if (sql.at[at] == quote && (at + 1 >= sql.length || sql.at[at + 1] != quote))
            return at + 1;
        else if (sql.at[at] == quote)
            at++;
        at++;
    }
    return sql.length;
}

/* $tag$ ... $tag$; 0 when a dollar begins none. */
static size_t end_of_dollars(Text sql, size_t at) {
    size_t end = at + 1;
    while (end < sql.length && sql.at[end] != '$' && lexis_in_word(sql.at[end]))
        end++;
    if (end >= sql.length || sql.at[end] != '$' || (at + 1 < end && lexis_class(sql.at[at + 1]) == LEXIS_DIGIT))
        return 0;
    size_t length = end + 1 - at;
    for (size_t i = end + 1; i + length <= sql.length; i++)
        if (memcmp(sql.at + i, sql.at + at, length) == 0)
            return i + length;
    return sql.length;
}

typedef enum Stretch { STRETCH_CODE, STRETCH_COMMENT, STRETCH_QUOTED } Stretch;

/* What begins at `at`; *end is behind it. */
static Stretch stretch_at(Text sql, size_t at, size_t *end) {
    char byte = sql.at[at], next = at + 1 < sql.length ? sql.at[at + 1] : '\0';
    bool in_word = at > 0 && lexis_in_word(sql.at[at - 1]);
    bool escapes =
        at > 0 && (sql.at[at - 1] == 'e' || sql.at[at - 1] == 'E') && (at < 2 || !lexis_in_word(sql.at[at - 2]));
    *end = at + 1;
    if (byte == '-' && next == '-') {
        *end = end_of_line(sql, at);
        return STRETCH_COMMENT;
    }
    if (byte == '/' && next == '*') {
        *end = end_of_comment(sql, at);
        return STRETCH_COMMENT;
    }
    size_t dollars = byte == '$' && !in_word ? end_of_dollars(sql, at) : 0;
    if (byte != '\'' && byte != '"' && dollars == 0)
        return STRETCH_CODE;
    *end = dollars != 0 ? dollars : end_of_quote(sql, at, byte == '\'' && escapes);
    return STRETCH_QUOTED;
}

static Err *make_sql(Maker *maker, Text sql) {
    size_t from = 0;
    for (size_t at = 0, end = 0; at < sql.length; at = end) {
        Text before = {0}, name = {0};
        Stretch stretch = stretch_at(sql, at, &end);
        if (stretch == STRETCH_CODE)
            continue;
        put_code(maker, text_slice(sql, from, at));
        Text quoted = text_slice(sql, at, end), rest = quoted;
        if (stretch == STRETCH_QUOTED && parameter_next(&rest, &before, &name))
            return err_new(maker->arena, ERR_DATA, "the parameter %s stands inside quotes",
                           text_dup(maker->arena, name));
        buf_text(maker->text, quoted);
        from = end;
    }
    put_code(maker, text_slice(sql, from, sql.length));
    return NULL;
}

Err *binding_make(Arena *arena, IssueKind kind, Text body, Binding *out) {
    Maker maker = {.arena = arena, .kind = kind, .text = buf_new(arena, 4 * body.length + 64), .out = out};
    *out = (Binding){0};
    if (kind == ISSUE_SQL)
        TRY(make_sql(&maker, body));
    else
        put_code(&maker, body);
    if (maker.text->full)
        return err_new(arena, ERR_LIMIT, "the block is too long");
    out->text = maker.text->length == 0 ? "" : maker.text->at;
    return NULL;
}

Err *binding_values(Arena *arena, const Binding *binding, const ParameterValues *values, const char *const **out,
                    const char **missing) {
    const char **made = ARENA_ARRAY(arena, const char *, binding->names.count + 1);
    *missing = NULL;
    *out = made;
    for (size_t i = 0; i < binding->names.count; i++) {
        const char *name = binding->names.items[i];
        ParameterType type = PARAMETER_TEXT;
        if (parameter_type(parameter_declared(values), name, &type) && type == PARAMETER_SECRET)
            return err_new(arena, ERR_CONFIG, "the secret %s may stand in a header of an http block only", name);
        TRY(parameter_value(arena, values, name, &made[i]));
        if (made[i] == NULL && *missing == NULL)
            *missing = name;
    }
    return NULL;
}

Text binding_statement(Text sql, bool *generates) {
    sql = text_trim(sql);
    *generates = text_ends(sql, "\\gexec");
    sql = *generates ? text_slice(sql, 0, sql.length - 6) : sql;
    sql = text_trim(sql);
    while (text_ends(sql, ";"))
        sql = text_trim(text_slice(sql, 0, sql.length - 1));
    return sql;
}
