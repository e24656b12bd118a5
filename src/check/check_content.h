/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CHECK_CHECK_CONTENT_H
#define LIFEBOAT_CHECK_CHECK_CONTENT_H

#include "base/option.h"

/* --digests: whoever takes the live inventory must know whether digests are wanted. */
extern const Option check_content_digests;

#endif
