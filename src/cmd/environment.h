/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_ENVIRONMENT_H
#define LIFEBOAT_CMD_ENVIRONMENT_H

/* The environment variables lifeboat reads, declared for the reference. */
typedef struct EnvironmentVariable {
    const char *name;
    const char *summary; /* one line */
} EnvironmentVariable;

extern const EnvironmentVariable environment_table[]; /* ends with a NULL name */

#endif
