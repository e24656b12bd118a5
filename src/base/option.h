/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_OPTION_H
#define LIFEBOAT_BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/list.h"
#include "base/text.h"

/*
 * Option: one setting, declared once as a row of plain C in the file that uses it. The row gives the command-line flag,
 * the configuration key, the type, the default, and the explanation; from it come parsing, --help, the manual page,
 * shell completion, the reference and `doctor`.
 *
 * `name` is the configuration key ("max_age"); the flag is the same with dashes ("--max-age"). A secret has no flag
 * (secrets never stand in arguments) unless `may_be_flag` says that its value need not hold one, as a conninfo need
 * not: whoever reads it then refuses a value from a flag (settings_origin begins with "-") that does. A secret has a
 * twin key NAME_file, made from the same row.
 *
 * Settings holds the values of a set of rows with their origin. Precedence: flag, then configuration, then default.
 *
 *     static const Option max_age = {.name = "max_age", .type = OPTION_DURATION, .fallback = "24h", ...};
 *     int64_t limit = settings_duration(settings, &max_age);
 */
typedef enum OptionType {
    OPTION_FLAG,     /* present or not; "yes"/"no" in configuration */
    OPTION_TEXT,     /* any string */
    OPTION_PATH,     /* a file or directory; ~ is expanded */
    OPTION_INTEGER,  /* decimal, between minimum and maximum */
    OPTION_SIZE,     /* bytes: 10MB (10^6), 10MiB, 1GB, plain digits */
    OPTION_DURATION, /* 90s 15m 24h 7d (base/time.h) */
    OPTION_PERCENT,  /* 10% or 10; kept as a fraction: 0.10 */
    OPTION_CHOICE,   /* one of .choices */
    OPTION_LIST,     /* comma-separated strings; repeated flags add up */
    OPTION_SECRET,   /* a string that is never shown; configuration only */
} OptionType;

typedef struct Option {
    const char *name;
    char letter; /* short flag, or 0 */
    OptionType type;
    const char *argument;       /* "AGE": how the reference names the value */
    const char *fallback;       /* default in the same syntax, NULL for none */
    const char *const *choices; /* OPTION_CHOICE: NULL-terminated */
    int64_t minimum, maximum;   /* OPTION_INTEGER; both 0: any non-negative */
    bool flag_only;             /* makes no sense in a configuration file */
    bool config_only;           /* no command-line flag */
    bool may_be_flag;           /* OPTION_SECRET: has a command-line flag nevertheless */
    const char *summary;        /* one line, no full stop */
    const char *detail;         /* paragraphs for the reference, or NULL */
} Option;

typedef struct Settings Settings;

/* Rows must outlive the settings. A name given twice is a programming error (asserted). */
Settings *settings_new(Arena *arena);
void settings_declare(Settings *settings, const Option *const *rows, size_t count);

/* Sets from text; the origin ("--max-age", "/etc/lifeboat.conf:12") is quoted in errors and by doctor. ERR_CONFIG or
 * ERR_USAGE by `kind`. Secrets are never quoted. */
Err *settings_set(Settings *settings, const Option *row, Text value, ErrKind kind, const char *origin);

/* Parses argv after the command name: fills the settings, returns operands. Unknown flags are ERR_USAGE with a
 * suggestion; "--" ends flags; --flag=value and --flag value and -f value; OPTION_FLAG accepts --no-flag. */
Err *settings_parse_arguments(Settings *settings, int argc, char **argv, const char ***operands, size_t *count);

/* Copies what `from` was told (not its defaults) into every row `to` also declares and that was not told yet. */
void settings_inherit(Settings *to, const Settings *from);

bool settings_given(const Settings *settings, const Option *row); /* told, not defaulted */
const char *settings_origin(const Settings *settings, const Option *row);
bool settings_flag(const Settings *settings, const Option *row);
const char *settings_text(const Settings *settings, const Option *row); /* TEXT PATH CHOICE SECRET; NULL when unset */
int64_t settings_integer(const Settings *settings, const Option *row);
uint64_t settings_size(const Settings *settings, const Option *row);
int64_t settings_duration(const Settings *settings, const Option *row);
double settings_fraction(const Settings *settings, const Option *row);
const char *const *settings_list(const Settings *settings, const Option *row, size_t *count);
/* The row of that configuration key, or NULL. */
const Option *settings_find(const Settings *settings, const char *name);
const Option *const *settings_rows(const Settings *settings, size_t *count);

/* "--max-age AGE" as help shows it; NULL when the row has no flag. */
const char *option_flag_text(Arena *arena, const Option *row);
const char *option_type_name(OptionType type);
/* "10MB", "1.5GiB", "4096": false when malformed or beyond 2^63. */
bool option_parse_size(Text text, uint64_t *out);

#endif
