/* SPDX-License-Identifier: PostgreSQL */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "runbook/condition.h"

static ConditionAnswer truth(bool holds) {
    return holds ? CONDITION_TRUE : CONDITION_FALSE;
}

static ConditionAnswer by_order(int order, ConditionOp op) {
    switch (op) {
    case CONDITION_EQ:
        return truth(order == 0);
    case CONDITION_NE:
        return truth(order != 0);
    case CONDITION_LT:
        return truth(order < 0);
    case CONDITION_LE:
        return truth(order <= 0);
    case CONDITION_GT:
        return truth(order > 0);
    case CONDITION_GE:
        return truth(order >= 0);
    default:
        return CONDITION_UNKNOWN;
    }
}

static ConditionAnswer numbers(double left, ConditionOp op, double right) {
    if (isnan(left) || isnan(right))
        return CONDITION_UNKNOWN;
    return by_order(left < right ? -1 : left > right ? 1 : 0, op);
}

/* Two values of different kinds: not the same, and in no order. */
static ConditionAnswer strangers(ConditionOp op) {
    return op == CONDITION_EQ ? CONDITION_FALSE : op == CONDITION_NE ? CONDITION_TRUE : CONDITION_UNKNOWN;
}

static bool is_match(ConditionOp op) {
    return op == CONDITION_MATCH || op == CONDITION_NO_MATCH;
}

static ConditionAnswer matches(Text left, ConditionOp op, const ConditionValue *right) {
    if (right->regex == NULL)
        return CONDITION_UNKNOWN;
    return truth(condition_regex_in(right->regex, left) == (op == CONDITION_MATCH));
}

/* Seconds since 1970; milliseconds are told by their size. */
static double moment_of(double number) {
    return number > 1e11 ? number / 1000 : number;
}

ConditionAnswer condition_compare_number(double left, ConditionOp op, const ConditionValue *right) {
    if (is_match(op)) {
        char text[64];
        int length = snprintf(text, sizeof(text), "%.15g", left);
        return matches((Text){.at = text, .length = (size_t)length}, op, right);
    }
    if (right->type == CONDITION_MOMENT)
        return numbers(moment_of(left), op, right->number);
    return right->type == CONDITION_NUMBER ? numbers(left, op, right->number) : strangers(op);
}

static bool text_number(Text text, double *out) {
    char copy[64], *end = NULL;
    text = text_trim(text);
    if (text.length == 0 || text.length >= sizeof(copy) || memchr(text.at, '\0', text.length) != NULL)
        return false;
    memcpy(copy, text.at, text.length);
    copy[text.length] = '\0';
    *out = strtod(copy, &end);
    return *end == '\0' && isfinite(*out);
}

ConditionAnswer condition_compare_text(Text left, ConditionOp op, const ConditionValue *right) {
    double number = 0;
    Time when = 0;
    if (is_match(op))
        return matches(left, op, right);
    switch (right->type) {
    case CONDITION_STRING:
        return by_order(text_compare(left, text_of(right->text)), op);
    case CONDITION_NUMBER:
        return text_number(left, &number) ? numbers(number, op, right->number) : CONDITION_UNKNOWN;
    case CONDITION_MOMENT:
        return time_parse(left, &when) ? numbers((double)when / (double)TIME_SECOND, op, right->number)
                                       : CONDITION_UNKNOWN;
    default:
        return strangers(op);
    }
}

ConditionAnswer condition_compare_json(const json_t *left, ConditionOp op, const ConditionValue *right) {
    if (json_is_number(left))
        return condition_compare_number(json_number_value(left), op, right);
    if (json_is_string(left))
        return condition_compare_text((Text){json_string_value(left), json_string_length(left)}, op, right);
    if (is_match(op)) {
        Arena *scratch = arena_new();
        ConditionAnswer answer = matches(text_of(condition_json_text(scratch, left)), op, right);
        arena_free(scratch);
        return answer;
    }
    if (right->type == CONDITION_MOMENT)
        return CONDITION_UNKNOWN;
    bool same = (json_is_null(left) && right->type == CONDITION_NOTHING) ||
                (json_is_boolean(left) && right->type == CONDITION_TRUTH && json_is_true(left) == (right->number != 0));
    return op == CONDITION_EQ || op == CONDITION_NE ? truth(same == (op == CONDITION_EQ)) : CONDITION_UNKNOWN;
}
