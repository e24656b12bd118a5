/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "pg/token.h"

static const char letters[] = {
    [TOKEN_WORD] = 'w', [TOKEN_NAME] = 'n', [TOKEN_STRING] = 's', [TOKEN_NUMBER] = '0', [TOKEN_SYMBOL] = '.'};

/* "w(select) 0(1)": kind and value of each token. The statement is copied so that reading beyond it is seen. */
static const char *tokens(Arena *arena, const char *statement, bool standard) {
    Buf *seen = buf_new(arena, 4096);
    size_t length = strlen(statement);
    char *own = malloc(length);
    memcpy(own, statement, length);
    Tokens rest = token_start((Text){.at = own, .length = length}, standard);
    for (Token token = token_next(&rest); token.kind != TOKEN_END; token = token_next(&rest))
        buf_printf(seen, "%s%c(%s)", seen->length > 0 ? " " : "", letters[token.kind],
                   token_value(arena, &token, standard));
    free(own);
    return seen->at;
}

static void reads_tokens(void **state) {
    static const struct {
        const char *statement, *tokens;
        bool old_strings;
    } rows[] = {
        {"", "", false},
        {"SELECT Ä1 /* x /* y */ */ 1.5e-3 -- z", "w(select) w(Ä1) 0(1.5e-3)", false},
        {"a.\"B\"\"c\"", "w(a) .(.) n(B\"c)", false},
        {"'it''s' '\\'", "s(it's) s(\\)", false},
        {"'it\\'s' N'\\\\' B'\\'", "s(it's) s(\\) s(\\)", true},
        {"E'a\\nb\\t\\101\\x42\\u00e4\\'\\q\\\\'", "s(a\nb\tABä'q\\)", false},
        {"U&'d\\0061t\\+000061\\\\' U&\"\\00e4\"", "s(data\\) n(ä)", false},
        {"X'1F' B'01' N'x' e'y'", "s(1F) s(01) s(x) s(y)", false},
        {"$$a'b$$ $t$a$$b$t$ $1", "s(a'b) s(a$$b) .($) 0(1)", false},
        {"eval'x' u & 'y'", "w(eval) s(x) w(u) .(&) s(y)", false},
        {"-5::int[]", ".(-) 0(5) .(:) .(:) w(int) .([) .(])", false},
        {"a--b\nc", "w(a) w(c)", false},
        {".5 t.a", "0(.5) w(t) .(.) w(a)", false},
        /* unclosed things end with the statement */
        {"'open", "s(open)", false},
        {"\"open", "n(open)", false},
        {"$t$open", "s(open)", false},
        {"E'open\\", "s(open\\)", false},
        {"U&\"", "n()", false},
        {"'", "s()", false},
        {"/* open", "", false},
        {"$t$op$t", "s(op$t)", false},
        {"E'\\x'", "s(x)", false},
        {"E'\\u'", "s(u)", false},
    };
    Arena *arena = arena_new();
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++)
        assert_string_equal(tokens(arena, rows[at].statement, !rows[at].old_strings), rows[at].tokens);
    arena_free(arena);
}

static void looks_ahead(void **state) {
    Tokens rest = token_start(TEXT("CREATE \"table\" ( x"), true);
    assert_false(token_accept(&rest, "table"));
    assert_true(token_accept(&rest, "create"));
    assert_false(token_accept(&rest, "table")); /* quoted: no key word */
    Token peeked = token_peek(&rest);
    assert_int_equal(peeked.kind, TOKEN_NAME);
    assert_true(peeked.spaced);
    token_next(&rest);
    assert_false(token_accept_symbol(&rest, ')'));
    assert_true(token_accept_symbol(&rest, '('));
    assert_true(token_accept(&rest, "x"));
    assert_int_equal(token_next(&rest).kind, TOKEN_END);
    assert_int_equal(token_next(&rest).kind, TOKEN_END);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_tokens), cmocka_unit_test(looks_ahead)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
