/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_REPORT_TEXT_H
#define LIFEBOAT_CMD_REPORT_TEXT_H

#include <stdio.h>

#include "cmd/terminal.h"
#include "verdict/report.h"

/*
 * A report for people: one sentence first, then the checks, what is wrong, what was not tested, what to do. Every mark
 * has its word beside it. Fits 80 columns.
 */
void report_text(FILE *out, const Terminal *terminal, const Report *report);

/* The same without the sentence at its head: for what has a sentence of its own. */
void report_text_body(FILE *out, const Terminal *terminal, const Report *report);

/* The sentence alone: "fail  app.dump: critical table public.contacts is missing". */
void report_text_line(FILE *out, const Terminal *terminal, const Report *report);

#endif
