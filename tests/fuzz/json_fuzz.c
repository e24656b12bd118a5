/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* What was read can be written, and what was written reads back the same. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Arena *arena = arena_new();
    json_t *value = NULL, *again = NULL;
    if (json_parse_text(arena, (Text){(const char *)bytes, size}, &value) == NULL) {
        const char *text = json_render(arena, value, true);
        if (json_parse_text(arena, text_of(text), &again) != NULL || strcmp(text, json_render(arena, again, true)) != 0)
            __builtin_trap();
    }
    arena_free(arena);
    return 0;
}
