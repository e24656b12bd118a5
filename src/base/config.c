/* SPDX-License-Identifier: PostgreSQL */
#include "base/config.h"

#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum {
    CONFIG_LARGEST = 1 << 20,
    CONFIG_LONGEST_LINE = 8192,
    CONFIG_SECRET_LARGEST = 64 * 1024,
};

/* One pass over the bytes, line by line, as inih asks for them. inih splits "key = value"; sections are read here,
 * because inih neither reports an empty section nor tells a repeated one apart, and it cuts long names without a word.
 */
typedef struct Reader {
    Arena *arena;
    Config *config;
    Text rest;
    int line;
    Err *err;
} Reader;

static Err *config_error(Reader *reader, const char *message) {
    return err_new(reader->arena, ERR_CONFIG, "%s:%d: %s", text_safe(reader->arena, reader->config->path), reader->line,
                   message);
}

static bool is_name_byte(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '-' || byte == '.';
}

static bool is_name(Text text) {
    for (size_t i = 0; i < text.length; i++) {
        if (!is_name_byte(text.at[i]))
            return false;
    }
    return text.length <= 64;
}

static Err *start_section(Reader *reader, Text line) {
    Arena *arena = reader->arena;
    ptrdiff_t end = text_find(line, ']');
    Text after = end < 0 ? (Text){0} : text_trim(text_slice(line, (size_t)end + 1, line.length));
    if (end < 0 || (after.length > 0 && after.at[0] != '#' && after.at[0] != ';'))
        return config_error(reader, "a section is written [kind] or [kind name] on a line of its own");
    Text name;
    Text kind = text_cut(text_trim(text_slice(line, 1, (size_t)end)), ' ', &name);
    name = text_trim(name);
    if (kind.length == 0 || !is_name(kind) || !is_name(name))
        return config_error(reader, "a section's name is up to 64 letters, digits, dots, dashes and underscores");
    const ConfigSection *twin = config_section(reader->config, text_dup(arena, kind), text_dup(arena, name));
    if (twin != NULL)
        return config_error(reader, arena_printf(arena, "this section already began in line %d", twin->line));
    *LIST_PUSH(arena, reader->config->sections) =
        (ConfigSection){.kind = text_dup(arena, kind), .name = text_dup(arena, name), .line = reader->line};
    return NULL;
}

static Err *look_at_line(Reader *reader, Text line) {
    if (line.length > CONFIG_LONGEST_LINE)
        return config_error(reader, "this line is too long (8192 bytes at most)");
    if (line.length > 0 && memchr(line.at, '\0', line.length) != NULL)
        return config_error(reader, "a configuration file cannot contain a NUL byte");
    Text trimmed = text_trim(line);
    return text_starts(trimmed, "[") ? start_section(reader, trimmed) : NULL;
}

/* inih's fgets: NULL at the end, and at the first error. */
static char *next_line(char *out, int size, void *stream) {
    Reader *reader = stream;
    if (reader->rest.length == 0 || reader->err != NULL)
        return NULL;
    Text line = text_cut(reader->rest, '\n', &reader->rest);
    reader->line++;
    reader->err = look_at_line(reader, line);
    if (reader->err != NULL)
        return NULL;
    if (line.length + 1 > (size_t)size) {
        reader->err = config_error(reader, "this line is too long");
        return NULL;
    }
    if (line.length > 0)
        memcpy(out, line.at, line.length);
    out[line.length] = '\0';
    return out;
}

static Err *expand_variable(Reader *reader, Text name, Buf *out) {
    bool valid = name.length > 0 && !(name.at[0] >= '0' && name.at[0] <= '9');
    for (size_t i = 0; i < name.length; i++)
        valid = valid && is_name_byte(name.at[i]) && name.at[i] != '-' && name.at[i] != '.';
    if (!valid)
        return config_error(reader, "${...} needs the name of an environment variable");
    const char *value = getenv(text_dup(reader->arena, name));
    if (value == NULL) {
        const char *words = arena_printf(reader->arena, "the environment variable %.*s is not set", TEXT_ARG(name));
        return err_hint(reader->arena, config_error(reader, words), "set it for the service, or write the value here");
    }
    buf_string(out, value);
    return NULL;
}

static Err *expand(Reader *reader, Text value, ConfigLine *line) {
    Buf *out = buf_new(reader->arena, CONFIG_LARGEST);
    while (value.length > 0) {
        ptrdiff_t dollar = text_find(value, '$');
        size_t plain = dollar < 0 ? value.length : (size_t)dollar;
        buf_text(out, text_slice(value, 0, plain));
        value = text_slice(value, plain, value.length);
        if (value.length == 0)
            break;
        if (text_starts(value, "$$")) {
            buf_byte(out, '$');
            value = text_slice(value, 2, value.length);
            continue;
        }
        ptrdiff_t end = text_find(value, '}');
        if (!text_starts(value, "${") || end < 0)
            return err_hint(reader->arena, config_error(reader, "a dollar begins ${VARIABLE}"),
                            "write $$ for a dollar itself");
        TRY(expand_variable(reader, text_slice(value, 2, (size_t)end), out));
        line->from_environment = true;
        value = text_slice(value, (size_t)end + 1, value.length);
    }
    if (out->full)
        return config_error(reader, "this value is too long");
    line->value = out->at;
    return NULL;
}

static Err *add_line(Reader *reader, const char *key, const char *value) {
    Arena *arena = reader->arena;
    if (reader->config->sections.count == 0)
        return err_hint(arena, config_error(reader, "a setting stands before the first section"),
                        "begin with a section such as [target production]");
    ConfigSection *section = &reader->config->sections.items[reader->config->sections.count - 1];
    LIST_EACH (ConfigLine, line, section->lines) {
        if (strcmp(line->key, key) == 0)
            return config_error(reader,
                                arena_printf(arena, "%s is already set in line %d", text_safe(arena, key), line->line));
    }
    ConfigLine line = {.key = arena_strdup(arena, key), .line = reader->line};
    TRY(expand(reader, text_of(value), &line));
    *LIST_PUSH(arena, section->lines) = line;
    return NULL;
}

static int on_setting(void *context, const char *section, const char *key, const char *value) {
    Reader *reader = context;
    (void)section;
    if (reader->err == NULL)
        reader->err = add_line(reader, key, value);
    return reader->err == NULL;
}

Err *config_parse(Arena *arena, Text bytes, const char *path, Config **out) {
    Config *config = ARENA_NEW(arena, Config);
    config->path = path;
    Reader reader = {.arena = arena, .config = config, .rest = bytes};
    if (text_starts(bytes, "\xef\xbb\xbf"))
        reader.rest = text_slice(bytes, 3, bytes.length);
    /* Debian's inih is set through these variables. Its defaults would cut a line after 200 bytes, take an indented
     * line for more of the value above, and drop what follows " ;" - which may well be half of a password. */
    ini_allow_multiline = false;
    ini_allow_inline_comments = false;
    ini_use_stack = false;
    ini_max_line = CONFIG_LONGEST_LINE + 3;
    ini_initial_alloc = CONFIG_LONGEST_LINE + 3; /* what it allocates: without this the longer lines would overrun it */
    ini_stop_on_first_error = true;
    int failed = ini_parse_stream(next_line, &reader, on_setting, &reader);
    if (reader.err != NULL)
        return reader.err;
    if (failed > 0)
        return err_hint(arena, config_error(&reader, "this is neither a section nor a setting"),
                        "settings are written key = value, comments begin with #");
    if (failed < 0)
        return err_new(arena, ERR_IO, "%s: cannot be parsed", text_safe(arena, path));
    *out = config;
    return NULL;
}

/* PostgreSQL's rule for key files (libpq, "sslkey"): nobody but the owner, or a group that root chose. */
static bool readable_by_others(const FileInfo *info) {
    return (info->mode & 007) != 0 || ((info->mode & 070) != 0 && info->owner != 0);
}

Err *config_read(Arena *arena, const char *path, Config **out) {
    if (path == NULL) {
        *out = ARENA_NEW(arena, Config);
        return NULL;
    }
    FileInfo info = {0};
    Buf *bytes = NULL;
    const Err *cause = file_info(arena, path, &info);
    if (cause == NULL)
        cause = file_read_all(arena, path, CONFIG_LARGEST, &bytes);
    if (cause != NULL)
        return err_new(arena, ERR_CONFIG, "cannot read the configuration: %s", err_text(arena, cause));
    TRY(config_parse(arena, buf_view(bytes), path, out));
    (*out)->shared = readable_by_others(&info);
    return NULL;
}

static const char *if_exists(const char *path) {
    return path != NULL && access(path, F_OK) == 0 ? path : NULL;
}

static const char *under(Arena *arena, const char *directory, const char *name) {
    return directory == NULL || directory[0] != '/' ? NULL : file_join(arena, directory, name);
}

Err *config_find(Arena *arena, const char *given, const char **path) {
    const char *named = given != NULL ? given : getenv("LIFEBOAT_CONFIG");
    if (named != NULL && named[0] != '\0') {
        *path = if_exists(named);
        if (*path != NULL)
            return NULL;
        Err *err = err_new(arena, ERR_CONFIG, "there is no configuration file %s", text_safe(arena, named));
        return given != NULL ? err : err_hint(arena, err, "LIFEBOAT_CONFIG names it: unset it or make the file");
    }
    *path = if_exists(under(arena, getenv("XDG_CONFIG_HOME"), "lifeboat/lifeboat.conf"));
    if (*path == NULL)
        *path = if_exists(under(arena, getenv("HOME"), ".config/lifeboat/lifeboat.conf"));
    if (*path == NULL)
        *path = if_exists("/etc/lifeboat/lifeboat.conf");
    return NULL;
}

const ConfigSection *config_section(const Config *config, const char *kind, const char *name) {
    LIST_EACH (ConfigSection, section, config->sections) {
        if (strcmp(section->kind, kind) == 0 && strcmp(section->name, name) == 0)
            return section;
    }
    return NULL;
}

/* --- applying a section to settings --- */

typedef struct Place {
    Arena *arena;
    const Config *config;
    const ConfigLine *line;
    const char *origin; /* "/etc/lifeboat/lifeboat.conf:12" */
    bool look;          /* secrets are passed over */
} Place;

const char *config_beside(Arena *arena, const Config *config, const char *path) {
    const char *home = getenv("HOME");
    if (path[0] == '/' || path[0] == '\0')
        return path;
    if (path[0] == '~')
        return home == NULL || path[1] != '/' ? path : file_join(arena, home, path + 2);
    const char *slash = config->path == NULL ? NULL : strrchr(config->path, '/');
    if (slash == NULL)
        return path;
    const char *directory = arena_strndup(arena, config->path, (size_t)(slash - config->path));
    return arena_printf(arena, "%s/%s", directory, path);
}

Err *config_secret_file(Arena *arena, const char *path, const char *origin, Text *out) {
    FileInfo info = {0};
    Buf *bytes = NULL;
    const Err *cause = file_info(arena, path, &info);
    if (cause == NULL && readable_by_others(&info))
        return err_hint(
            arena,
            err_new(arena, ERR_CONFIG, "%s: the secret file %s can be read by others", origin, text_safe(arena, path)),
            "chmod 600 %s", text_safe(arena, path));
    if (cause == NULL)
        cause = file_read_all(arena, path, CONFIG_SECRET_LARGEST, &bytes);
    if (cause != NULL)
        return err_new(arena, ERR_CONFIG, "%s: %s", origin, err_text(arena, cause));
    *out = buf_view(bytes);
    while (out->length > 0 && (text_ends(*out, "\n") || text_ends(*out, "\r")))
        out->length--;
    if (out->length == 0)
        return err_new(arena, ERR_CONFIG, "%s: the secret file %s is empty", origin, text_safe(arena, path));
    return NULL;
}

/* The secret whose twin "NAME_file" the key is, or NULL. */
static const Option *secret_of_twin(const Place *place, const Settings *settings) {
    Text key = text_of(place->line->key);
    if (!text_ends(key, "_file"))
        return NULL;
    const Option *row = settings_find(settings, text_dup(place->arena, text_slice(key, 0, key.length - 5)));
    return row != NULL && row->type == OPTION_SECRET ? row : NULL;
}

static Err *unknown_key(const Place *place, const ConfigSection *section, const Settings *settings) {
    Arena *arena = place->arena;
    size_t count = 0;
    const Option *const *rows = settings_rows(settings, &count);
    LIST(const char *) names = {0};
    for (size_t i = 0; i < count; i++) {
        if (rows[i]->flag_only)
            continue;
        *LIST_PUSH(arena, names) = rows[i]->name;
        if (rows[i]->type == OPTION_SECRET)
            *LIST_PUSH(arena, names) = arena_printf(arena, "%s_file", rows[i]->name);
    }
    Err *err = err_new(arena, ERR_CONFIG, "%s: [%s] has no setting %s", place->origin, section->kind,
                       text_quote(arena, text_of(place->line->key), 80));
    const char *close = text_suggest(place->line->key, names.items, names.count);
    return close == NULL ? err : err_hint(arena, err, "did you mean %s?", close);
}

static Err *refuse_shared(const Place *place) {
    const char *path = text_safe(place->arena, place->config->path);
    return err_hint(place->arena,
                    err_new(place->arena, ERR_CONFIG, "%s: %s is a secret, and others can read this file",
                            place->origin, place->line->key),
                    "chmod 600 %s, or put the secret into a file of its own and write %s_file", path, place->line->key);
}

static Err *apply_line(const Place *place, const ConfigSection *section, Settings *settings) {
    const Option *row = settings_find(settings, place->line->key);
    Text value = text_of(place->line->value);
    if (row == NULL) {
        row = secret_of_twin(place, settings);
        if (row == NULL)
            return unknown_key(place, section, settings);
        if (place->look)
            return NULL;
        if (settings_given(settings, row))
            return err_new(place->arena, ERR_CONFIG, "%s: %s and %s cannot both be set", place->origin, row->name,
                           place->line->key);
        TRY(config_secret_file(place->arena, config_beside(place->arena, place->config, place->line->value),
                               place->origin, &value));
    } else if (row->flag_only) {
        return unknown_key(place, section, settings);
    } else if (row->type == OPTION_SECRET) {
        if (place->look)
            return NULL;
        if (settings_given(settings, row))
            return err_new(place->arena, ERR_CONFIG, "%s: %s and %s_file cannot both be set", place->origin, row->name,
                           row->name);
        if (place->config->shared && !place->line->from_environment)
            return refuse_shared(place);
    } else if (row->type == OPTION_PATH) {
        value = text_of(config_beside(place->arena, place->config, place->line->value));
    }
    return settings_set(settings, row, value, ERR_CONFIG, place->origin);
}

static Err *apply_section(Place *place, const ConfigSection *section, Settings *settings) {
    LIST_EACH (ConfigLine, line, section->lines) {
        place->line = line;
        place->origin = arena_printf(place->arena, "%s:%d", text_safe(place->arena, place->config->path), line->line);
        TRY(apply_line(place, section, settings));
    }
    return NULL;
}

Err *config_apply(Arena *arena, const Config *config, const ConfigSection *section, Settings *settings) {
    return apply_section(&(Place){.arena = arena, .config = config}, section, settings);
}

Err *config_apply_to_look(Arena *arena, const Config *config, const ConfigSection *section, Settings *settings) {
    return apply_section(&(Place){.arena = arena, .config = config, .look = true}, section, settings);
}
