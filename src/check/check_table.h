/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CHECK_CHECK_TABLE_H
#define LIFEBOAT_CHECK_CHECK_TABLE_H

#include "check/check.h"

/* The rows of check.c's table, each defined in the file that implements it. */
extern const Check check_exists;
extern const Check check_age;
extern const Check check_size;
extern const Check check_header;
extern const Check check_decode;
extern const Check check_complete;
extern const Check check_partial;
extern const Check check_critical;
extern const Check check_rows;
extern const Check check_loss;
extern const Check check_structure;
extern const Check check_content;
extern const Check check_restorability;
extern const Check check_gap;

#endif
