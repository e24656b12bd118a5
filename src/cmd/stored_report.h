/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_STORED_REPORT_H
#define LIFEBOAT_CMD_STORED_REPORT_H

#include "base/json.h"
#include "cmd/terminal.h"

/*
 * A report as the store keeps it (JSON, schema lifeboat.report/1, perhaps of another lifeboat version), for people.
 * What a document lacks is left out; nothing in it is trusted to be printable.
 */
void stored_report_print(Arena *arena, const Terminal *terminal, const json_t *report, FILE *out);

#endif
