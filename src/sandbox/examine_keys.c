/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>

#include "base/text.h"
#include "sandbox/examine_parts.h"

/* One row per foreign key as declared (not its copies on partitions): name, and the statement that counts its orphans.
 * MATCH SIMPLE: a key with a NULL in it points nowhere and is no orphan; MATCH FULL: only one that is all NULL. */
static const char keys[] =
    "SELECT format('foreign key %I of %s', k.conname, k.conrelid::regclass), "
    "format('SELECT count(*) FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s)', k.conrelid::regclass, "
    "CASE WHEN k.confmatchtype = 'f' THEN '(' || string_agg(format('c.%I IS NOT NULL', a.attname), ' OR ' ORDER BY "
    "o.n) "
    "|| ')' ELSE string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ' ORDER BY o.n) END, "
    "k.confrelid::regclass, string_agg(format('p.%I OPERATOR(%I.%s) c.%I', f.attname, ns.nspname, op.oprname, "
    "a.attname), ' AND ' ORDER BY o.n)) "
    "FROM pg_constraint k CROSS JOIN LATERAL unnest(k.conkey, k.confkey, k.conpfeqop) WITH ORDINALITY AS o (c, p, e, "
    "n) "
    "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = o.c "
    "JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = o.p "
    "JOIN pg_operator op ON op.oid = o.e JOIN pg_namespace ns ON ns.oid = op.oprnamespace "
    "WHERE k.contype = 'f' AND k.conparentid = 0 GROUP BY k.oid, k.conname, k.conrelid, k.confrelid, k.confmatchtype "
    "ORDER BY 1";

Err *examine_keys_foreign(Examiner *examiner, ExamineResult *result) {
    PGresult *list = NULL;
    TRY(examine_rows(examiner, keys, &list));
    for (int i = 0; i < PQntuples(list); i++) {
        PGresult *rows = NULL;
        uint64_t orphans = 0;
        TRY(examine_rows(examiner, PQgetvalue(list, i, 1), &rows));
        if (PQntuples(rows) != 1 || !text_to_u64(text_of(PQgetvalue(rows, 0, 0)), &orphans))
            return err_new(examiner->arena, ERR_SERVER, "the orphans of a foreign key could not be counted");
        result->looked_at++;
        if (orphans > 0)
            examine_fact(examiner, result,
                         &(ExamineFact){PQgetvalue(list, i, 0), "every row has its parent",
                                        arena_printf(examiner->arena, "%llu %s without", (unsigned long long)orphans,
                                                     orphans == 1 ? "row" : "rows")});
    }
    return NULL;
}

/* One row per sequence that feeds a column: where, and the statement that gives (the next value is taken, next value,
 * furthest value of the column). */
static const char sequences[] =
    "SELECT format('sequence %s of %s.%I', s.seqrelid::regclass, d.refobjid::regclass, a.attname), "
    "format('SELECT m.v %s q.next, q.next, m.v FROM (SELECT CASE WHEN is_called THEN last_value + (%s) ELSE last_value "
    "END AS next FROM %s) q, (SELECT %s(%I)::numeric AS v FROM %s) m', CASE WHEN s.seqincrement > 0 THEN '>=' ELSE "
    "'<=' "
    "END, s.seqincrement, s.seqrelid::regclass, CASE WHEN s.seqincrement > 0 THEN 'max' ELSE 'min' END, a.attname, "
    "d.refobjid::regclass) "
    "FROM pg_sequence s JOIN pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = s.seqrelid AND "
    "d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0 "
    "JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid "
    "JOIN pg_type t ON t.oid = a.atttypid AND t.typcategory = 'N' WHERE NOT s.seqcycle ORDER BY 1";

Err *examine_keys_sequences(Examiner *examiner, ExamineResult *result) {
    PGresult *list = NULL;
    TRY(examine_rows(examiner, sequences, &list));
    for (int i = 0; i < PQntuples(list); i++) {
        PGresult *rows = NULL;
        TRY(examine_rows(examiner, PQgetvalue(list, i, 1), &rows));
        result->looked_at++;
        if (PQntuples(rows) == 1 && PQgetvalue(rows, 0, 0)[0] == 't')
            examine_fact(examiner, result,
                         &(ExamineFact){PQgetvalue(list, i, 0),
                                        arena_printf(examiner->arena, "beyond %s", PQgetvalue(rows, 0, 2)),
                                        arena_printf(examiner->arena, "next value %s", PQgetvalue(rows, 0, 1))});
    }
    return NULL;
}
