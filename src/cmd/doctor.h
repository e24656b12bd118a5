/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_CMD_DOCTOR_H
#define LIFEBOAT_CMD_DOCTOR_H

#include "cmd/command.h"
#include "cmd/target.h"
#include "store/store.h"

/*
 * Doctor: can lifeboat do its work here? One line for each thing looked at, with the fix where something is wrong. It
 * looks at what surrounds a verification (configuration, connection, rights, tools, disk, clock, store, channels), not
 * at backups.
 */
typedef enum DoctorStatus { DOCTOR_OK, DOCTOR_WARNING, DOCTOR_PROBLEM, DOCTOR_UNKNOWN } DoctorStatus;

typedef struct DoctorLine {
    DoctorStatus status;
    const char *group; /* "Configuration", "Target production", ... */
    const char *what;  /* "clock": stable, for scripts */
    const char *text;  /* one sentence, printable */
    const char *fix;   /* what to do, or NULL */
} DoctorLine;

typedef struct Doctor {
    Arena *arena;
    const char *group; /* of the lines that are added */
    LIST(DoctorLine) lines;
} Doctor;

const char *doctor_status_name(DoctorStatus status); /* "ok", "warning", "problem", "unknown" */

/* Adds a line; `fix` may be NULL. */
void doctor_add(Doctor *doctor, DoctorStatus status, const char *what, const char *text, const char *fix);
/* A line from an error, with its hint as the fix. */
void doctor_add_error(Doctor *doctor, DoctorStatus status, const char *what, const Err *err);

/* The backups and the live database of one target. *server_major is raised to the newest server seen. */
void doctor_target(Doctor *doctor, const Target *target, int *server_major);

/* The live database alone: reachable, right kind of session, rights, clock. */
void doctor_database(Doctor *doctor, const char *conninfo, int *server_major);

/* What a difference between two clocks means, when it is only known to within `blur` (half a round trip). Microseconds.
 */
DoctorStatus doctor_database_skew(int64_t skew, int64_t blur);

/* PostgreSQL's programs; `server_major` 0 when no server was seen. */
void doctor_tools(Doctor *doctor, int server_major);

/* [runbook] and [runbook NAME]: values of their type, secrets that can be read. Nothing when there is no such section.
 */
void doctor_runbook(Doctor *doctor, const CommandCall *call, const Config *config);

/* Store, its disk, the PostgreSQL store, and the channels. */
void doctor_store(Doctor *doctor, const Config *config);

#endif
