/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/backup.h"

#include <stddef.h>

static const char *const formats[] = {"custom", "directory", NULL};
const Option backup_format = {.name = "backup_format",
                              .type = OPTION_CHOICE,
                              .argument = "FORMAT",
                              .choices = formats,
                              .fallback = "custom",
                              .summary = "what lifeboat backup writes: custom (one file) or directory (several "
                                         "connections dump at once)"};

static const char *const methods[] = {"auto", "none", "gzip", "zstd", NULL};
const Option backup_compress = {
    .name = "backup_compress",
    .type = OPTION_CHOICE,
    .argument = "METHOD",
    .choices = methods,
    .fallback = "auto",
    .summary = "how lifeboat backup compresses: none, gzip, zstd; auto is zstd where pg_dump can (16), else gzip"};

const Option backup_deadline = {.name = "backup_deadline",
                                .type = OPTION_DURATION,
                                .argument = "LENGTH",
                                .fallback = "12h",
                                .summary = "longest that the dump, and the counting beside it, may each take"};

const Option backup_sign_key = {
    .name = "sign_key",
    .type = OPTION_PATH,
    .argument = "FILE",
    .summary = "Ed25519 private key (PEM) that lifeboat backup signs attestations with",
    .detail = "openssl genpkey -algorithm ed25519 -out FILE. It must be readable by its owner only, and is best kept "
              "where the backups are not. The public half goes into verify_key."};

const Option *const backup_options[] = {&backup_format, &backup_compress, &backup_deadline, &backup_sign_key, NULL};
