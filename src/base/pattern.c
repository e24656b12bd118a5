/* SPDX-License-Identifier: PostgreSQL */
#include "base/pattern.h"

#include <stdlib.h>
#include <string.h>

#define DEEPEST 64
#define BEYOND (2.0 * PATTERN_LARGEST)

typedef struct Level {
    double sum;  /* what stands before the last piece */
    double last; /* the last piece: what a repetition would multiply */
} Level;

/* Behind a set: [^]abc[:digit:]]. */
static const char *behind_set(const char *at) {
    at++;
    at += *at == '^';
    at += *at == ']';
    while (*at != '\0' && *at != ']') {
        const char *end = *at == '[' && at[1] != '\0' && strchr(":.=", at[1]) != NULL ? strchr(at + 2, ']') : NULL;
        at = end != NULL && end[-1] == at[1] ? end + 1 : at + 1;
    }
    return *at == ']' ? at + 1 : at;
}

/* Behind {m}, {m,} or {m,n}; *times is the larger number. A brace that begins none is a character. */
static const char *behind_interval(const char *at, double *times) {
    char *end;
    double least = (double)strtoul(at + 1, &end, 10), most = least;
    *times = 0;
    if (end == at + 1)
        return at + 1;
    if (*end == ',') {
        const char *from = end + 1;
        most = (double)strtoul(from, &end, 10);
        if (end == from)
            most = least + 1;
    }
    if (*end != '}')
        return at + 1;
    *times = most > least ? most : least;
    if (*times < 1)
        *times = 1;
    return end + 1;
}

static void next_piece(Level *level, double size) {
    level->sum += level->last;
    level->last = size;
}

/* One element of the expression; the place behind it, or NULL when it is nested too deep. */
static const char *step(const char *at, Level *levels, size_t *depth) {
    Level *level = &levels[*depth];
    double times = 0;
    const char *behind = at + 1;
    switch (*at) {
    case '\\':
        next_piece(level, 1);
        return at[1] == '\0' ? at + 1 : at + 2;
    case '[':
        next_piece(level, 1);
        return behind_set(at);
    case '(':
        if (++*depth == DEEPEST)
            return NULL;
        levels[*depth] = (Level){0};
        return behind;
    case ')':
        if (*depth == 0)
            next_piece(level, 1);
        else
            next_piece(&levels[--*depth], level->sum + level->last);
        return behind;
    case '|':
        next_piece(level, 0);
        return behind;
    case '*':
    case '?':
        return behind;
    case '+':
        level->last *= 2;
        return behind;
    case '{':
        behind = behind_interval(at, &times);
        if (times > 0)
            level->last *= times;
        else
            next_piece(level, 1);
        return behind;
    default:
        next_piece(level, 1);
        return behind;
    }
}

double pattern_size(const char *expression) {
    Level levels[DEEPEST] = {{0}};
    size_t depth = 0;
    for (const char *at = expression; *at != '\0';) {
        at = step(at, levels, &depth);
        if (at == NULL || levels[depth].sum + levels[depth].last > BEYOND)
            return BEYOND;
    }
    double size = 0;
    for (size_t level = 0; level <= depth; level++)
        size += levels[level].sum + levels[level].last;
    return size;
}

const char *pattern_compile(Arena *arena, const char *expression, int flags, regex_t *out) {
    if (pattern_size(expression) > PATTERN_LARGEST)
        return "its repetitions stand for too much: use smaller numbers, or fewer inside each other";
    int failed = regcomp(out, expression, flags);
    if (failed == 0)
        return NULL;
    char words[200] = "";
    regerror(failed, out, words, sizeof(words));
    return arena_strdup(arena, words);
}
