/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CHECK_CHECK_LOSS_H
#define LIFEBOAT_CHECK_CHECK_LOSS_H

#include "check/check.h"

/* True when there is an earlier verified backup and every table that it counted still has its rows, within max_loss. */
bool check_loss_rows_hold(CheckContext *context);

#endif
