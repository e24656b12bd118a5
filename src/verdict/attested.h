/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_VERDICT_ATTESTED_H
#define LIFEBOAT_VERDICT_ATTESTED_H

#include "check/check.h"

/*
 * Attested: looks for what stands beside a backup (source/companion.h): reads the attestation, the backup's files once
 * more for their SHA-256, the signature, and the roles of the globals. What was found is kept in the context, for the
 * checks that judge it.
 */
extern const Option attested_verify_key; /* PEM file with the public key that attestations must be signed with */

/* ERR_CONFIG when the key that was given is none. */
Err *attested_validate(Arena *arena, const Settings *settings);

/* `path` is the backup's. An error only when interrupted. */
Err *attested_look(Arena *arena, const char *path, CheckContext *context);

#endif
