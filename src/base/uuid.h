/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_UUID_H
#define LIFEBOAT_BASE_UUID_H

#include "base/arena.h"

/* A new UUID of version 7 (RFC 9562): ids made later sort later, by the real clock and to the millisecond. */
const char *uuid_new(Arena *arena);

#endif
