/* SPDX-License-Identifier: PostgreSQL */
#include "base/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Any bytes are either a configuration or an error that says where. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Arena *arena = arena_new();
    Config *config = NULL;
    Err *err = config_parse(arena, (Text){(const char *)bytes, size}, "fuzz.conf", &config);
    if (err == NULL && config == NULL)
        __builtin_trap();
    if (err != NULL && err_text(arena, err)[0] == '\0')
        __builtin_trap();
    arena_free(arena);
    return 0;
}
