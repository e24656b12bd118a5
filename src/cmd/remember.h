/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_REMEMBER_H
#define LIFEBOAT_CMD_REMEMBER_H

#include "store/store.h"

/*
 * Remember: what a verification takes from the store (history) and leaves there (the record), and whom it tells. A
 * store that cannot be opened is no reason not to verify; it is never silent either: history is then unavailable, which
 * makes the checks that need it unknown, and the run counts as not recorded.
 */
typedef struct Remember {
    const Config *config;
    StoreSetup setup;
    Store *store;     /* NULL: see trouble */
    const Err *error; /* why the store could not be opened */
} Remember;

/* Only a wrong configuration is an error. */
Err *remember_open(Arena *arena, const Config *config, Remember *out);

/* Never NULL. */
const History *remember_history(Arena *arena, const Remember *remember, const char *target, const char *path);

/* Records the run, tells the channels, and delivers to the PostgreSQL store when there is one. The error says why the
 * run is not recorded; a delivery that fails waits in the store and is logged. The channels are told in any case. */
Err *remember_report(Arena *arena, const Remember *remember, const Report *report);

#endif
