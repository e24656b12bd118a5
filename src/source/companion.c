/* SPDX-License-Identifier: PostgreSQL */
#include "source/companion.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"

static const char attestation[] = ".attest.json", globals[] = ".globals.sql";

static const char *beside(Arena *arena, const char *backup, const char *ending) {
    size_t length = strlen(backup);
    while (length > 1 && backup[length - 1] == '/')
        length--;
    return arena_printf(arena, "%s%s", arena_strndup(arena, backup, length), ending);
}

const char *companion_attestation(Arena *arena, const char *backup) {
    return beside(arena, backup, attestation);
}

const char *companion_globals(Arena *arena, const char *backup) {
    return beside(arena, backup, globals);
}

bool companion_is(Arena *arena, const char *path) {
    Text text = text_of(path);
    if (text_ends(text, attestation))
        return true;
    if (!text_ends(text, globals))
        return false;
    return access(text_dup(arena, text_slice(text, 0, text.length - strlen(globals))), F_OK) == 0;
}
