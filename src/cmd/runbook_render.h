/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_RUNBOOK_RENDER_H
#define LIFEBOAT_CMD_RUNBOOK_RENDER_H

#include "cmd/command.h"

extern const Option runbook_render_out; /* --out FILE */

/* The text into the file of --out, else to the output. */
Err *runbook_render_put(const CommandCall *call, const char *text);

#endif
