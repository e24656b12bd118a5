/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/environment.h"

#include <stddef.h>

const EnvironmentVariable environment_table[] = {
    {"LIFEBOAT_CONFIG", "the configuration file, unless --config names one"},
    {"LIFEBOAT_STATE", "the directory of the store, unless the configuration names one"},
    {"LIFEBOAT_NOW", "an RFC 3339 time to take for now, in rehearsals and tests; the report says so"},
    {"XDG_CONFIG_HOME", "where lifeboat/lifeboat.conf is looked for before ~/.config"},
    {"XDG_STATE_HOME", "where the store is kept instead of ~/.local/state"},
    {"PGHOST, PGPORT, PGUSER, PGPASSFILE, PGSERVICE, ...",
     "libpq's own variables complete every connection string; passwords belong into a PGPASSFILE"},
    {"NO_COLOR", "no colours, whatever its value; also off when TERM is dumb or the output is no terminal"},
    {"COLUMNS", "width of the output where the terminal does not tell"},
    {NULL, NULL},
};
