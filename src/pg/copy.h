/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_PG_COPY_H
#define LIFEBOAT_PG_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/text.h"

/*
 * Copy: rows of COPY text format, counted, checked and digested as they pass, in pieces of any size.
 *
 * A row ends in a newline: COPY escapes newline, tab and backslash inside values (backend/commands/copyto.c,
 * CopyAttributeOutText), in every client encoding, so a raw newline is a row's end and a raw tab parts two values. The
 * line "\." ends the data; pg_dump writes it after the last row (pg_dump.c, dumpTableData_copy).
 *
 * The digest is the HashSum of each row without its newline. Rows are never kept: memory does not depend on their
 * length. On processors with AVX2 a faster twin of the scanner runs; both give the same result for the same bytes.
 *
 *     Copy *copy = copy_new(arena);
 *     copy_start(copy, 3);
 *     while (!ended && more) copy_feed(copy, piece, &used, &ended);
 *     const CopyResult *result = copy_finish(copy);
 */
#define COPY_COLUMNS_UNKNOWN (-1)

/* PostgreSQL builds a row's line in one allocation, which is limited to 1 GiB (MaxAllocSize): no longer row exists. */
#define COPY_ROW_MAXIMUM (UINT64_C(1) << 30)

typedef enum CopyProblem {
    COPY_FINE,
    COPY_COLUMNS,  /* a row has more or fewer values than the column list */
    COPY_NUL,      /* a NUL byte, which no value can hold */
    COPY_LONG_ROW, /* a row beyond COPY_ROW_MAXIMUM; what follows was not looked at */
    COPY_CUT,      /* the data ends inside a row */
    COPY_NO_END,   /* the data ends without the "\." line */
} CopyProblem;

typedef struct CopyResult {
    uint64_t rows;
    uint64_t bytes; /* of the rows with their newlines; the "\." line is not counted */
    HashSum digest;
    bool ended;          /* the "\." line was seen */
    CopyProblem problem; /* the first one */
    uint64_t row;        /* where: 1-based; for COPY_NUL the last row of the piece that held it, or before */
    uint64_t values;     /* COPY_COLUMNS: how many values that row has */
    uint64_t wrong_rows; /* rows with a wrong number of values */
} CopyResult;

typedef struct Copy Copy;

/* May be started again and again. */
Copy *copy_new(Arena *arena);
/* The same with the portable scanner, whatever the processor: for tests that hold both to the same results. */
Copy *copy_new_portable(Arena *arena);

/* `columns` values in each row; 0: rows are empty lines (a table without columns); COPY_COLUMNS_UNKNOWN: as many as the
 * first row has. */
void copy_start(Copy *copy, int64_t columns);

/* Takes all bytes, unless the "\." line ends among them: *used is then the offset behind its newline and *ended true.
 */
void copy_feed(Copy *copy, Text bytes, size_t *used, bool *ended);

/* The data is over. Valid until the next copy_start. */
const CopyResult *copy_finish(Copy *copy);

/* "row 7 has 3 values, 5 were announced": printable. */
const char *copy_problem_text(Arena *arena, const CopyResult *result, int64_t columns);

#endif
