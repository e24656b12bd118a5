/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "cmd/describe.h"
#include "cmd/help.h"
#include "cmd/section.h"

static const char *get(const json_t *object, const char *key) {
    return json_get_string(object, key, "");
}

/* Text for roff (groff_char(7), man(7)): a dash typed by the user must stay a dash when copied, a dot or quote at the
 * beginning of a line is no request, `code` becomes bold. */
static void put_text(Buf *out, Text text) {
    bool bold = false;
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.at[i];
        bool at_start = out->length > 0 && out->at[out->length - 1] == '\n';
        if (at_start && (byte == '.' || byte == '\''))
            buf_string(out, "\\&");
        if (byte == '\\')
            buf_string(out, "\\e");
        else if (byte == '-')
            buf_string(out, "\\-");
        else if (byte == '`')
            buf_string(out, (bold = !bold) ? "\\fB" : "\\fR");
        else if (byte == '~')
            buf_string(out, "\\(ti");
        else if (byte == '^')
            buf_string(out, "\\(ha");
        else if (byte != ' ' || !at_start)
            buf_byte(out, byte);
    }
}

static void put_string(Buf *out, const char *text) {
    put_text(out, text_of(text));
}

static void put_sentence(Buf *out, const char *summary) {
    Arena *scratch = arena_new();
    put_string(out, help_sentence(scratch, summary));
    buf_byte(out, '\n');
    arena_free(scratch);
}

/* Paragraphs; lines that begin with two spaces as they are. Each empty line begins a paragraph of the macro given. */
static void put_detail(Buf *out, const char *text, const char *macro) {
    bool kept = false;
    for (Text rest = text_of(text); rest.length > 0;) {
        Text line = text_cut(rest, '\n', &rest);
        bool keep = text_starts(line, "  ");
        if (keep != kept)
            buf_string(out, keep ? ".nf\n.RS 2\n" : ".RE\n.fi\n");
        kept = keep;
        if (line.length == 0)
            buf_printf(out, "%s\n", macro);
        else
            put_text(out, line);
        if (line.length > 0)
            buf_byte(out, '\n');
    }
    if (kept)
        buf_string(out, ".RE\n.fi\n");
}

static void put_tagged(Buf *out, const char *tag, const char *text) {
    buf_string(out, ".TP\n\\fB");
    put_string(out, tag);
    buf_string(out, "\\fR\n");
    put_sentence(out, text);
}

static void put_option(Buf *out, const json_t *row, const char *tag) {
    put_tagged(out, tag, get(row, "summary"));
    if (get(row, "default")[0] != '\0') {
        buf_string(out, "(default: ");
        put_string(out, get(row, "default"));
        buf_string(out, ")\n");
    }
    if (get(row, "detail")[0] != '\0') {
        buf_string(out, ".IP\n");
        put_detail(out, get(row, "detail"), ".IP");
    }
}

static void put_options(Buf *out, const json_t *rows, const char *key) {
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(rows, index, row) {
        if (get(row, key)[0] != '\0')
            put_option(out, row, get(row, key));
    }
}

static void put_commands(Buf *out, const json_t *document) {
    size_t index = 0;
    const json_t *command = NULL;
    buf_string(out, ".SH COMMANDS\n");
    json_array_foreach(json_object_get(document, "commands"), index, command) {
        buf_string(out, ".SS ");
        put_string(out, get(command, "synopsis"));
        buf_byte(out, '\n');
        put_sentence(out, get(command, "summary"));
        if (get(command, "detail")[0] != '\0') {
            buf_string(out, ".PP\n");
            put_detail(out, get(command, "detail"), ".PP");
        }
        size_t count = 0;
        const json_t *example = NULL;
        json_array_foreach(json_object_get(command, "examples"), count, example) {
            buf_string(out, ".TP\n$ \\fB");
            put_string(out, get(example, "command"));
            buf_string(out, "\\fR\n");
            put_string(out, get(example, "explanation"));
            buf_byte(out, '\n');
        }
        put_options(out, json_object_get(command, "options"), "flag");
    }
    buf_string(out, ".SH OPTIONS OF EVERY COMMAND\n");
    put_options(out, json_object_get(document, "common_options"), "flag");
}

static void put_configuration(Buf *out, const json_t *document) {
    size_t index = 0;
    const json_t *section = NULL;
    buf_string(out, ".SH CONFIGURATION\n");
    put_detail(out, section_syntax, ".PP");
    json_array_foreach(json_object_get(document, "configuration"), index, section) {
        buf_string(out, ".SS ");
        put_string(out, get(section, "section"));
        buf_byte(out, '\n');
        put_sentence(out, get(section, "summary"));
        put_detail(out, get(section, "detail"), ".PP");
        put_options(out, json_object_get(section, "settings"), "name");
    }
}

static void put_table(Buf *out, const char *heading, const json_t *rows, const char *const *keys) {
    size_t index = 0;
    const json_t *row = NULL;
    buf_printf(out, ".SH %s\n", heading);
    json_array_foreach(rows, index, row) {
        put_tagged(out, get(row, keys[0]), get(row, keys[1]));
        if (keys[2] != NULL && get(row, keys[2])[0] != '\0') {
            buf_string(out, ".IP\n");
            put_string(out, get(row, keys[2]));
            buf_byte(out, '\n');
        }
    }
}

static void put_statuses(Buf *out, const json_t *document) {
    size_t index = 0;
    const json_t *status = NULL;
    buf_string(out, ".SH EXIT STATUS\n");
    json_array_foreach(json_object_get(document, "exit_statuses"), index, status) {
        buf_printf(out, ".TP\n\\fB%d\\fR\n", (int)json_get_u64(status, "number", 0));
        put_string(out, get(status, "summary"));
        buf_byte(out, '\n');
    }
}

void describe_man(Buf *out, const json_t *document) {
    buf_printf(out, ".TH LIFEBOAT 1 \"\" \"lifeboat %s\" \"User Commands\"\n", get(document, "version"));
    buf_string(out,
               ".SH NAME\nlifeboat \\- verify PostgreSQL backups\n"
               ".SH SYNOPSIS\n.B lifeboat\n.I COMMAND\n.RI [ ARGUMENT\\~... ]\n.RI [ OPTION\\~... ]\n"
               ".SH DESCRIPTION\n"
               "If the database died now, would you get it back, how fast, and how much would you lose?\n"
               ".B lifeboat\nanswers with proof: it reads every byte of a backup, counts every row, compares with the "
               "live\ndatabase and with earlier backups, and says what it did not look at.\n"
               "A check that did not run is never shown as one that passed.\n");
    put_commands(out, document);
    put_configuration(out, document);
    put_table(out, "TYPES OF CHANNELS", json_object_get(document, "channels"),
              (const char *const[]){"name", "summary", "detail"});
    put_table(out, "CHECKS", json_object_get(document, "checks"), (const char *const[]){"id", "title", "explain"});
    put_table(out, "FINDINGS", json_object_get(document, "findings"), (const char *const[]){"id", "title", "action"});
    put_table(out, "VERDICTS", json_object_get(document, "verdicts"),
              (const char *const[]){"name", "summary", "detail"});
    put_table(out, "PROOF LEVELS", json_object_get(document, "proof_levels"),
              (const char *const[]){"name", "summary", "detail"});
    put_table(out, "FORMATS", json_object_get(document, "formats"), (const char *const[]){"name", "summary", NULL});
    put_table(out, "NOTIFIERS", json_object_get(document, "notifiers"),
              (const char *const[]){"name", "summary", "detail"});
    put_statuses(out, document);
    put_table(out, "ENVIRONMENT", json_object_get(document, "environment"),
              (const char *const[]){"name", "summary", NULL});
    buf_string(out, ".SH SEE ALSO\n.BR pg_dump (1),\n.BR pg_restore (1),\n.BR psql (1)\n");
}
