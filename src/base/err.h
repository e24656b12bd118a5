/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_BASE_ERR_H
#define LIFEBOAT_BASE_ERR_H

#include <stdarg.h>

#include "base/arena.h"

/*
 * Err: lifeboat could not do its work. (A defect of the backup is a Finding, see check/check.h.)
 *
 * A function that can fail returns Err *; NULL is success. The error lives in the arena it was given, which must
 * outlive the caller. Causes chain: the newest, most general sentence first. A message says what and where in one line
 * without a full stop; the hint says what to do next. Neither ever contains a secret; bytes from outside are quoted
 * with text_quote (base/text.h) so that they cannot drive a terminal.
 *
 *     TRY(file_open(arena, path, &file));
 *     if (size == 0) return err_new(arena, ERR_DATA, "%s is empty", path);
 */
typedef enum ErrKind {
    ERR_IO,          /* the operating system said no: errno words are in the message */
    ERR_DATA,        /* bytes that are not what they claim to be */
    ERR_LIMIT,       /* a bound of ours would be exceeded (memory, count, depth) */
    ERR_NOT_FOUND,   /* what was named does not exist */
    ERR_PERMISSION,  /* a right is missing, here or in the database */
    ERR_CONNECT,     /* a server could not be reached or hung up */
    ERR_SERVER,      /* a server answered with an error */
    ERR_PROCESS,     /* a child program failed */
    ERR_TIMEOUT,     /* a deadline of ours passed */
    ERR_UNSUPPORTED, /* well-formed, but not something this version can read or do */
    ERR_USAGE,       /* the command line is wrong: exit status 64 */
    ERR_CONFIG,      /* the configuration is wrong: exit status 78 */
    ERR_INTERRUPTED, /* the user asked us to stop: exit status 130 */
} ErrKind;

typedef struct Err Err;
struct Err {
    ErrKind kind;
    const char *message;
    const char *hint; /* NULL when there is nothing useful to say */
    const Err *cause; /* NULL at the root */
};

Err *err_new(Arena *arena, ErrKind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* As err_new, with ": " and the words of the given errno at the end; EACCES and EPERM become ERR_PERMISSION, ENOENT
 * ERR_NOT_FOUND, whatever else ERR_IO. */
Err *err_errno(Arena *arena, int number, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A more general sentence over a cause; keeps the cause's kind. The cause is copied into the arena when copy matters to
 * the caller: see err_copy. */
Err *err_wrap(Arena *arena, const Err *cause, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Sets the hint and returns the same error, for use in a return statement. */
Err *err_hint(Arena *arena, Err *err, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The whole chain copied into another arena: for an error that must outlive a worker. */
Err *err_copy(Arena *arena, const Err *err);

/* "general: cause: root cause", one line. */
const char *err_text(Arena *arena, const Err *err);

/* The first hint found from the top of the chain, or NULL. */
const char *err_first_hint(const Err *err);

/* True when the error or one of its causes is of that kind. */
int err_is(const Err *err, ErrKind kind);

/* "io", "data", ...: stable, used in JSON. */
const char *err_kind_name(ErrKind kind);

/* Returns from the enclosing function when the expression yields an error. The only macro that hides control flow. */
#define TRY(expression)                                                                                                \
    do {                                                                                                               \
        Err *try_err_ = (expression);                                                                                  \
        if (try_err_ != NULL)                                                                                          \
            return try_err_;                                                                                           \
    } while (0)

#endif
