/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_TARGET_H
#define LIFEBOAT_CMD_TARGET_H

#include "base/config.h"

/*
 * Target: a database whose backups are verified: one [target NAME] section. Its settings are the rows below, those of
 * the verification and those of every check; a command line inherits them (settings_inherit) where it says nothing
 * itself.
 */
extern const Option target_path;             /* where the backups are: a file, a directory-format dump, or a folder */
extern const Option *const target_options[]; /* NULL-terminated: the target's own rows */

/* Every row a [target] section may hold. */
void target_declare(Settings *settings);

typedef struct Target {
    const char *name;
    const ConfigSection *section;
    Settings *settings; /* target_declare, with the section applied */
} Target;

typedef LIST(Target) Targets;

/* The target of that name. ERR_USAGE, with a suggestion, when the configuration has none. */
Err *target_load(Arena *arena, const Config *config, const char *name, Target *out);

/* All of them, in the order of the file. */
Err *target_load_all(Arena *arena, const Config *config, Targets *out);

#endif
