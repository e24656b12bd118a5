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
extern const Check check_attestation;
extern const Check check_partial;
extern const Check check_critical;
extern const Check check_rows;
extern const Check check_loss;
extern const Check check_structure;
extern const Check check_content;
extern const Check check_restorability;
extern const Check check_gap;
extern const Check check_restore;
extern const Check check_copied;
extern const Check check_source;
extern const Check check_definitions;
extern const Check check_keys;
extern const Check check_sequences;
extern const Check check_indexes;
extern const Check check_constraints;
extern const Check check_triggers;
extern const Check check_policies;
extern const Check check_views;
extern const Check check_functions;
extern const Check check_pages;
extern const Check check_questions;
extern const Check check_writes;
extern const Check check_strangers;

#endif
