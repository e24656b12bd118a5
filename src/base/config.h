/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_CONFIG_H
#define LIFEBOAT_BASE_CONFIG_H

#include "base/err.h"
#include "base/list.h"
#include "base/option.h"

/*
 * Config: an INI file as sections of key/value lines that remember where they stood. It knows nothing of which sections
 * and keys exist: whoever owns a section kind ([target NAME], [notify NAME], [store]) applies it to its Settings with
 * config_apply, which refuses unknown keys by line and with a suggestion.
 *
 * Values: ${VAR} is replaced by the environment variable (unset is an error; $$ is a dollar); a secret's twin NAME_file
 * is read from that file, whose mode must not let others read it. A configuration file that holds a secret must not be
 * readable by others either. "Others" is PostgreSQL's rule for key files: anybody but the owner, or a group unless root
 * owns the file. Relative paths in the file are relative to the file.
 *
 * Every error here is ERR_CONFIG and begins with "path:line: ".
 */
typedef struct ConfigLine {
    const char *key;
    const char *value; /* after ${VAR} */
    int line;
    bool from_environment; /* at least part of the value came from ${VAR}: the file itself does not hold it */
} ConfigLine;

typedef struct ConfigSection {
    const char *kind; /* "target" */
    const char *name; /* "production", or "" */
    int line;
    LIST(ConfigLine) lines;
} ConfigSection;

typedef struct Config {
    const char *path; /* NULL when there is no file */
    bool shared;      /* readable by others, see above */
    LIST(ConfigSection) sections;
} Config;

/* The file lifeboat would read: `given` (--config), else $LIFEBOAT_CONFIG, $XDG_CONFIG_HOME/lifeboat/lifeboat.conf,
 * ~/.config/lifeboat/lifeboat.conf, /etc/lifeboat/lifeboat.conf; NULL when none exists. A given file must exist. */
Err *config_find(Arena *arena, const char *given, const char **path);

/* path NULL gives an empty Config. */
Err *config_read(Arena *arena, const char *path, Config **out);

/* Bytes instead of a file (tests, fuzzing); `path` is for messages. */
Err *config_parse(Arena *arena, Text bytes, const char *path, Config **out);

/* The section of that kind and name, or NULL. */
const ConfigSection *config_section(const Config *config, const char *kind, const char *name);

/* Sets every line of the section; settings must have declared the rows that the section kind allows. */
Err *config_apply(Arena *arena, const Config *config, const ConfigSection *section, Settings *settings);

/* The same for those who only look and may have no right to the secrets: they are neither read nor set. */
Err *config_apply_to_look(Arena *arena, const Config *config, const ConfigSection *section, Settings *settings);

/* A path as the file means it, the same from wherever lifeboat is started: relative to the file, ~ expanded. */
const char *config_beside(Arena *arena, const Config *config, const char *path);

/* The secret that a file holds, without its line end; ERR_CONFIG, beginning with `origin`, when the file is empty,
 * cannot be read, or others may read it. */
Err *config_secret_file(Arena *arena, const char *path, const char *origin, Text *out);

#endif
