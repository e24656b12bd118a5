/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CHECK_CHECK_PARTIAL_H
#define LIFEBOAT_CHECK_CHECK_PARTIAL_H

#include "check/check.h"

/* True when the backup holds nothing of a schema: then that is one finding of its own, and the tables and objects in it
 * are not reported one by one. Never for public, which every database has. */
bool check_partial_lacks_schema(CheckContext *context, const char *schema);

#endif
