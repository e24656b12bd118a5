/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/redact.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "pg/token.h"

static bool holds(Text text, const char *word) {
    size_t length = strlen(word);
    for (size_t at = 0; at + length <= text.length; at++)
        if (strncasecmp(text.at + at, word, length) == 0)
            return true;
    return false;
}

/* PASSWORD 'x', OPTIONS (password 'x'), CONNECTION '... password=x', 'postgresql://u:x@host', a SCRAM verifier. */
static bool is_secret(const Token *token, const Token *before) {
    if (token->kind != TOKEN_STRING)
        return false;
    return token_is(before, "password") || token_is(before, "connection") || holds(token->raw, "password") ||
           holds(token->raw, "SCRAM-SHA-256$") || (holds(token->raw, "://") && holds(token->raw, "@"));
}

const char *redact_statement(Arena *arena, Text statement) {
    Tokens tokens = token_start(statement, true);
    Token before = {0};
    Buf *out = buf_new(arena, statement.length * 2 + 64);
    const char *copied = statement.at;
    for (Token token = token_next(&tokens); token.kind != TOKEN_END; token = token_next(&tokens)) {
        if (is_secret(&token, &before)) {
            buf_append(out, copied, (size_t)(token.raw.at - copied));
            buf_string(out, "'***'");
            copied = token.raw.at + token.raw.length;
        }
        before = token;
    }
    buf_append(out, copied, (size_t)(statement.at + statement.length - copied));
    return text_dup(arena, buf_view(out));
}
