/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_PROCESS_H
#define LIFEBOAT_BASE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Child programs: an argument vector, never a shell; a deadline; standard error kept; exit status and words both given
 * to the caller, because PostgreSQL's tools say "errors ignored" with status 0. Secrets never go into arguments: pass
 * them by file (PGPASSFILE) in `environment`.
 *
 * The child runs in its own process group, which is ended (SIGTERM, two seconds later SIGKILL) when the deadline passes
 * and when the user interrupts; what a child leaves in its group is killed when it exits. (PR_SET_PDEATHSIG) it is
 * killed when lifeboat dies.
 */
typedef struct ProcessRequest {
    const char *const *arguments;   /* NULL-terminated; [0] is looked up in PATH when it has no slash */
    const char *const *environment; /* NULL-terminated NAME=value added to ours, or NULL */
    const char *directory;          /* working directory, or NULL */
    int64_t deadline;               /* microseconds of run time, 0 for none */
    int input;                      /* descriptor for standard input, or 0 for /dev/null */
    int output;                     /* descriptor for standard output, or 0 to collect it */
    const char *user;               /* become this user (only root can), or NULL */
    bool cleaning_up; /* run it although the user asked to stop: it undoes what was done; set a deadline */
    size_t keep;      /* bytes kept of each collected stream (the last ones); 0 means 1 MiB */
    /* Called with each line of standard error (without its newline) as it comes, or NULL. */
    void (*on_line)(Text line, void *context);
    /* The same with the process that wrote the line, for a program that works in several at once: what they write at
     * the same time is kept apart. Instead of on_line. */
    void (*on_line_of)(pid_t writer, Text line, void *context);
    void *context;
} ProcessRequest;

typedef struct ProcessResult {
    int status;      /* exit status, or -1 when a signal ended it */
    int signal;      /* the signal, or 0 */
    bool timed_out;  /* the deadline ended it */
    int64_t elapsed; /* microseconds */
    Buf *output;     /* what was collected */
    Buf *errors;     /* standard error */
} ProcessResult;

/* An error when the program could not be started or the user interrupted; a failing program is a result. */
Err *process_run(Arena *arena, const ProcessRequest *request, ProcessResult *out);

/* As process_run, but a non-zero exit, signal or deadline is an ERR_PROCESS with the last words of standard error. */
Err *process_must(Arena *arena, const ProcessRequest *request, ProcessResult *out);

/* A long-running child (a server). Stopped by process_stop, with the arena, and in any case when lifeboat dies or the
 * thread that started it ends (PR_SET_PDEATHSIG counts threads): start it from one that outlives it. Both its streams
 * go to request->output, or nowhere when that is 0; deadline, keep and on_line do not apply. */
typedef struct Process Process;
Err *process_start(Arena *arena, const ProcessRequest *request, Process **out);
pid_t process_pid(const Process *process);
bool process_running(Process *process);
/* Sends the signal, waits up to `patience` microseconds, then kills. */
void process_stop(Process *process, int signal, int64_t patience);

/* Absolute path of a program in PATH, or NULL. */
const char *process_find(Arena *arena, const char *program);

#endif
