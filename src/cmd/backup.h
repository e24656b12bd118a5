/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_BACKUP_H
#define LIFEBOAT_CMD_BACKUP_H

#include "base/option.h"

/*
 * What a [target] section says of how its backups are taken (cmd_backup.c). NULL-terminated.
 */
extern const Option *const backup_options[];
extern const Option backup_format, backup_compress, backup_deadline, backup_sign_key;

#endif
