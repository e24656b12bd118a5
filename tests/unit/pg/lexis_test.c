/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "pg/lexis.h"

static LexisClass expected(int byte) {
    static const struct {
        char byte;
        LexisClass class;
    } single[] = {
        {' ', LEXIS_SPACE},    {'\t', LEXIS_SPACE},   {'\f', LEXIS_SPACE}, {'\v', LEXIS_SPACE},
        {'\n', LEXIS_NEWLINE}, {'\r', LEXIS_NEWLINE}, {'\'', LEXIS_QUOTE}, {'"', LEXIS_NAME_QUOTE},
        {'(', LEXIS_OPEN},     {')', LEXIS_CLOSE},    {',', LEXIS_COMMA},  {';', LEXIS_SEMICOLON},
        {'-', LEXIS_MINUS},    {'/', LEXIS_SLASH},    {'$', LEXIS_DOLLAR}, {'\\', LEXIS_BACKSLASH},
        {'_', LEXIS_LETTER},
    };
    for (size_t at = 0; at < sizeof(single) / sizeof(single[0]); at++)
        if (single[at].byte == byte)
            return single[at].class;
    if (byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'))
        return LEXIS_LETTER;
    return byte >= '0' && byte <= '9' ? LEXIS_DIGIT : LEXIS_OTHER;
}

static void classes_are_right(void **state) {
    for (int byte = 0; byte < 256; byte++) {
        assert_int_equal(lexis_class((char)byte), expected(byte));
        LexisClass class = expected(byte);
        assert_int_equal(lexis_in_word((char)byte),
                         class == LEXIS_LETTER || class == LEXIS_DIGIT || class == LEXIS_DOLLAR);
    }
    assert_int_equal(lexis_lower('Q'), 'q');
    assert_int_equal(lexis_lower('q'), 'q');
    assert_int_equal(lexis_lower((char)0xC4), (char)0xC4);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(classes_are_right)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
