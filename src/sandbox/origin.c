/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/origin.h"

#include <string.h>

#include "base/file.h"
#include "pg/toc.h"
#include "pg/token.h"

void origin_parse(Arena *arena, Text statement, Origin *out) {
    static const struct {
        const char *word, *name;
    } known[] = {{"locale_provider", "LOCALE_PROVIDER"}, {"locale", "LOCALE"},
                 {"lc_collate", "LC_COLLATE"},           {"lc_ctype", "LC_CTYPE"},
                 {"icu_locale", "ICU_LOCALE"},           {"icu_rules", "ICU_RULES"},
                 {"builtin_locale", "BUILTIN_LOCALE"}};
    Tokens tokens = token_start(statement, true);
    for (Token token = token_next(&tokens); token.kind != TOKEN_END; token = token_next(&tokens)) {
        for (size_t at = 0; at < sizeof(known) / sizeof(known[0]); at++) {
            if (!token_is(&token, known[at].word) || !token_accept_symbol(&tokens, '='))
                continue;
            Token value = token_next(&tokens);
            *LIST_PUSH(arena, out->locale) =
                (OriginOption){.name = known[at].name, .value = token_value(arena, &value, true)};
            break;
        }
    }
}

static void read_entry(Arena *arena, const TocEntry *entry, Origin *out) {
    if (strcmp(entry->desc, "DATABASE") == 0 && out->locale.count == 0)
        origin_parse(arena, text_of(entry->definition), out);
    if (strcmp(entry->desc, "DATABASE PROPERTIES") != 0)
        return;
    Text rest = text_of(entry->definition);
    while (rest.length > 0) {
        Text line = text_trim(text_cut(rest, '\n', &rest));
        if (text_starts(line, "ALTER DATABASE ") || text_starts(line, "ALTER ROLE "))
            *LIST_PUSH(arena, out->settings) = text_safe(arena, text_dup(arena, line));
    }
}

Err *origin_read(Arena *arena, const Backup *backup, Origin *out) {
    *out = (Origin){0};
    if (strcmp(backup->format, "script") == 0)
        return NULL;
    FileInfo info;
    FileForward *bytes = ARENA_NEW(arena, FileForward);
    bytes->arena = arena;
    bool directory = strcmp(backup->format, "directory") == 0;
    TRY(file_open(arena, directory ? file_join(arena, backup->path, "toc.dat") : backup->path, &bytes->descriptor,
                  &info));
    bytes->at = strcmp(backup->format, "tar") == 0 ? 512 : 0; /* behind the header of toc.dat, the first member */
    Toc *toc = toc_new(arena, file_forward, bytes, info.size - bytes->at);
    TocHeader header;
    TRY(toc_header(toc, &header));
    for (;;) {
        const TocEntry *entry = NULL;
        TRY(toc_next(toc, &entry));
        if (entry == NULL)
            return NULL;
        read_entry(arena, entry, out);
    }
}
