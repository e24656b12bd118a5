/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_VERIFY_OUTPUT_H
#define LIFEBOAT_CMD_VERIFY_OUTPUT_H

#include "cmd/terminal.h"
#include "verdict/report.h"

/*
 * What `lifeboat verify` prints: one report, or several with the worst verdict over them. The reports are collected in
 * a file in memory, so that the child that reads a backup can write what the parent prints when all are done.
 */
typedef enum VerifyRecorded { VERIFY_NOT_ASKED = '-', VERIFY_RECORDED = 'r', VERIFY_NOT_RECORDED = 'n' } VerifyRecorded;

typedef struct VerifyOutput {
    const Terminal *terminal;
    bool json;
    bool quiet; /* nothing about a backup that passes, one line about any other */
    bool many;  /* several reports are expected: JSON gets an envelope */
    int descriptor;
} VerifyOutput;

/* Makes the file in memory; the other members are the caller's. */
Err *verify_output_open(Arena *arena, VerifyOutput *output);

Err *verify_output_add(Arena *arena, const VerifyOutput *output, const Report *report, VerifyRecorded recorded);

/* Drops half a report that a child left behind when it died. */
Err *verify_output_mend(Arena *arena, const VerifyOutput *output);

/* Prints all of them. *status is the exit status of the worst; a run that should have been recorded and is not never
 * exits with 0. */
Err *verify_output_print(Arena *arena, const VerifyOutput *output, FILE *out, int *status);

#endif
