/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/probe_sql.h"

#include "runbook/binding.h"

static void say_rows(Arena *arena, const SessionRows *rows, ProbeAnswer *out) {
    for (size_t row = 0; row < rows->kept; row++) {
        Buf *line = buf_new(arena, 64 * 1024);
        for (size_t column = 0; column < rows->columns; column++) {
            const char *value = rows->values[row * rows->columns + column];
            /* A column that nobody named says nothing about itself. */
            const char *name = text_is(text_of(rows->names[column]), "?column?") ? "" : rows->names[column];
            buf_printf(line, "%s%s%s%s", column == 0 ? "" : ", ", name, name[0] == '\0' ? "" : " ",
                       value == NULL ? "null" : value);
        }
        probe_say(arena, out, buf_view(line));
    }
    if (rows->count > rows->kept)
        probe_say(arena, out,
                  text_of(arena_printf(arena, "and %llu more rows", (unsigned long long)(rows->count - rows->kept))));
}

Err *probe_sql(Arena *arena, const ProbeContext *context, const IssueBlock *block, ProbeAnswer *out) {
    Binding binding;
    SessionRows rows = {0};
    SessionQuestion question = {0};
    const char *missing = NULL;
    bool generates = false;
    TRY(binding_make(arena, ISSUE_SQL, (Text){block->body, block->length}, &binding));
    TRY(binding_values(arena, &binding, context->values, &question.values, &missing));
    question.count = binding.names.count;
    question.sql = text_dup(arena, binding_statement(text_of(binding.text), &generates));
    if (generates)
        return err_new(arena, ERR_DATA, "\\gexec belongs into a resolution");
    TRY(session_ask(arena, context->sessions, &question, &rows));
    say_rows(arena, &rows, out);
    out->outcome = rows.count > 0 ? PROBE_PRESENT : PROBE_ABSENT;
    return NULL;
}
