/* SPDX-License-Identifier: PostgreSQL */
#include "base/option.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

typedef struct Slot {
    const Option *row;
    bool told;
    bool by_flag; /* a flag is never overruled by the configuration */
    const char *origin;
    const char *text;
    int64_t number; /* flag, integer, size, duration */
    double fraction;
    LIST(const char *) list;
} Slot;

struct Settings {
    Arena *arena;
    LIST(Slot) slots;
    LIST(const Option *) rows;
};

Settings *settings_new(Arena *arena) {
    Settings *settings = ARENA_NEW(arena, Settings);
    settings->arena = arena;
    return settings;
}

static Slot *slot_named(const Settings *settings, const char *name) {
    LIST_EACH (Slot, slot, settings->slots) {
        if (strcmp(slot->row->name, name) == 0)
            return slot;
    }
    return NULL;
}

static Slot *slot_of(const Settings *settings, const Option *row) {
    Slot *slot = slot_named(settings, row->name);
    if (slot == NULL || slot->row != row) {
        fprintf(stderr, "lifeboat: the option %s was used but not declared (a programming error)\n", row->name);
        abort();
    }
    return slot;
}

static bool parse_decimal(Text text, uint64_t *whole, double *fraction) {
    Text rest;
    Text front = text_cut(text, '.', &rest);
    *fraction = 0;
    if (!text_to_u64(front, whole))
        return false;
    if (front.length == text.length)
        return true;
    double unit = 0.1;
    for (size_t i = 0; i < rest.length; i++, unit /= 10) {
        if (rest.at[i] < '0' || rest.at[i] > '9')
            return false;
        *fraction += (rest.at[i] - '0') * unit;
    }
    return rest.length > 0;
}

bool option_parse_size(Text text, uint64_t *out) {
    static const struct {
        const char *suffix;
        uint64_t unit;
    } units[] = {
        {"KiB", UINT64_C(1) << 10},
        {"MiB", UINT64_C(1) << 20},
        {"GiB", UINT64_C(1) << 30},
        {"TiB", UINT64_C(1) << 40},
        {"kB", 1000},
        {"KB", 1000},
        {"MB", 1000000},
        {"GB", 1000000000},
        {"TB", 1000000000000},
        {"B", 1},
        {"", 1},
    };
    size_t i = 0;
    while (!text_ends(text, units[i].suffix))
        i++;
    Text number = text_trim(text_slice(text, 0, text.length - strlen(units[i].suffix)));
    uint64_t whole = 0, total = 0;
    double fraction = 0;
    if (!parse_decimal(number, &whole, &fraction) || (units[i].unit == 1 && number.length > 0 && fraction > 0))
        return false;
    if (__builtin_mul_overflow(whole, units[i].unit, &total) ||
        __builtin_add_overflow(total, (uint64_t)(fraction * (double)units[i].unit + 0.5), &total) || total > INT64_MAX)
        return false;
    *out = total;
    return true;
}

const char *option_type_name(OptionType type) {
    static const char *const names[] = {
        [OPTION_FLAG] = "yes or no",     [OPTION_TEXT] = "text",     [OPTION_PATH] = "path",
        [OPTION_INTEGER] = "number",     [OPTION_SIZE] = "size",     [OPTION_DURATION] = "duration",
        [OPTION_PERCENT] = "percentage", [OPTION_CHOICE] = "choice", [OPTION_LIST] = "list",
        [OPTION_SECRET] = "secret",
    };
    return names[type];
}

static const char *dashed(Arena *arena, const char *name) {
    char *copy = arena_strdup(arena, name);
    for (char *at = copy; *at != '\0'; at++) {
        if (*at == '_')
            *at = '-';
    }
    return copy;
}

static bool has_flag(const Option *row) {
    return (row->type != OPTION_SECRET || row->may_be_flag) && !row->config_only;
}

const char *option_flag_text(Arena *arena, const Option *row) {
    if (!has_flag(row))
        return NULL;
    const char *argument = row->argument != NULL ? row->argument : "VALUE";
    return arena_printf(arena, "%s--%s%s%s", row->letter == 0 ? "" : arena_printf(arena, "-%c, ", row->letter),
                        dashed(arena, row->name), row->type == OPTION_FLAG ? "" : " ",
                        row->type == OPTION_FLAG ? "" : argument);
}

static bool parse_flag(Text value, int64_t *out) {
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (text_is(value, words[i])) {
            *out = (int64_t)(i % 2);
            return true;
        }
    }
    return false;
}

static bool parse_integer(const Option *row, Text value, int64_t *out) {
    bool negative = text_starts(value, "-");
    uint64_t number = 0;
    if (!text_to_u64(text_slice(value, negative, value.length), &number) || number > INT64_MAX)
        return false;
    int64_t wanted = negative ? -(int64_t)number : (int64_t)number;
    bool open = row->minimum == 0 && row->maximum == 0;
    if (wanted < row->minimum || (!open && wanted > row->maximum))
        return false;
    *out = wanted;
    return true;
}

/* A tenfold change is the largest tolerance anybody can mean. */
static bool parse_percent(Text value, double *out) {
    uint64_t whole = 0;
    double fraction = 0;
    if (text_ends(value, "%"))
        value = text_slice(value, 0, value.length - 1);
    if (!parse_decimal(text_trim(value), &whole, &fraction) || whole > 1000)
        return false;
    *out = ((double)whole + fraction) / 100;
    return true;
}

static bool parse_choice(const Option *row, Text value) {
    for (size_t i = 0; row->choices[i] != NULL; i++) {
        if (text_is(value, row->choices[i]))
            return true;
    }
    return false;
}

/* Commas between double quotes belong to the name: "public.contacts, \"a,b\"". */
static void parse_list(Arena *arena, Slot *slot, Text value) {
    size_t from = 0;
    bool quoted = false;
    for (size_t i = 0; i <= value.length; i++) {
        if (i < value.length && value.at[i] == '"')
            quoted = !quoted;
        if (i < value.length && (value.at[i] != ',' || quoted))
            continue;
        Text item = text_trim(text_slice(value, from, i));
        if (item.length > 0)
            *LIST_PUSH(arena, slot->list) = text_dup(arena, item);
        from = i + 1;
    }
}

static const char *expand_home(Arena *arena, Text path) {
    const char *home = getenv("HOME");
    if (home != NULL && (text_is(path, "~") || text_starts(path, "~/")))
        return arena_printf(arena, "%s%s", home, text_dup(arena, text_slice(path, 1, path.length)));
    return text_dup(arena, path);
}

static const char *expectation(Arena *arena, const Option *row) {
    switch (row->type) {
    case OPTION_FLAG:
        return "write yes or no";
    case OPTION_INTEGER:
        if (row->minimum == 0 && row->maximum == 0)
            return "write a whole number";
        return arena_printf(arena, "write a whole number between %lld and %lld", (long long)row->minimum,
                            (long long)row->maximum);
    case OPTION_SIZE:
        return "write a size such as 10MB, 1.5GiB or 4096";
    case OPTION_DURATION:
        return "write a length of time such as 90s, 15m, 24h, 7d or 1h30m";
    case OPTION_PERCENT:
        return "write a percentage such as 10%";
    case OPTION_PATH:
        return "write the path of a file or directory";
    default:
        return "write a value";
    }
}

static const char *choices_text(Arena *arena, const Option *row) {
    const char *text = "write one of:";
    for (size_t i = 0; row->choices[i] != NULL; i++)
        text = arena_printf(arena, "%s %s", text, row->choices[i]);
    return text;
}

/* False when the value is malformed. Fills the slot. */
static bool parse_value(Arena *arena, Slot *slot, Text value) {
    uint64_t size = 0;
    switch (slot->row->type) {
    case OPTION_FLAG:
        return parse_flag(value, &slot->number);
    case OPTION_INTEGER:
        return parse_integer(slot->row, value, &slot->number);
    case OPTION_SIZE:
        if (!option_parse_size(value, &size))
            return false;
        slot->number = (int64_t)size;
        return true;
    case OPTION_DURATION:
        return time_length_parse(value, &slot->number);
    case OPTION_PERCENT:
        return parse_percent(value, &slot->fraction);
    case OPTION_LIST:
        parse_list(arena, slot, value);
        return true;
    case OPTION_PATH:
        slot->text = expand_home(arena, value);
        return value.length > 0;
    case OPTION_CHOICE:
        slot->text = text_dup(arena, value);
        return parse_choice(slot->row, value);
    case OPTION_TEXT:
    case OPTION_SECRET:
        slot->text = text_dup(arena, value);
        return true;
    }
    return false;
}

void settings_declare(Settings *settings, const Option *const *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const Slot *present = slot_named(settings, rows[i]->name);
        assert(present == NULL || present->row == rows[i]);
        if (present != NULL)
            continue;
        Slot *slot = LIST_PUSH(settings->arena, settings->slots);
        slot->row = rows[i];
        *LIST_PUSH(settings->arena, settings->rows) = rows[i];
        bool valid = rows[i]->fallback == NULL || parse_value(settings->arena, slot, text_of(rows[i]->fallback));
        assert(valid && "the default of an option must be a value of its type");
        (void)valid;
    }
}

static Err *refuse(const Settings *settings, const Option *row, Text value, ErrKind kind, const char *origin) {
    Arena *arena = settings->arena;
    const char *where = origin[0] == '-' ? origin : arena_printf(arena, "%s: %s", origin, row->name);
    const char *words = row->type == OPTION_CHOICE ? choices_text(arena, row) : expectation(arena, row);
    Err *err = err_new(arena, kind, "%s: %s is not a valid %s; %s", where, text_quote(arena, value, 100),
                       row->type == OPTION_FLAG ? "yes or no" : option_type_name(row->type), words);
    size_t count = 0;
    while (row->type == OPTION_CHOICE && row->choices[count] != NULL)
        count++;
    const char *close = count == 0 ? NULL : text_suggest(text_dup(arena, value), row->choices, count);
    return close == NULL ? err : err_hint(arena, err, "did you mean %s?", close);
}

Err *settings_set(Settings *settings, const Option *row, Text value, ErrKind kind, const char *origin) {
    Slot *slot = slot_of(settings, row);
    Slot told = {.row = row, .told = true, .by_flag = kind == ERR_USAGE};
    if (row->type == OPTION_LIST && slot->told && slot->by_flag && told.by_flag)
        told.list.items = slot->list.items, told.list.count = slot->list.count,
        told.list.capacity = slot->list.capacity;
    if (value.length > 0 && memchr(value.at, '\0', value.length) != NULL)
        return err_new(settings->arena, kind, "%s: a value cannot contain a NUL byte", origin);
    if (!parse_value(settings->arena, &told, value))
        return refuse(settings, row, value, kind, origin);
    told.origin = arena_strdup(settings->arena, origin);
    if (!slot->by_flag || told.by_flag)
        *slot = told;
    return NULL;
}

/* --- command line --- */

typedef struct Arguments {
    Settings *settings;
    int argc;
    char **argv;
    int at;
} Arguments;

static const Option *row_of_flag(const Settings *settings, Text flag, bool *negated) {
    *negated = false;
    LIST_EACH (Slot, slot, settings->slots) {
        if (!has_flag(slot->row))
            continue;
        const char *name = dashed(settings->arena, slot->row->name);
        if (text_is(flag, name))
            return slot->row;
        if (slot->row->type == OPTION_FLAG && text_starts(flag, "no-") &&
            text_is(text_slice(flag, 3, flag.length), name)) {
            *negated = true;
            return slot->row;
        }
    }
    return NULL;
}

static Err *unknown_flag(const Settings *settings, Text flag) {
    Arena *arena = settings->arena;
    LIST(const char *) names = {0};
    LIST_EACH (Slot, slot, settings->slots) {
        if (has_flag(slot->row))
            *LIST_PUSH(arena, names) = dashed(arena, slot->row->name);
        else if (slot->row->type == OPTION_SECRET && text_is(flag, dashed(arena, slot->row->name)))
            return err_hint(
                arena,
                err_new(arena, ERR_USAGE, "--%s is a secret and cannot stand on a command line", text_dup(arena, flag)),
                "put %s or %s_file into the configuration file", slot->row->name, slot->row->name);
    }
    Err *err = err_new(arena, ERR_USAGE, "there is no option --%s", text_safe(arena, text_dup(arena, flag)));
    const char *close = text_suggest(text_dup(arena, flag), names.items, names.count);
    return close == NULL ? err : err_hint(arena, err, "did you mean --%s?", close);
}

static Err *next_value(Arguments *from, const char *flag, Text *value) {
    /* "--target --json" is a forgotten value far more often than a value; --target=--json says the other. */
    if (from->at + 1 >= from->argc || strncmp(from->argv[from->at + 1], "--", 2) == 0)
        return err_new(from->settings->arena, ERR_USAGE, "%s needs a value", flag);
    *value = text_of(from->argv[++from->at]);
    return NULL;
}

static Err *parse_long(Arguments *from) {
    Arena *arena = from->settings->arena;
    Text given = text_of(from->argv[from->at] + 2), value;
    Text name = text_cut(given, '=', &value);
    bool has_value = name.length < given.length, negated = false;
    const Option *row = row_of_flag(from->settings, name, &negated);
    if (row == NULL)
        return unknown_flag(from->settings, name);
    const char *flag = arena_printf(arena, "--%.*s", TEXT_ARG(name));
    if (row->type == OPTION_FLAG && negated && has_value)
        return err_new(arena, ERR_USAGE, "%s takes no value", flag);
    if (row->type == OPTION_FLAG && !has_value)
        value = negated ? TEXT("no") : TEXT("yes");
    else if (!has_value)
        TRY(next_value(from, flag, &value));
    return settings_set(from->settings, row, value, ERR_USAGE, flag);
}

static const Option *row_of_letter(const Settings *settings, char letter) {
    LIST_EACH (Slot, slot, settings->slots) {
        if (slot->row->letter == letter && has_flag(slot->row))
            return slot->row;
    }
    return NULL;
}

/* "-q", "-qv", "-j4", "-j 4", "-j=4" */
static Err *parse_short(Arguments *from) {
    Arena *arena = from->settings->arena;
    for (Text rest = text_of(from->argv[from->at] + 1); rest.length > 0;) {
        const Option *row = row_of_letter(from->settings, rest.at[0]);
        if (row == NULL)
            return err_new(arena, ERR_USAGE, "there is no option -%s",
                           text_safe(arena, text_dup(arena, text_slice(rest, 0, 1))));
        const char *flag = arena_printf(arena, "-%c", rest.at[0]);
        Text value = TEXT("yes");
        rest = text_slice(rest, 1, rest.length);
        if (row->type != OPTION_FLAG) {
            value = text_starts(rest, "=") ? text_slice(rest, 1, rest.length) : rest;
            if (rest.length == 0)
                TRY(next_value(from, flag, &value));
            rest = (Text){0};
        }
        TRY(settings_set(from->settings, row, value, ERR_USAGE, flag));
    }
    return NULL;
}

Err *settings_parse_arguments(Settings *settings, int argc, char **argv, const char ***operands, size_t *count) {
    Arguments from = {.settings = settings, .argc = argc, .argv = argv};
    LIST(const char *) found = {0};
    bool flags = true;
    for (; from.at < argc; from.at++) {
        const char *argument = argv[from.at];
        if (flags && strcmp(argument, "--") == 0)
            flags = false;
        else if (flags && strncmp(argument, "--", 2) == 0)
            TRY(parse_long(&from));
        else if (flags && argument[0] == '-' && argument[1] != '\0')
            TRY(parse_short(&from));
        else
            *LIST_PUSH(settings->arena, found) = argument;
    }
    *operands = found.items;
    *count = found.count;
    return NULL;
}

void settings_inherit(Settings *to, const Settings *from) {
    LIST_EACH (Slot, slot, to->slots) {
        const Slot *given = slot_named(from, slot->row->name);
        if (given != NULL && given->row == slot->row && given->told && !slot->told)
            *slot = *given;
    }
}

/* --- reading --- */

bool settings_given(const Settings *settings, const Option *row) {
    return slot_of(settings, row)->told;
}

const char *settings_origin(const Settings *settings, const Option *row) {
    const Slot *slot = slot_of(settings, row);
    return slot->told ? slot->origin : "default";
}

bool settings_flag(const Settings *settings, const Option *row) {
    assert(row->type == OPTION_FLAG);
    return slot_of(settings, row)->number != 0;
}

const char *settings_text(const Settings *settings, const Option *row) {
    assert(row->type == OPTION_TEXT || row->type == OPTION_PATH || row->type == OPTION_CHOICE ||
           row->type == OPTION_SECRET);
    return slot_of(settings, row)->text;
}

int64_t settings_integer(const Settings *settings, const Option *row) {
    assert(row->type == OPTION_INTEGER);
    return slot_of(settings, row)->number;
}

uint64_t settings_size(const Settings *settings, const Option *row) {
    assert(row->type == OPTION_SIZE);
    return (uint64_t)slot_of(settings, row)->number;
}

int64_t settings_duration(const Settings *settings, const Option *row) {
    assert(row->type == OPTION_DURATION);
    return slot_of(settings, row)->number;
}

double settings_fraction(const Settings *settings, const Option *row) {
    assert(row->type == OPTION_PERCENT);
    return slot_of(settings, row)->fraction;
}

const char *const *settings_list(const Settings *settings, const Option *row, size_t *count) {
    assert(row->type == OPTION_LIST);
    const Slot *slot = slot_of(settings, row);
    *count = slot->list.count;
    return (const char *const *)slot->list.items;
}

const Option *settings_find(const Settings *settings, const char *name) {
    const Slot *slot = slot_named(settings, name);
    return slot == NULL ? NULL : slot->row;
}

const Option *const *settings_rows(const Settings *settings, size_t *count) {
    *count = settings->rows.count;
    return (const Option *const *)settings->rows.items;
}
