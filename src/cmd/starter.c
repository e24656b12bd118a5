/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/starter.h"

#include <assert.h>
#include <string.h>

#include "cmd/help.h"
#include "cmd/section.h"

enum { STARTER_WIDTH = 98 };

const char *starter_value(Arena *arena, const char *value) {
    Buf *out = buf_new(arena, 64 * 1024);
    for (; *value != '\0'; value++) {
        if ((unsigned char)*value < ' ' || *value == 0x7f)
            return NULL;
        buf_string(out, *value == '$' ? "$" : "");
        buf_byte(out, *value);
    }
    return out->at;
}

/* A paragraph as comment lines. */
static void comment(Buf *out, const char *text) {
    int at = 0;
    for (Text rest = text_of(text); rest.length > 0;) {
        Text word = text_cut(rest, ' ', &rest);
        int columns = (int)word.length;
        if (at > 0 && at + 1 + columns > STARTER_WIDTH) {
            buf_byte(out, '\n');
            at = 0;
        }
        buf_string(out, at == 0 ? "# " : " ");
        buf_text(out, word);
        at += columns + (at == 0 ? 2 : 1);
    }
    buf_byte(out, '\n');
}

static void comments(Arena *arena, Buf *out, const char *text) {
    for (Text rest = text_of(text); rest.length > 0;) {
        Text line = text_cut(rest, '\n', &rest);
        if (line.length == 0)
            buf_string(out, "#\n");
        else
            comment(out, text_dup(arena, line));
    }
}

static StarterValue *value_of(Starter *starter, const char *kind, const char *key) {
    LIST_EACH (StarterValue, value, starter->values) {
        if (strcmp(value->kind, kind) == 0 && strcmp(value->key, key) == 0)
            return value;
    }
    return NULL;
}

/* A value whose setting nobody declares would be lost without a word. */
static void assert_all_placed(Starter *starter) {
    LIST_EACH (const StarterValue, value, starter->values) {
        assert(value->placed);
        (void)value;
    }
}

static void put_choices(Arena *arena, Buf *out, const Option *row) {
    const char *text = "One of:";
    for (size_t i = 0; row->choices != NULL && row->choices[i] != NULL; i++)
        text = arena_printf(arena, "%s %s", text, row->choices[i]);
    if (row->choices != NULL)
        comment(out, text);
}

/* A secret is set through its twin when the value is a file. */
static void put_setting(Arena *arena, Buf *out, Starter *starter, const char *kind, const Option *row) {
    const char *twin = arena_printf(arena, "%s_file", row->name);
    StarterValue *own = value_of(starter, kind, row->name), *by_file = NULL;
    if (row->type == OPTION_SECRET)
        by_file = value_of(starter, kind, twin);
    StarterValue *value = own != NULL ? own : by_file;
    if (value != NULL)
        value->placed = true;
    buf_byte(out, '\n');
    comment(out, help_sentence(arena, row->summary));
    put_choices(arena, out, row);
    if (value != NULL && value->why != NULL)
        comments(arena, out, value->why);
    if (value != NULL)
        buf_printf(out, "%s = %s\n", value->key, value->value);
    else if (row->type == OPTION_SECRET)
        buf_printf(out, "#%s = FILE\n", twin);
    else
        buf_printf(out, "#%s = %s\n", row->name,
                   row->fallback != NULL   ? row->fallback
                   : row->argument != NULL ? row->argument
                                           : "no");
}

static void put_section(Arena *arena, Buf *out, Starter *starter, const SectionKind *kind) {
    bool target = strcmp(kind->kind, "target") == 0, notify = strcmp(kind->kind, "notify") == 0;
    const char *name = target ? starter->target : notify ? starter->channel : NULL;
    bool used = target || !kind->named || name != NULL;
    buf_byte(out, '\n');
    comments(arena, out, help_sentence(arena, kind->summary));
    comments(arena, out, kind->detail);
    buf_printf(out, "%s[%s%s%s]\n", used ? "" : "#", kind->kind, kind->named ? " " : "",
               name != NULL  ? name
               : kind->named ? "ops"
                             : "");
    Settings *settings = settings_new(arena);
    kind->declare(settings);
    size_t count = 0;
    const Option *const *rows = settings_rows(settings, &count);
    for (size_t i = 0; i < count; i++) {
        if (!rows[i]->flag_only)
            put_setting(arena, out, starter, kind->kind, rows[i]);
    }
}

void starter_render(Arena *arena, Starter *starter, Buf *out) {
    comments(arena, out, "Configuration of lifeboat, written by \"lifeboat init\".");
    comments(arena, out,
             "\nLines beginning with # are comments; a setting that is commented out has the value shown, or none. "
             "\"lifeboat explain NAME\" tells more about a setting, \"lifeboat doctor\" tries this file.");
    buf_string(out, "#\n");
    comments(arena, out, section_syntax);
    for (const SectionKind *kind = section_table; kind->kind != NULL; kind++)
        put_section(arena, out, starter, kind);
    assert_all_placed(starter);
}
