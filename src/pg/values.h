/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_PG_VALUES_H
#define LIFEBOAT_PG_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/*
 * Values: counts the rows of one INSERT statement from its tokens, as the splitter (pg/sql.h) meets them.
 *
 *     INSERT INTO t [(a, b)] [OVERRIDING USER VALUE] VALUES (1, 2), (3, 4) [ON CONFLICT DO NOTHING] [RETURNING ...]
 *     INSERT INTO t DEFAULT VALUES
 *
 * Rows that come from a query, and anything that is not shaped so, leave it uncounted. `depth` is the number of open
 * parentheses before the token. Fact source: InsertStmt in src/backend/parser/gram.y, dumpTableData_insert in
 * pg_dump.c.
 */
typedef enum ValuesPhase {
    VALUES_NONE, /* no INSERT */
    VALUES_HEAD, /* before VALUES */
    VALUES_DEFAULT,
    VALUES_BEFORE_ROW,
    VALUES_AFTER_ROW, /* and inside one, while depth is above 0 */
    VALUES_TAIL,
    VALUES_QUERY, /* the rows come from a SELECT, TABLE or WITH */
    VALUES_LOST,
} ValuesPhase;

typedef struct Values {
    ValuesPhase phase;
    uint64_t rows;
    uint64_t width;             /* values of the present row so far */
    uint64_t narrowest, widest; /* of all rows; 0 for DEFAULT VALUES */
} Values;

/* Behind the word INSERT. */
Values values_start(void);

/* An unquoted word in lower case. True when it is the VALUES that ends the head. */
bool values_word(Values *values, Text word, uint64_t depth);
void values_open(Values *values, uint64_t depth);
void values_close(Values *values, uint64_t depth);
void values_comma(Values *values, uint64_t depth);
/* Any other token. */
void values_token(Values *values, uint64_t depth);

/* At the end of the statement: the rows are all there and known. */
bool values_counted(const Values *values);

#endif
