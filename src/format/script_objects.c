/* SPDX-License-Identifier: PostgreSQL */
#include "format/script_objects.h"

#include <stdint.h>
#include <string.h>
#include <xxhash.h>

#include "pg/token.h"

struct ScriptObjects {
    XXH3_state_t *object; /* malloc'd: its alignment is more than an arena's */
    ScriptObjectsResult result;
};

static void release(void *state) {
    XXH3_freeState(state);
}

ScriptObjects *script_objects_new(Arena *arena) {
    ScriptObjects *objects = ARENA_NEW(arena, ScriptObjects);
    objects->object = XXH3_createState();
    objects->result.digested = true;
    arena_defer(arena, release, objects->object);
    return objects;
}

/* The oid of lo_open('70001', ...), lo_open(70001, ...) or lo_open(pg_catalog.lo_create('70001'), ...). */
static Text read_oid(Tokens *tokens, bool *created) {
    Token token = token_next(tokens);
    if (token_is(&token, "pg_catalog")) {
        token_accept_symbol(tokens, '.');
        token = token_next(tokens);
    }
    *created = token_is(&token, "lo_create");
    if (*created) {
        token_accept_symbol(tokens, '(');
        token = token_next(tokens);
    }
    Text digits = token.kind == TOKEN_STRING ? text_slice(token.raw, 1, token.raw.length - 1) : token.raw;
    uint64_t oid;
    return text_to_u64(digits, &oid) ? digits : (Text){0};
}

static void end_object(ScriptObjects *objects) {
    if (!objects->result.open)
        return;
    XXH128_hash_t hash = XXH3_128bits_digest(objects->object);
    hash_sum_add(&objects->result.digest, (HashSum){.low = hash.low64, .high = hash.high64});
    objects->result.written++;
    objects->result.open = false;
}

static void start_object(ScriptObjects *objects, Text oid) {
    end_object(objects);
    objects->result.open = true;
    XXH3_128bits_reset(objects->object);
    XXH3_128bits_update(objects->object, oid.at, oid.length);
    XXH3_128bits_update(objects->object, ":", 1);
}

static int nibble(char byte) {
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* '\xdeadbeef', or '\\xdeadbeef' where a backslash escapes. False when it is not that. */
static bool add_hex(ScriptObjects *objects, Text raw) {
    size_t at = 1;
    while (at < raw.length && raw.at[at] == '\\')
        at++;
    if (at == 1 || raw.length < at + 2 || raw.at[at] != 'x' || (raw.length - at) % 2 != 0)
        return false;
    uint8_t bytes[4096];
    size_t count = 0;
    for (at++; at + 1 < raw.length; at += 2) {
        int high = nibble(raw.at[at]), low = nibble(raw.at[at + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[count++] = (uint8_t)(high << 4 | low);
        objects->result.bytes++;
        if (count == sizeof(bytes)) {
            XXH3_128bits_update(objects->object, bytes, count);
            count = 0;
        }
    }
    XXH3_128bits_update(objects->object, bytes, count);
    return true;
}

bool script_objects_statement(ScriptObjects *objects, Text statement, bool standard_strings) {
    Tokens tokens = token_start(statement, standard_strings);
    token_accept(&tokens, "select");
    if (token_accept(&tokens, "pg_catalog"))
        token_accept_symbol(&tokens, '.');
    Token name = token_next(&tokens);
    bool known = token_is(&name, "lo_create") || token_is(&name, "lo_open") || token_is(&name, "lowrite") ||
                 token_is(&name, "lo_close");
    if (!known || !token_accept_symbol(&tokens, '('))
        return false;
    if (token_is(&name, "lo_create")) {
        objects->result.created++;
    } else if (token_is(&name, "lo_open")) {
        bool created;
        Text oid = read_oid(&tokens, &created);
        objects->result.created += created ? 1 : 0;
        objects->result.digested = objects->result.digested && oid.length > 0;
        start_object(objects, oid);
    } else if (token_is(&name, "lo_close")) {
        end_object(objects);
    } else {
        token_next(&tokens); /* the descriptor, 0 */
        token_accept_symbol(&tokens, ',');
        Token content = token_next(&tokens);
        bool hex = content.kind == TOKEN_STRING && objects->result.open && add_hex(objects, content.raw);
        objects->result.digested = objects->result.digested && hex;
    }
    return true;
}

ScriptObjectsResult script_objects_result(const ScriptObjects *objects) {
    return objects->result;
}
