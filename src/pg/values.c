/* SPDX-License-Identifier: PostgreSQL */
#include "pg/values.h"

#include <string.h>

/* The length decides nearly always, and is a constant here: this is called for every word of every INSERT. */
static inline bool is(Text word, Text wanted) {
    return word.length == wanted.length && memcmp(word.at, wanted.at, wanted.length) == 0;
}

Values values_start(void) {
    return (Values){.phase = VALUES_HEAD};
}

/* True when VALUES follows: DEFAULT VALUES is one row of no values. */
static bool head_word(Values *values, Text word, uint64_t depth) {
    if (is(word, TEXT("select")) || is(word, TEXT("with")) || is(word, TEXT("table")))
        values->phase = VALUES_QUERY;
    else if (depth == 0 && is(word, TEXT("default")))
        values->phase = VALUES_DEFAULT;
    if (depth > 0 || !is(word, TEXT("values")))
        return false;
    values->rows = values->phase == VALUES_DEFAULT ? 1 : 0;
    values->phase = values->phase == VALUES_DEFAULT ? VALUES_AFTER_ROW : VALUES_BEFORE_ROW;
    return true;
}

bool values_word(Values *values, Text word, uint64_t depth) {
    if (values->phase == VALUES_HEAD || values->phase == VALUES_DEFAULT)
        return head_word(values, word, depth);
    if (depth > 0)
        return false;
    if (values->phase == VALUES_AFTER_ROW && (is(word, TEXT("on")) || is(word, TEXT("returning"))))
        values->phase = VALUES_TAIL;
    else
        values_token(values, depth);
    return false;
}

void values_token(Values *values, uint64_t depth) {
    if (depth == 0 && (values->phase == VALUES_BEFORE_ROW || values->phase == VALUES_AFTER_ROW))
        values->phase = VALUES_LOST;
}

void values_open(Values *values, uint64_t depth) {
    if (depth > 0 || values->phase != VALUES_BEFORE_ROW) {
        values_token(values, depth);
        return;
    }
    values->phase = VALUES_AFTER_ROW;
    values->width = 1;
}

void values_close(Values *values, uint64_t depth) {
    if (depth != 1 || values->phase != VALUES_AFTER_ROW) {
        values_token(values, depth);
        return;
    }
    if (values->rows == 0 || values->width < values->narrowest)
        values->narrowest = values->width;
    if (values->width > values->widest)
        values->widest = values->width;
    values->rows++;
}

void values_comma(Values *values, uint64_t depth) {
    bool in_rows = values->phase == VALUES_AFTER_ROW && values->width > 0;
    if (in_rows && depth == 1)
        values->width++;
    else if (in_rows && depth == 0)
        values->phase = VALUES_BEFORE_ROW;
    else
        values_token(values, depth);
}

bool values_counted(const Values *values) {
    return values->phase == VALUES_AFTER_ROW || values->phase == VALUES_TAIL;
}
