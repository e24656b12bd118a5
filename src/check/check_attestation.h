/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CHECK_CHECK_ATTESTATION_H
#define LIFEBOAT_CHECK_CHECK_ATTESTATION_H

#include "check/check.h"

/* Shared with the check that holds the restored copy to its source. */
extern const CheckFinding check_attestation_differs;

#endif
