/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_PATTERN_H
#define LIFEBOAT_BASE_PATTERN_H

#include <regex.h>

#include "base/arena.h"

/*
 * Pattern: POSIX regular expressions (regcomp) that come from a file or a person. The C library writes repetitions out
 * before it matches, so that a few bytes such as (a{250}){250}, or a row of + signs, take all memory there is. What
 * would be written out to more than PATTERN_LARGEST is refused before it is compiled.
 */
#define PATTERN_LARGEST 20000

/* NULL when it compiled (regfree it), else why not, in words for people. `flags` as for regcomp. */
const char *pattern_compile(Arena *arena, const char *expression, int flags, regex_t *out);

/* How many single characters the expression stands for when its repetitions are written out; more than PATTERN_LARGEST
 * also when it is nested too deep to tell. */
double pattern_size(const char *expression);

#endif
