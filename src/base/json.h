/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_JSON_H
#define LIFEBOAT_BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "base/time.h"

/*
 * JSON through jansson, with lifetimes tied to an arena and bytes from outside made valid UTF-8 (invalid sequences
 * become U+FFFD; NUL becomes \u0000). Values made by json_start are released with the arena; json_put_* give the child
 * to its parent. Keys keep the order in which they were put.
 *
 *     json_t *report = json_start(arena, json_object());
 *     json_put_string(report, "verdict", "pass");
 *     json_t *checks = json_put(report, "checks", json_array());
 */
json_t *json_start(Arena *arena, json_t *value);
json_t *json_put(json_t *object, const char *key, json_t *value);         /* steals the value, returns it borrowed */
json_t *json_add(json_t *array, json_t *value);                           /* steals the value, returns it borrowed */
void json_put_string(json_t *object, const char *key, const char *value); /* NULL becomes null */
void json_put_text(json_t *object, const char *key, Text value);
void json_put_u64(json_t *object, const char *key, uint64_t value); /* above 2^63-1: as a string of digits */
void json_put_bool(json_t *object, const char *key, bool value);
void json_put_real(json_t *object, const char *key, double value); /* not finite: null */
void json_put_time(json_t *object, const char *key, Time value);   /* RFC 3339, TIME_NONE becomes null */
void json_put_null(json_t *object, const char *key);
json_t *json_text_value(Text value);

/* Members of hostile documents: absent or of the wrong type gives the fallback. */
const char *json_get_string(const json_t *object, const char *key, const char *fallback);
uint64_t json_get_u64(const json_t *object, const char *key, uint64_t fallback);
bool json_get_bool(const json_t *object, const char *key, bool fallback);

/* Depth-limited parse; ERR_DATA names line and column. Duplicate keys are refused. */
Err *json_parse_text(Arena *arena, Text text, json_t **out);
Err *json_parse_file(Arena *arena, const char *path, size_t maximum, json_t **out);

/* Indented by two, or compact on one line. */
const char *json_render(Arena *arena, const json_t *value, bool compact);

#endif
