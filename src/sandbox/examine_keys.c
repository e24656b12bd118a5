/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>

#include "base/text.h"
#include "sandbox/examine_parts.h"

/* One row per foreign key as declared (not its copies on partitions): name, the statement that counts its orphans, and
 * whether PostgreSQL holds it for true. MATCH SIMPLE: a key with a NULL in it points nowhere and is no orphan; MATCH
 * FULL: only one that is all NULL. Children of a table by inheritance have no part in its keys, partitions have. */
static const char keys[] =
    "SELECT format('foreign key %I of %s', k.conname, k.conrelid::regclass), "
    "format('SELECT count(*) FROM %s %s c WHERE %s AND NOT EXISTS (SELECT FROM %s %s p WHERE %s)', "
    "CASE t.relkind WHEN 'p' THEN '' ELSE 'ONLY' END, k.conrelid::regclass, "
    "CASE WHEN k.confmatchtype = 'f' THEN '(' || string_agg(format('c.%I IS NOT NULL', a.attname), ' OR ' ORDER BY "
    "o.n) || ')' ELSE string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ' ORDER BY o.n) END, "
    "CASE r.relkind WHEN 'p' THEN '' ELSE 'ONLY' END, k.confrelid::regclass, string_agg(format('p.%I OPERATOR(%I.%s) "
    "c.%I', f.attname, ns.nspname, op.oprname, a.attname), ' AND ' ORDER BY o.n)), k.convalidated "
    "FROM pg_constraint k CROSS JOIN LATERAL unnest(k.conkey, k.confkey, k.conpfeqop) WITH ORDINALITY AS o (c, p, e, "
    "n) JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid "
    "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = o.c "
    "JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attnum = o.p "
    "JOIN pg_operator op ON op.oid = o.e JOIN pg_namespace ns ON ns.oid = op.oprnamespace "
    "WHERE k.contype = 'f' AND k.conparentid = 0 GROUP BY k.oid, k.conname, k.conrelid, k.confrelid, k.confmatchtype, "
    "k.convalidated, t.relkind, r.relkind ORDER BY 1";

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
            examine_fact(
                examiner, result,
                &(ExamineFact){.where = PQgetvalue(list, i, 0),
                               .expected = "every row has its parent",
                               .found = arena_printf(examiner->arena, "%llu %s without", (unsigned long long)orphans,
                                                     orphans == 1 ? "row" : "rows"),
                               .lesser = PQgetvalue(list, i, 2)[0] == 'f'});
    }
    return NULL;
}

/* One row per sequence that feeds a column, because it belongs to it (serial, identity) or because the column's default
 * calls it: where, and the statement that gives (the next value is taken, next value, furthest value of the column). */
static const char sequences[] =
    "WITH feeds AS (SELECT objid AS seq, refobjid AS rel, refobjsubid AS col FROM pg_depend WHERE classid = "
    "'pg_catalog.pg_class'::regclass AND refclassid = 'pg_catalog.pg_class'::regclass AND deptype IN ('a', 'i') AND "
    "refobjsubid > 0 UNION SELECT d.refobjid, v.adrelid, v.adnum FROM pg_depend d JOIN pg_attrdef v ON v.oid = d.objid "
    "WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass) "
    "SELECT format('sequence %s of %s.%I', s.seqrelid::regclass, d.rel::regclass, a.attname), "
    "format('SELECT m.v %s q.next, q.next, m.v FROM (SELECT CASE WHEN is_called THEN last_value + (%s) ELSE last_value "
    "END AS next FROM %s) q, (SELECT %s(%I)::numeric AS v FROM %s) m', CASE WHEN s.seqincrement > 0 THEN '>=' ELSE "
    "'<=' END, s.seqincrement, s.seqrelid::regclass, CASE WHEN s.seqincrement > 0 THEN 'max' ELSE 'min' END, "
    "a.attname, d.rel::regclass) FROM pg_sequence s JOIN feeds d ON d.seq = s.seqrelid "
    "JOIN pg_attribute a ON a.attrelid = d.rel AND a.attnum = d.col "
    "JOIN pg_type t ON t.oid = a.atttypid AND t.typcategory = 'N' WHERE NOT s.seqcycle ORDER BY 1";

Err *examine_keys_sequences(Examiner *examiner, ExamineResult *result) {
    PGresult *list = NULL;
    TRY(examine_rows(examiner, sequences, &list));
    for (int i = 0; i < PQntuples(list); i++) {
        PGresult *rows = NULL;
        TRY(examine_rows(examiner, PQgetvalue(list, i, 1), &rows));
        result->looked_at++;
        if (PQntuples(rows) == 1 && PQgetvalue(rows, 0, 0)[0] == 't')
            examine_fact(
                examiner, result,
                &(ExamineFact){.where = PQgetvalue(list, i, 0),
                               .expected = arena_printf(examiner->arena, "beyond %s", PQgetvalue(rows, 0, 2)),
                               .found = arena_printf(examiner->arena, "next value %s", PQgetvalue(rows, 0, 1))});
    }
    return NULL;
}
