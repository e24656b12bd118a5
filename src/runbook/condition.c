/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/condition.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/pattern.h"

typedef struct Keyword {
    const char *word;
    ConditionSubject subject;
    bool in_http, in_log, in_match;
} Keyword;

static const Keyword keywords[] = {
    {"unreachable", CONDITION_UNREACHABLE, true, false, false},
    {"status", CONDITION_STATUS, true, false, false},
    {"time", CONDITION_TIME, true, false, false},
    {"body", CONDITION_BODY, true, false, false},
    {"header", CONDITION_HEADER, true, false, false},
    {"json", CONDITION_JSON, true, false, true},
    {"metric", CONDITION_METRIC, true, false, false},
    {"count", CONDITION_COUNT, false, true, false},
    {"ratio", CONDITION_RATIO, false, true, false},
    {"group", CONDITION_GROUP, false, true, false},
    {"groups", CONDITION_GROUPS, false, true, false},
    {"age", CONDITION_AGE, false, true, false},
    {"text", CONDITION_TEXT, false, false, true},
};
enum { KEYWORDS = sizeof(keywords) / sizeof(keywords[0]) };

static const char *const ops[] = {
    [CONDITION_NO_OP] = "",        [CONDITION_EQ] = "==",           [CONDITION_NE] = "!=",
    [CONDITION_LT] = "<",          [CONDITION_LE] = "<=",           [CONDITION_GT] = ">",
    [CONDITION_GE] = ">=",         [CONDITION_MATCH] = "~",         [CONDITION_NO_MATCH] = "!~",
    [CONDITION_EXISTS] = "exists", [CONDITION_MISSING] = "missing",
};

const char *condition_op_text(ConditionOp op) {
    return ops[op];
}

ConditionAnswer condition_and(ConditionAnswer a, ConditionAnswer b) {
    if (a == CONDITION_FALSE || b == CONDITION_FALSE)
        return CONDITION_FALSE;
    return a == CONDITION_UNKNOWN || b == CONDITION_UNKNOWN ? CONDITION_UNKNOWN : CONDITION_TRUE;
}

ConditionAnswer condition_or(ConditionAnswer a, ConditionAnswer b) {
    return condition_not(condition_and(condition_not(a), condition_not(b)));
}

ConditionAnswer condition_not(ConditionAnswer a) {
    return a == CONDITION_UNKNOWN ? a : a == CONDITION_TRUE ? CONDITION_FALSE : CONDITION_TRUE;
}

/* --- numbers --- */

static const struct Unit {
    const char *name;
    double factor;
} units[] = {
    {"", 1},      {"%", 0.01},   {"ms", 0.001}, {"s", 1},         {"m", 60},           {"h", 3600},
    {"d", 86400}, {"w", 604800}, {"B", 1},      {"kB", 1e3},      {"KB", 1e3},         {"MB", 1e6},
    {"GB", 1e9},  {"TB", 1e12},  {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}, {"TiB", 1099511627776},
};

static size_t digits_at(Text text, size_t at) {
    size_t end = at;
    while (end < text.length && text.at[end] >= '0' && text.at[end] <= '9')
        end++;
    return end - at;
}

bool condition_number(Text text, double *out) {
    text = text_trim(text);
    size_t at = text_starts(text, "-") ? 1 : 0, whole = digits_at(text, at);
    at += whole;
    if (whole == 0 || at > 40)
        return false;
    if (at < text.length && text.at[at] == '.') {
        size_t part = digits_at(text, at + 1);
        if (part == 0 || part > 40)
            return false;
        at += 1 + part;
    }
    char digits[96];
    memcpy(digits, text.at, at);
    digits[at] = '\0';
    Text unit = text_trim(text_slice(text, at, text.length));
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (text_is(unit, units[i].name)) {
            /* A hundredth is no binary fraction: dividing gives 0.85 where multiplying gives its neighbour. */
            double number = strtod(digits, NULL);
            *out = units[i].name[0] == '%' ? number / 100 : number * units[i].factor;
            return true;
        }
    return false;
}

/* --- regular expressions --- */

static void free_regex(void *regex) {
    regfree(regex);
}

/* What Perl and Python have and POSIX has not compiles all the same, and then means something else. */
static const char *foreign(const char *pattern) {
    bool in_set = false;
    for (const char *at = pattern; *at != '\0'; at++) {
        if (*at == '\\' && at[1] != '\0') {
            if (!in_set && isalnum((unsigned char)at[1]) && strchr("wWsSbB123456789", at[1]) == NULL)
                return "write a class such as [0-9] in place of a backslash and a letter";
            at += !in_set;
        } else if (in_set) {
            in_set = *at != ']';
        } else if (*at == '[') {
            in_set = true;
            at += at[1] == '^';
            at += at[1] == ']';
        } else if (*at == '(' && at[1] == '?') {
            return "(?...) is not POSIX: write plain parentheses";
        } else if ((*at == '*' || *at == '+' || *at == '}') && at[1] == '?') {
            return "a lazy quantifier is not POSIX";
        }
    }
    return NULL;
}

/* Classes inside a set, [[:digit:]], end with a bracket that does not end the set. */
static const char *without_classes(Arena *arena, const char *pattern) {
    char *copy = arena_strdup(arena, pattern);
    for (char *at = copy; (at = strstr(at, "[:")) != NULL;) {
        char *end = strstr(at, ":]");
        if (end == NULL)
            break;
        memset(at, '0', (size_t)(end + 2 - at));
        at = end + 2;
    }
    return copy;
}

Err *condition_regex(Arena *arena, const char *pattern, regex_t **out) {
    const char *shown = text_quote(arena, text_of(pattern), 100);
    const char *trouble = foreign(without_classes(arena, pattern));
    if (trouble != NULL)
        return err_hint(arena, err_new(arena, ERR_DATA, "%s is no POSIX extended regular expression", shown), "%s",
                        trouble);
    if (strlen(pattern) > 1000)
        return err_new(arena, ERR_LIMIT, "the regular expression %s is longer than 1000 bytes", shown);
    regex_t *regex = ARENA_NEW(arena, regex_t);
    const char *why = pattern_compile(arena, pattern, REG_EXTENDED, regex);
    if (why != NULL)
        return err_new(arena, ERR_DATA, "the regular expression %s does not compile: %s", shown, why);
    arena_defer(arena, free_regex, regex);
    *out = regex;
    return NULL;
}

bool condition_regex_in(const regex_t *regex, Text text) {
    regmatch_t match = {.rm_so = 0, .rm_eo = (regoff_t)(text.length > 0x7fffffff ? 0x7fffffff : text.length)};
    return regexec(regex, text.length == 0 ? "" : text.at, 1, &match, REG_STARTEND) == 0;
}

/* --- reading --- */

static bool is_space(char byte) {
    return byte == ' ' || byte == '\t';
}

static bool is_word(char byte) {
    return isalnum((unsigned char)byte) || byte == '_';
}

static const Keyword *keyword_at(Text text) {
    size_t length = 0;
    while (length < text.length && is_word(text.at[length]))
        length++;
    for (size_t i = 0; i < KEYWORDS; i++)
        if (text_is(text_slice(text, 0, length), keywords[i].word))
            return &keywords[i];
    return NULL;
}

/* "{{name}}", whole. */
static const char *placeholder(Arena *arena, Text text) {
    Text rest = text, before = {0}, name = {0};
    if (!parameter_next(&rest, &before, &name) || before.length > 0 || rest.length > 0)
        return NULL;
    return text_dup(arena, name);
}

static Err *bad(Arena *arena, Text written, const char *why) {
    return err_new(arena, ERR_DATA, "the condition %s cannot be read: %s", text_quote(arena, written, 200), why);
}

/* now, now - 5m, now + {{x}} */
static bool parse_now(Arena *arena, Text text, ConditionValue *out) {
    if (!text_starts(text, "now"))
        return false;
    text = text_trim(text_slice(text, 3, text.length));
    *out = (ConditionValue){.type = CONDITION_MOMENT};
    if (text.length == 0)
        return true;
    if (text.at[0] != '-' && text.at[0] != '+')
        return false;
    out->before = text.at[0] == '-';
    text = text_trim(text_slice(text, 1, text.length));
    out->parameter = placeholder(arena, text);
    return out->parameter != NULL || (condition_number(text, &out->number) && text.at[0] != '-');
}

static Err *parse_string(Arena *arena, Text text, Text written, ConditionValue *out) {
    json_t *value = json_loadb(text.at, text.length, JSON_DECODE_ANY, NULL);
    if (value == NULL || !json_is_string(value)) {
        json_decref(value);
        return bad(arena, written, "a text ends with a quote and knows JSON's escapes");
    }
    *out = (ConditionValue){.type = CONDITION_STRING, .text = arena_strdup(arena, json_string_value(value))};
    json_decref(value);
    return NULL;
}

static Err *parse_value(Arena *arena, Text text, Text written, ConditionValue *out) {
    text = text_trim(text);
    if (text.length == 0)
        return bad(arena, written, "the value is missing");
    *out = (ConditionValue){.type = CONDITION_NAMED, .parameter = placeholder(arena, text)};
    if (out->parameter != NULL)
        return NULL;
    if (parse_now(arena, text, out))
        return NULL;
    if (text.at[0] == '"')
        return parse_string(arena, text, written, out);
    *out = (ConditionValue){.type = CONDITION_PATTERN};
    if (text.length >= 2 && text.at[0] == '/' && text.at[text.length - 1] == '/') {
        out->text = text_dup(arena, text_slice(text, 1, text.length - 1));
        return condition_regex(arena, out->text, &out->regex);
    }
    *out = (ConditionValue){.type = CONDITION_TRUTH, .number = text_is(text, "true")};
    if (text_is(text, "true") || text_is(text, "false"))
        return NULL;
    *out = (ConditionValue){.type = CONDITION_NOTHING};
    if (text_is(text, "null"))
        return NULL;
    *out = (ConditionValue){.type = CONDITION_NUMBER};
    if (!condition_number(text, &out->number))
        return bad(
            arena, written,
            "a value is a number with or without a unit, \"text\", true, false, null, now, /regex/ or a parameter");
    return NULL;
}

Err *condition_length_parse(Arena *arena, Text text, ConditionValue *out) {
    text = text_trim(text);
    *out = (ConditionValue){.type = CONDITION_NUMBER, .parameter = placeholder(arena, text)};
    if (out->parameter != NULL) {
        out->type = CONDITION_NAMED;
        return NULL;
    }
    if (!condition_number(text, &out->number) || out->number <= 0)
        return err_new(arena, ERR_DATA, "%s is no length of time: write 5s, 15m, 24h or 7d",
                       text_quote(arena, text, 100));
    return NULL;
}

static ConditionOp op_at(Text text, size_t *length) {
    static const ConditionOp longest_first[] = {CONDITION_EQ,       CONDITION_NE, CONDITION_LE, CONDITION_GE,
                                                CONDITION_NO_MATCH, CONDITION_LT, CONDITION_GT, CONDITION_MATCH};
    for (size_t i = 0; i < sizeof(longest_first) / sizeof(longest_first[0]); i++)
        if (text_starts(text, ops[longest_first[i]])) {
            *length = strlen(ops[longest_first[i]]);
            return longest_first[i];
        }
    return CONDITION_NO_OP;
}

static Err *parse_comparison(Arena *arena, Text rest, Text written, Condition *out) {
    size_t length = 0;
    rest = text_trim(rest);
    out->op = op_at(rest, &length);
    if (out->op == CONDITION_NO_OP)
        return bad(arena, written, "an operator is one of == != < <= > >= ~ !~");
    TRY(parse_value(arena, text_slice(rest, length, rest.length), written, &out->value));
    bool matches = out->op == CONDITION_MATCH || out->op == CONDITION_NO_MATCH;
    ConditionType type = out->value.type;
    if (matches && type != CONDITION_PATTERN && type != CONDITION_STRING && type != CONDITION_NAMED)
        return bad(arena, written, "~ and !~ take a /regular expression/");
    if (matches && type == CONDITION_STRING)
        TRY(condition_regex(arena, out->value.text, &out->value.regex));
    if (!matches && type == CONDITION_PATTERN)
        return bad(arena, written, "a /regular expression/ goes with ~ or !~");
    bool text_only = out->subject == CONDITION_BODY || out->subject == CONDITION_TEXT;
    bool numbers_only = out->subject != CONDITION_JSON && out->subject != CONDITION_HEADER && !text_only;
    if (text_only && !matches)
        return bad(arena, written, "only ~ and !~ compare a text");
    if (numbers_only && (matches || type == CONDITION_STRING || type == CONDITION_TRUTH || type == CONDITION_NOTHING))
        return bad(arena, written, "it is a number");
    return NULL;
}

/* The first word; *rest is what is behind it. */
static Text take_word(Text text, Text *rest) {
    size_t end = 0;
    while (end < text.length && !is_space(text.at[end]))
        end++;
    *rest = text_trim(text_slice(text, end, text.length));
    return text_slice(text, 0, end);
}

static Err *parse_json(Arena *arena, Text rest, Text written, Condition *out) {
    Text path = take_word(rest, &rest);
    Err *err = condition_json_path(arena, path, &out->path);
    if (err != NULL)
        return bad(arena, written, err->message);
    out->name = text_dup(arena, path);
    if (text_is(rest, "exists") || text_is(rest, "missing")) {
        out->op = text_is(rest, "exists") ? CONDITION_EXISTS : CONDITION_MISSING;
        return NULL;
    }
    return parse_comparison(arena, rest, written, out);
}

/* name="value", ... up to the closing brace. */
static bool parse_labels(Arena *arena, Text *rest, Condition *out) {
    Text text = text_slice(*rest, 1, rest->length);
    for (;;) {
        text = text_trim(text);
        if (text_starts(text, "}"))
            break;
        Text after = {0}, name = text_cut(text, '=', &after);
        if (!text_starts(after, "\""))
            return false;
        Text value = text_cut(text_slice(after, 1, after.length), '"', &text);
        *LIST_PUSH(arena, out->labels) =
            (ConditionLabel){.name = text_dup(arena, text_trim(name)), .value = text_dup(arena, value)};
        text = text_trim(text);
        if (text_starts(text, ","))
            text = text_slice(text, 1, text.length);
        else if (!text_starts(text, "}"))
            return false;
    }
    *rest = text_trim(text_slice(text, 1, text.length));
    return true;
}

static Err *parse_metric(Arena *arena, Text rest, Text written, Condition *out) {
    size_t end = 0;
    while (end < rest.length && (is_word(rest.at[end]) || rest.at[end] == ':'))
        end++;
    out->name = text_dup(arena, text_slice(rest, 0, end));
    rest = text_trim(text_slice(rest, end, rest.length));
    if (end == 0 || (text_starts(rest, "{") && !parse_labels(arena, &rest, out)))
        return bad(arena, written, "a metric is written name or name{label=\"value\"}");
    return parse_comparison(arena, rest, written, out);
}

static bool allowed(const Keyword *keyword, ConditionPlace place) {
    return place == CONDITION_IN_HTTP  ? keyword->in_http
           : place == CONDITION_IN_LOG ? keyword->in_log
                                       : keyword->in_match;
}

static Err *parse_one(Arena *arena, Text written, ConditionPlace place, Condition *out) {
    const Keyword *keyword = keyword_at(written);
    if (keyword == NULL || !allowed(keyword, place))
        return bad(arena, written,
                   place == CONDITION_IN_HTTP ? "it begins with unreachable, status, time, body, header, json or metric"
                   : place == CONDITION_IN_LOG ? "it begins with count, ratio, group, groups or age"
                                               : "it begins with json or text");
    *out = (Condition){.written = text_dup(arena, written), .subject = keyword->subject};
    Text rest = text_trim(text_slice(written, strlen(keyword->word), written.length));
    switch (keyword->subject) {
    case CONDITION_UNREACHABLE:
        return rest.length == 0 ? NULL : bad(arena, written, "nothing may stand behind unreachable");
    case CONDITION_JSON:
        return parse_json(arena, rest, written, out);
    case CONDITION_METRIC:
        return parse_metric(arena, rest, written, out);
    case CONDITION_HEADER:
        out->name = text_dup(arena, take_word(rest, &rest));
        if (out->name[0] == '\0')
            return bad(arena, written, "which header?");
        return parse_comparison(arena, rest, written, out);
    default:
        return parse_comparison(arena, rest, written, out);
    }
}

/* Where " and " stands before a word that begins a condition; the length of the line when nowhere. */
static size_t next_and(Text line, size_t *behind) {
    for (size_t i = 0; i + 4 < line.length; i++) {
        if (!is_space(line.at[i]) || !text_starts(text_slice(line, i + 1, line.length), "and") ||
            !is_space(line.at[i + 4]))
            continue;
        size_t next = i + 4;
        while (next < line.length && is_space(line.at[next]))
            next++;
        const Keyword *keyword = keyword_at(text_slice(line, next, line.length));
        if (keyword == NULL || keyword->subject == CONDITION_TEXT)
            continue;
        *behind = next;
        return i;
    }
    *behind = line.length;
    return line.length;
}

Err *condition_parse(Arena *arena, Text line, ConditionPlace place, Conditions *out) {
    line = text_trim(line);
    *out = (Conditions){.written = text_dup(arena, line)};
    if (line.length > 4096)
        return err_new(arena, ERR_LIMIT, "a condition is longer than 4096 bytes");
    do {
        size_t behind = line.length, end = place == CONDITION_IN_MATCH ? line.length : next_and(line, &behind);
        TRY(parse_one(arena, text_trim(text_slice(line, 0, end)), place, LIST_PUSH(arena, *out)));
        line = text_slice(line, behind, line.length);
    } while (line.length > 0);
    return NULL;
}

/* --- binding --- */

static Err *not_set(Arena *arena, const ParameterValues *values, const char *name) {
    return err_new(arena, ERR_NOT_FOUND, "%s", parameter_unset_text(arena, values, name));
}

Err *condition_bind_value(Arena *arena, ConditionValue *value, const ParameterValues *values, Time now) {
    const char *text = NULL;
    double number = 0;
    bool is_number = false;
    if (value->parameter != NULL) {
        ParameterType type = PARAMETER_TEXT;
        if (parameter_type(parameter_declared(values), value->parameter, &type) && type == PARAMETER_SECRET)
            return err_new(arena, ERR_CONFIG, "the secret %s may stand in a header of an http block only",
                           value->parameter);
        TRY(parameter_value(arena, values, value->parameter, &text));
        if (text == NULL)
            return not_set(arena, values, value->parameter);
        is_number = parameter_number(values, value->parameter, &number);
    }
    if (value->type == CONDITION_MOMENT) {
        if (value->parameter != NULL && !is_number)
            return err_new(arena, ERR_DATA, "%s is no length of time", value->parameter);
        double distance = value->parameter != NULL ? number : value->number;
        value->number = (double)now / (double)TIME_SECOND + (value->before ? -distance : distance);
        value->parameter = NULL;
    } else if (value->type == CONDITION_NAMED) {
        value->type = is_number ? CONDITION_NUMBER : CONDITION_STRING;
        value->number = number;
        value->text = text;
    }
    return NULL;
}

Err *condition_bind(Arena *arena, Conditions *conditions, const ParameterValues *values, Time now) {
    LIST_EACH (Condition, condition, *conditions) {
        TRY(condition_bind_value(arena, &condition->value, values, now));
        bool matches = condition->op == CONDITION_MATCH || condition->op == CONDITION_NO_MATCH;
        if (!matches || condition->value.regex != NULL)
            continue;
        if (condition->value.text == NULL)
            return err_new(arena, ERR_DATA, "%s: ~ takes a text, not a number", condition->written);
        TRY(condition_regex(arena, condition->value.text, &condition->value.regex));
    }
    return NULL;
}
