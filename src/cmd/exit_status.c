/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/exit_status.h"

const ExitStatus exit_status_table[] = {
    {EXIT_STATUS_OK, "ok", "the backup passed, perhaps with warnings; or the command did what it was asked",
     "Nothing. With --strict a warning is a failure and ends with 1."},
    {EXIT_STATUS_FAIL, "fail", "something is wrong with the backup, or two things that were compared differ",
     "Read the findings; \"lifeboat explain ID\" says what each one means and what to do now."},
    {EXIT_STATUS_UNKNOWN, "unknown", "lifeboat could not tell: a check that was asked for could not run",
     "Treat it like a failure until the reason is gone: nothing has been shown about the backup."},
    {EXIT_STATUS_USAGE, "usage", "the command line is wrong; nothing was done",
     "Read \"lifeboat help COMMAND\" and correct the call."},
    {EXIT_STATUS_CONFIG, "configuration", "the configuration is wrong; nothing was done",
     "The message names the file and the line; \"lifeboat doctor\" looks at the rest."},
    {EXIT_STATUS_INTERRUPTED, "interrupted", "stopped by SIGINT, SIGTERM or SIGHUP before it came to an answer",
     "Run it again: an interrupted verification has shown nothing."},
    {0, NULL, NULL, NULL},
};

int exit_status_of(const Err *err) {
    switch (err->kind) {
    case ERR_USAGE:
        return EXIT_STATUS_USAGE;
    case ERR_CONFIG:
        return EXIT_STATUS_CONFIG;
    case ERR_INTERRUPTED:
        return EXIT_STATUS_INTERRUPTED;
    default:
        return EXIT_STATUS_UNKNOWN;
    }
}
