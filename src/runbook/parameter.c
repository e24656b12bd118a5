/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/parameter.h"

#include <string.h>

#include "base/pattern.h"
#include "inventory/live.h"
#include "runbook/runbook.h"

static const struct {
    const char *name;
    OptionType option; /* how the configuration reads it */
} types[] = {
    [PARAMETER_TEXT] = {"text", OPTION_TEXT},
    [PARAMETER_PATH] = {"path", OPTION_PATH},
    [PARAMETER_URL] = {"url", OPTION_TEXT},
    [PARAMETER_INTEGER] = {"integer", OPTION_INTEGER},
    [PARAMETER_SIZE] = {"size", OPTION_SIZE},
    [PARAMETER_DURATION] = {"duration", OPTION_DURATION},
    [PARAMETER_PERCENT] = {"percent", OPTION_PERCENT},
    [PARAMETER_LIST] = {"list", OPTION_LIST},
    [PARAMETER_REGEX] = {"regex", OPTION_TEXT},
    [PARAMETER_COMMAND] = {"command", OPTION_TEXT},
    [PARAMETER_CONNINFO] = {"conninfo", OPTION_TEXT},
    [PARAMETER_SECRET] = {"secret", OPTION_PATH}, /* of its file */
};

const char *parameter_type_name(ParameterType type) {
    return types[type].name;
}

/* --- declarations --- */

const Parameter *parameter_find(const Parameters *parameters, const char *name) {
    LIST_EACH (Parameter, parameter, *parameters) {
        if (strcmp(parameter->name, name) == 0)
            return parameter;
    }
    return NULL;
}

/* The secret whose file `name` is, or NULL. */
static const Parameter *secret_of_file(const Parameters *parameters, const char *name) {
    Text text = text_of(name);
    LIST_EACH (Parameter, parameter, *parameters) {
        size_t length = strlen(parameter->name);
        if (parameter->type == PARAMETER_SECRET && text_starts(text, parameter->name) &&
            strcmp(name + length, "_file") == 0)
            return parameter;
    }
    return NULL;
}

static bool is_built_in(const char *name) {
    return strcmp(name, "now") == 0 || strcmp(name, "target") == 0;
}

bool parameter_type(const Parameters *parameters, const char *name, ParameterType *out) {
    const Parameter *parameter = parameter_find(parameters, name);
    if (is_built_in(name))
        *out = PARAMETER_TEXT;
    else if (parameter != NULL)
        *out = parameter->type;
    else if (secret_of_file(parameters, name) != NULL)
        *out = PARAMETER_PATH;
    else
        return false;
    return true;
}

static bool is_name(const char *name) {
    return name[0] >= 'a' && name[0] <= 'z' && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

/* A setting of [runbook] that is lifeboat's, not a parameter. */
static bool is_own(const char *name) {
    for (size_t i = 0; runbook_options[i] != NULL; i++) {
        if (strcmp(runbook_options[i]->name, name) == 0)
            return true;
    }
    return false;
}

static const char *reserved(const char *name) {
    return is_own(name) ? "lifeboat has a setting of that name" : is_built_in(name) ? "it is built in" : NULL;
}

/* Why the text is no value of that type, or NULL. Numbers are judged by the option that reads them. */
static const char *bad_text(Arena *arena, ParameterType type, const char *value) {
    for (const char *at = value; *at != '\0'; at++) {
        if ((unsigned char)*at < 32 || *at == 127)
            return "a control character";
    }
    regex_t regex;
    if (type == PARAMETER_REGEX && pattern_compile(arena, value, REG_EXTENDED | REG_NOSUB, &regex) != NULL)
        return "a regular expression that does not compile (POSIX extended)";
    if (type == PARAMETER_REGEX)
        regfree(&regex);
    if (type == PARAMETER_URL && strncmp(value, "http://", 7) != 0 && strncmp(value, "https://", 8) != 0)
        return "no URL: it begins with http:// or https://";
    if (type == PARAMETER_URL && strpbrk(value, " \"'<>\\^`{|}") != NULL)
        return "a character that a URL writes percent-encoded";
    PQconninfoOption *options = NULL;
    if (type == PARAMETER_CONNINFO && live_conninfo_parse(arena, value, &options) != NULL)
        return "a connection string that cannot be read";
    if (type == PARAMETER_CONNINFO && live_conninfo_has_password(value))
        return "a password: name a passfile= or a service=";
    return NULL;
}

/* Where parameter_read puts what is wrong. */
typedef struct Reading {
    Arena *arena;
    const char *path;
    IssueProblems *problems;
} Reading;

static Err *refuse(const Reading *reading, int line, const char *message, const char *hint) {
    if (reading->problems == NULL) {
        Err *err = err_new(reading->arena, ERR_CONFIG, "%s:%d: %s", reading->path, line, message);
        return hint == NULL ? err : err_hint(reading->arena, err, "%s", hint);
    }
    *LIST_PUSH(reading->arena, *reading->problems) =
        (IssueProblem){.file = reading->path, .line = line, .message = message, .hint = hint};
    return NULL;
}

static Err *read_setting(const Reading *reading, const ConfigLine *line, Parameter *out, bool *has_type) {
    Arena *arena = reading->arena;
    if (strcmp(line->key, "default") == 0) {
        out->fallback = line->value;
    } else if (strcmp(line->key, "meaning") == 0) {
        out->meaning = line->value;
    } else if (strcmp(line->key, "type") == 0) {
        for (size_t i = 0; i < sizeof(types) / sizeof(types[0]) && !*has_type; i++) {
            *has_type = strcmp(types[i].name, line->value) == 0;
            out->type = (ParameterType)i;
        }
        if (!*has_type)
            return refuse(reading, line->line,
                          arena_printf(arena, "there is no type %s", text_quote(arena, text_of(line->value), 40)),
                          "text path url integer size duration percent list regex command conninfo secret");
    } else {
        return refuse(reading, line->line,
                      arena_printf(arena, "a parameter has no %s", text_quote(arena, text_of(line->key), 40)),
                      "type, default, meaning");
    }
    return NULL;
}

/* Why the default is none, or NULL. */
static const char *bad_default(Arena *arena, const Parameter *parameter) {
    if (parameter->type == PARAMETER_SECRET)
        return "not allowed: a secret has no default";
    const char *bad = bad_text(arena, parameter->type, parameter->fallback);
    if (bad != NULL && parameter->fallback[0] != '\0')
        return bad;
    Option row = {.name = parameter->name, .type = types[parameter->type].option};
    const Option *rows = &row;
    Settings *settings = settings_new(arena);
    settings_declare(settings, &rows, 1);
    const Err *err = settings_set(settings, &row, text_of(parameter->fallback), ERR_CONFIG, "default");
    return err == NULL ? NULL : arena_printf(arena, "no value of its type: %s", err->message);
}

/* A parameter with a wrong default has none: what needs it then cannot tell. */
static Err *look_at_default(const Reading *reading, Parameter *parameter) {
    const char *bad = parameter->fallback == NULL ? NULL : bad_default(reading->arena, parameter);
    if (bad == NULL)
        return NULL;
    parameter->fallback = NULL;
    return refuse(reading, parameter->line,
                  arena_printf(reading->arena, "the default of %s is %s", parameter->name, bad),
                  "write another one, or none: then it must be configured");
}

/* NAME_file as a parameter of its own beside the secret NAME: the configuration could not tell them apart. */
static bool clashes(const Parameters *parameters, const Parameter *found) {
    LIST_EACH (const Parameter, there, *parameters) {
        size_t length = strlen(there->name), own = strlen(found->name);
        if ((there->type == PARAMETER_SECRET && strncmp(there->name, found->name, length) == 0 &&
             strcmp(found->name + length, "_file") == 0) ||
            (found->type == PARAMETER_SECRET && strncmp(there->name, found->name, own) == 0 &&
             strcmp(there->name + own, "_file") == 0))
            return true;
    }
    return false;
}

static Err *read_section(const Reading *reading, const ConfigSection *section, Parameters *parameters) {
    Arena *arena = reading->arena;
    if (strcmp(section->kind, "parameter") != 0 || !is_name(section->name))
        return refuse(reading, section->line, "this is no [parameter NAME]",
                      "a name has lower-case letters, digits and underscores");
    if (reserved(section->name) != NULL)
        return refuse(
            reading, section->line,
            arena_printf(arena, "a parameter cannot be called %s: %s", section->name, reserved(section->name)),
            "take another name");
    Parameter found = {.name = section->name, .meaning = "", .file = reading->path, .line = section->line};
    bool has_type = false;
    LIST_EACH (ConfigLine, line, section->lines) {
        TRY(read_setting(reading, line, &found, &has_type));
    }
    if (!has_type)
        TRY(refuse(reading, section->line, arena_printf(arena, "%s has no type", section->name), "type = text"));
    if (found.meaning[0] == '\0')
        TRY(refuse(reading, section->line, arena_printf(arena, "%s has no meaning", section->name),
                   "meaning = what it is and, for a threshold, why that number"));
    if (clashes(parameters, &found))
        return refuse(reading, section->line,
                      arena_printf(arena, "%s is both a path and the file of a secret", found.name),
                      "take another name");
    TRY(look_at_default(reading, &found));
    LIST_EACH (Parameter, there, *parameters) {
        if (strcmp(there->name, found.name) == 0) {
            *there = found;
            return NULL;
        }
    }
    *LIST_PUSH(arena, *parameters) = found;
    return NULL;
}

Err *parameter_read(Arena *arena, Text bytes, const char *path, Parameters *parameters, IssueProblems *problems) {
    Config *config = NULL;
    Reading reading = {.arena = arena, .path = arena_strdup(arena, text_safe(arena, path)), .problems = problems};
    const Err *err = config_parse(arena, bytes, path, &config);
    if (err != NULL)
        return refuse(&reading, 0, err->message, err->hint);
    LIST_EACH (ConfigSection, section, config->sections) {
        TRY(read_section(&reading, section, parameters));
    }
    return NULL;
}

/* --- values --- */

typedef struct Slot {
    const Parameter *parameter;
    Option row;
    const char *written;   /* NULL: unset */
    const char *canonical; /* of a secret: the path of its file */
    double number;
    const char *origin;
} Slot;

struct ParameterValues {
    const Parameters *parameters;
    const char *target;
    Time now;
    LIST(Slot) slots;
};

static void make_rows(Arena *arena, ParameterValues *values) {
    LIST_EACH (Parameter, parameter, *values->parameters) {
        bool secret = parameter->type == PARAMETER_SECRET;
        *LIST_PUSH(arena, values->slots) =
            (Slot){.parameter = parameter,
                   .row = {.name = secret ? arena_printf(arena, "%s_file", parameter->name) : parameter->name,
                           .type = types[parameter->type].option,
                           .fallback = secret ? NULL : parameter->fallback},
                   .written = parameter->fallback,
                   .origin = parameter->fallback == NULL ? "not set" : "default"};
    }
}

static Settings *declare_rows(Arena *arena, const ParameterValues *values) {
    const Option **rows = ARENA_ARRAY(arena, const Option *, values->slots.count + 1);
    for (size_t i = 0; i < values->slots.count; i++)
        rows[i] = &values->slots.items[i].row;
    Settings *settings = settings_new(arena);
    settings_declare(settings, rows, values->slots.count);
    size_t own = 0;
    while (runbook_options[own] != NULL)
        own++;
    settings_declare(settings, runbook_options, own);
    return settings;
}

/* What is not in the type itself: a URL, a regular expression, a connection string. */
static Err *apply(Arena *arena, ParameterValues *values, const Config *config, const char *name, Settings *settings) {
    const ConfigSection *section = config == NULL ? NULL : config_section(config, "runbook", name);
    if (section == NULL)
        return NULL;
    LIST_EACH (ConfigLine, line, section->lines) {
        if (name[0] != '\0' && is_own(line->key))
            return err_hint(arena,
                            err_new(arena, ERR_CONFIG, "%s:%d: %s belongs to all targets",
                                    text_safe(arena, config->path), line->line, line->key),
                            "move it to [runbook]");
    }
    TRY(config_apply(arena, config, section, settings));
    LIST_EACH (ConfigLine, line, section->lines) {
        const char *origin = arena_printf(arena, "%s:%d", text_safe(arena, config->path), line->line);
        LIST_EACH (Slot, slot, values->slots) {
            if (strcmp(slot->row.name, line->key) != 0)
                continue;
            const char *bad = bad_text(arena, slot->parameter->type, line->value);
            if (bad != NULL && (line->value[0] != '\0' || slot->parameter->fallback == NULL))
                return err_hint(arena, err_new(arena, ERR_CONFIG, "%s: %s holds %s", origin, line->key, bad), "%s",
                                slot->parameter->meaning);
            slot->written = line->value;
            slot->origin = origin;
        }
    }
    return NULL;
}

static const char *join(Arena *arena, const Settings *settings, const Option *row) {
    size_t count = 0;
    const char *text = "";
    const char *const *items = settings_list(settings, row, &count);
    for (size_t i = 0; i < count; i++)
        text = arena_printf(arena, "%s%s%s", text, i == 0 ? "" : ",", items[i]);
    return text;
}

static void canonise(Arena *arena, const Settings *settings, Slot *slot) {
    const Option *row = &slot->row;
    switch (row->type) {
    case OPTION_DURATION:
        slot->number = (double)settings_duration(settings, row) / (double)TIME_SECOND;
        slot->canonical = arena_printf(arena, "%.15g seconds", slot->number);
        break;
    case OPTION_SIZE:
        slot->number = (double)settings_size(settings, row);
        slot->canonical = arena_printf(arena, "%llu", (unsigned long long)settings_size(settings, row));
        break;
    case OPTION_INTEGER:
        slot->number = (double)settings_integer(settings, row);
        slot->canonical = arena_printf(arena, "%lld", (long long)settings_integer(settings, row));
        break;
    case OPTION_PERCENT:
        slot->number = settings_fraction(settings, row);
        slot->canonical = arena_printf(arena, "%g", slot->number);
        break;
    case OPTION_LIST:
        slot->canonical = join(arena, settings, row);
        break;
    default:
        slot->canonical = settings_text(settings, row);
        break;
    }
}

Err *parameter_values(Arena *arena, const Parameters *parameters, const Config *config, const char *target,
                      ParameterValues **out) {
    ParameterValues *values = ARENA_NEW(arena, ParameterValues);
    values->parameters = parameters;
    values->target = arena_strdup(arena, target == NULL ? "" : target);
    values->now = time_now();
    make_rows(arena, values);
    Settings *settings = declare_rows(arena, values);
    TRY(apply(arena, values, config, "", settings));
    if (values->target[0] != '\0')
        TRY(apply(arena, values, config, values->target, settings));
    LIST_EACH (Slot, slot, values->slots) {
        if (slot->written != NULL)
            canonise(arena, settings, slot);
        if (slot->written != NULL && slot->row.type == OPTION_PATH)
            slot->written = slot->canonical; /* as seen from anywhere */
    }
    *out = values;
    return NULL;
}

void parameter_set_now(ParameterValues *values, Time now) {
    values->now = now;
}

const Parameters *parameter_declared(const ParameterValues *values) {
    return values->parameters;
}

/* By the parameter's name, or by the name of a secret's file. */
static const Slot *slot_of(const ParameterValues *values, const char *name) {
    LIST_EACH (Slot, slot, values->slots) {
        if (strcmp(slot->parameter->name, name) == 0 || strcmp(slot->row.name, name) == 0)
            return slot;
    }
    return NULL;
}

Err *parameter_value(Arena *arena, const ParameterValues *values, const char *name, const char **out) {
    const Slot *slot = slot_of(values, name);
    *out = NULL;
    if (strcmp(name, "now") == 0) {
        *out = time_text(arena, values->now);
    } else if (strcmp(name, "target") == 0) {
        *out = values->target;
    } else if (slot == NULL) {
        return err_new(arena, ERR_NOT_FOUND, "there is no parameter %s", text_quote(arena, text_of(name), 60));
    } else if (slot->parameter->type == PARAMETER_SECRET && strcmp(slot->parameter->name, name) == 0 &&
               slot->canonical != NULL) {
        Text secret = {0};
        TRY(config_secret_file(arena, slot->canonical, slot->origin, &secret));
        *out = text_dup(arena, secret);
    } else {
        *out = slot->canonical;
    }
    return NULL;
}

bool parameter_number(const ParameterValues *values, const char *name, double *out) {
    const Slot *slot = slot_of(values, name);
    if (slot == NULL || slot->written == NULL)
        return false;
    OptionType type = slot->row.type;
    *out = slot->number;
    return type == OPTION_DURATION || type == OPTION_SIZE || type == OPTION_PERCENT || type == OPTION_INTEGER;
}

const char *parameter_written(const ParameterValues *values, const char *name) {
    const Slot *slot = slot_of(values, name);
    if (strcmp(name, "target") == 0)
        return values->target[0] == '\0' ? NULL : values->target;
    return slot == NULL ? NULL : slot->written;
}

const char *parameter_unset_text(Arena *arena, const ParameterValues *values, const char *name) {
    const Slot *slot = slot_of(values, name);
    const char *key = slot == NULL ? name : slot->row.name;
    return arena_printf(arena, "%s is not set: [runbook] %s", key, key);
}

const char *parameter_origin(const ParameterValues *values, const char *name) {
    const Slot *slot = slot_of(values, name);
    return slot == NULL ? "built in" : slot->origin;
}

/* --- placeholders --- */

bool parameter_next(Text *rest, Text *before, Text *name) {
    Text from = *rest;
    for (size_t at = 0; at + 4 < from.length; at++) {
        if (from.at[at] != '{' || from.at[at + 1] != '{')
            continue;
        size_t end = at + 2;
        while (end < from.length && ((from.at[end] >= 'a' && from.at[end] <= 'z') ||
                                     (from.at[end] >= '0' && from.at[end] <= '9') || from.at[end] == '_'))
            end++;
        if (end == at + 2 || end + 1 >= from.length || from.at[end] != '}' || from.at[end + 1] != '}')
            continue;
        *before = text_slice(from, 0, at);
        *name = text_slice(from, at + 2, end);
        *rest = text_slice(from, end + 2, from.length);
        return true;
    }
    *before = from;
    *name = (Text){0};
    *rest = (Text){0};
    return false;
}
