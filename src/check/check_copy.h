/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CHECK_CHECK_COPY_H
#define LIFEBOAT_CHECK_CHECK_COPY_H

#include "check/check.h"

/* Options of checks of the restored copy that decide what is looked at, and so are read by who looks (verdict/prove.c).
 */
extern const Option check_pages_amcheck;
extern const Option check_strangers_open;

/* Reported for what is read as well as for what is restored. */
extern const CheckFinding check_restore_hostile;

#endif
