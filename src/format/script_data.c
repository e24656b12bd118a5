/* SPDX-License-Identifier: PostgreSQL */
#include <inttypes.h>
#include <string.h>

#include "format/script_parts.h"

/* INSERT heads longer than this are parsed each time. Longer names than this are announced by no dump (NAMEDATALEN is
 * 64). */
enum { HEAD_MAXIMUM = 64 * 1024, NAME_MAXIMUM = 1024 };

static const char *const without_rows = "the script announces its rows and does not have them";

static InventoryTable *table_at(ScriptReader *reader, size_t position) {
    return &reader->inventory->tables.items[position];
}

static size_t position_of(ScriptReader *reader, const DdlTarget *target) {
    const InventoryTable *table = inventory_table(reader->inventory, target->database, target->schema, target->name);
    return (size_t)(table - reader->inventory->tables.items);
}

/* Unknown once is unknown for good: what comes later cannot make the sum right. */
static void set_unknown(ScriptReader *reader, size_t position, const char *why) {
    InventoryTable *table = table_at(reader, position);
    table->has_data = true;
    table->count = INVENTORY_UNKNOWN;
    table->unknown_why = why;
    table->digested = false;
}

static void add_rows(ScriptReader *reader, size_t position, uint64_t rows) {
    InventoryTable *table = table_at(reader, position);
    if (table->has_data && table->count == INVENTORY_UNKNOWN)
        return;
    if (!table->has_data)
        table->rows = 0;
    table->has_data = true;
    table->count = INVENTORY_EXACT;
    if (__builtin_add_overflow(table->rows, rows, &table->rows))
        table->rows = UINT64_MAX;
}

void script_data_start(ScriptReader *reader) {
    ScriptData *data = &reader->data;
    *data = (ScriptData){.copy = copy_new(reader->thread->scratch),
                         .head = buf_new(reader->thread->scratch, HEAD_MAXIMUM),
                         .head_table = SIZE_MAX,
                         .schema = buf_new(reader->thread->scratch, NAME_MAXIMUM),
                         .name = buf_new(reader->thread->scratch, NAME_MAXIMUM)};
}

/* ---- announcements ---- */

/* Rows of a partition may be loaded through the partitioned table (--load-via-partition-root); then only the
 * announcement says whose they are. */
static size_t owner_of_rows(ScriptReader *reader, size_t target) {
    ScriptData *data = &reader->data;
    DdlTarget announced;
    if (table_at(reader, target)->kind != 'p' || !data->waiting ||
        !ddl_table_named(reader->ddl, data->schema->at, data->name->at, &announced))
        return target;
    return position_of(reader, &announced);
}

/* The announced table had no rows: with INSERTs that is an empty table, with COPY its block is missing. Which of the
 * two it is shows at the end. */
static void settle(ScriptReader *reader) {
    ScriptData *data = &reader->data;
    if (!data->waiting)
        return;
    data->waiting = false;
    DdlTarget announced;
    (void)ddl_table_named(reader->ddl, data->schema->at, data->name->at, &announced);
    size_t position = position_of(reader, &announced);
    InventoryTable *table = table_at(reader, position);
    if (table->has_data || table->unknown_why == without_rows)
        return;
    table->unknown_why = without_rows;
    *LIST_PUSH(reader->thread->scratch, data->without_rows) = position;
}

void script_data_announce(ScriptReader *reader, Text schema, Text name) {
    ScriptData *data = &reader->data;
    settle(reader);
    buf_clear(data->schema);
    buf_clear(data->name);
    data->announced = true;
    data->waiting = buf_text(data->schema, schema) && buf_text(data->name, name);
    data->head_table = SIZE_MAX;
    data->inserted_last = false;
}

static void rows_seen(ScriptReader *reader) {
    reader->data.waiting = false;
    reader->backup->row_security_on |= ddl_row_security(reader->ddl);
}

/* ---- COPY ---- */

void script_data_copy_statement(ScriptReader *reader, const SqlStatement *statement) {
    ScriptData *data = &reader->data;
    DdlTarget target;
    bool known = ddl_data_target(reader->ddl, statement->text, &target);
    bool follows = sql_copies_in(statement->text, ddl_standard_strings(reader->ddl));
    if (!known && !follows)
        return; /* COPY ... TO */
    data->table = known ? owner_of_rows(reader, position_of(reader, &target)) : SIZE_MAX;
    if (known && !target.from_stdin) {
        script_reader_table_defect(reader, BACKUP_DEFECT_MISSING, data->table,
                                   "its rows are in a file that is not part of the script");
        set_unknown(reader, data->table, "its rows are in a file that is not part of the script");
    }
    if (!follows)
        return;
    if (!known)
        script_reader_defect(reader, BACKUP_DEFECT_UNEXPECTED, statement->offset,
                             "a COPY statement that is not one that pg_dump writes, with rows behind it");
    data->copying = true;
    data->plain = known && target.plain;
    data->width = data->plain ? target.width : COPY_COLUMNS_UNKNOWN;
    data->copies++;
    copy_start(data->copy, data->width);
    rows_seen(reader);
}

static void store_copy(ScriptReader *reader, const CopyResult *result) {
    ScriptData *data = &reader->data;
    InventoryTable *table = table_at(reader, data->table);
    bool first = !table->has_data;
    if (!first && table->kind != 'p')
        script_reader_table_defect(reader, BACKUP_DEFECT_UNEXPECTED, data->table,
                                   "a second block of rows for the same table");
    add_rows(reader, data->table, result->rows);
    table->bytes += result->bytes;
    table->digested = first || table->digested;
    hash_sum_add(&table->digest, result->digest);
}

static void end_copy(ScriptReader *reader) {
    ScriptData *data = &reader->data;
    const CopyResult *result = copy_finish(data->copy);
    data->copying = false;
    data->inserted_last = false;
    if (data->table == SIZE_MAX)
        return;
    if (!data->plain) {
        set_unknown(reader, data->table, "its rows are not in COPY's text format");
        return;
    }
    if (result->problem != COPY_FINE)
        script_reader_table_defect(reader, BACKUP_DEFECT_COPY, data->table,
                                   copy_problem_text(script_reader_work(reader), result, data->width));
    store_copy(reader, result);
}

void script_data_copy(ScriptReader *reader, Text bytes, size_t *used, bool *ended) {
    copy_feed(reader->data.copy, bytes, used, ended);
    reader->thread->member->raw_bytes += *used;
    if (*ended)
        end_copy(reader);
}

/* ---- INSERT ---- */

/* The table of an INSERT's head; false when it names none. */
static bool find_target(ScriptReader *reader, const SqlInsert *insert) {
    ScriptData *data = &reader->data;
    Text head = insert->head.text;
    if (data->head_table != SIZE_MAX && text_equal(buf_view(data->head), head))
        return true;
    DdlTarget target;
    data->head_table = SIZE_MAX;
    if (!ddl_data_target(reader->ddl, head, &target))
        return false;
    data->head_table = owner_of_rows(reader, position_of(reader, &target));
    data->head_columns = target.columns.count;
    buf_clear(data->head);
    buf_text(data->head, head);
    if (data->head->full) /* too long to compare with the next one: never equal */
        buf_clear(data->head);
    return true;
}

/* NULL when the rows fit the columns, else what is wrong. */
static const char *misfit(ScriptReader *reader, const SqlInsert *insert) {
    Arena *arena = script_reader_work(reader);
    const ScriptData *data = &reader->data;
    uint64_t columns = table_at(reader, data->head_table)->columns.count;
    if (insert->widest == 0)
        return NULL; /* DEFAULT VALUES */
    if (insert->narrowest != insert->widest)
        return arena_printf(arena, "an INSERT at %s has rows of %" PRIu64 " and of %" PRIu64 " values",
                            script_reader_place(arena, insert->head.offset), insert->narrowest, insert->widest);
    if (data->head_columns > 0 ? insert->widest == data->head_columns : columns == 0 || insert->widest <= columns)
        return NULL;
    return arena_printf(arena, "an INSERT at %s has %" PRIu64 " values for %" PRIu64 " columns",
                        script_reader_place(arena, insert->head.offset), insert->widest,
                        data->head_columns > 0 ? data->head_columns : columns);
}

void script_data_insert(ScriptReader *reader, const SqlInsert *insert) {
    ScriptData *data = &reader->data;
    data->inserts++;
    reader->thread->member->raw_bytes += insert->head.length;
    if (!find_target(reader, insert)) {
        script_reader_defect(reader, BACKUP_DEFECT_COPY, insert->head.offset, "an INSERT that names no table");
        return;
    }
    rows_seen(reader);
    data->inserted_last = true;
    InventoryTable *table = table_at(reader, data->head_table);
    table->digested = false;
    table->undigested_why = "the rows are INSERT statements, whose text differs from COPY's";
    if (!insert->counted) {
        set_unknown(reader, data->head_table,
                    insert->query ? "a query fills it when the script is restored"
                                  : "its INSERT statements are damaged");
        if (!insert->query)
            script_reader_table_defect(reader, BACKUP_DEFECT_COPY, data->head_table,
                                       arena_printf(script_reader_work(reader),
                                                    "the INSERT at byte %" PRIu64 " is not well-formed",
                                                    insert->head.offset));
        return;
    }
    const char *wrong = misfit(reader, insert);
    if (wrong != NULL)
        script_reader_table_defect(reader, BACKUP_DEFECT_COPY, data->head_table, wrong);
    add_rows(reader, data->head_table, insert->rows);
}

void script_data_removed(ScriptReader *reader, Text statement) {
    DdlTarget target;
    if (!ddl_data_removed(reader->ddl, statement, &target))
        return;
    size_t position = position_of(reader, &target);
    if (table_at(reader, position)->has_data)
        set_unknown(reader, position, "the script takes rows away again");
}

/* ---- the end ---- */

static void finish_announced(ScriptReader *reader) {
    ScriptData *data = &reader->data;
    bool missing = data->copies > 0 && data->inserts == 0;
    LIST_EACH (size_t, position, data->without_rows) {
        if (table_at(reader, *position)->has_data)
            continue;
        if (!missing) {
            add_rows(reader, *position, 0);
            continue;
        }
        script_reader_table_defect(reader, BACKUP_DEFECT_MISSING, *position, without_rows);
        set_unknown(reader, *position, without_rows);
    }
}

/* Tables of which nothing was seen. Where rows are INSERTs and no comment announces them, an empty table leaves no
 * trace: a restore of this script gives it no rows, whatever it had. */
static void finish_untouched(ScriptReader *reader, const char *cut) {
    const ScriptData *data = &reader->data;
    bool silent = data->inserts > 0 && data->copies == 0 && !data->announced;
    bool by_root = false;
    LIST_EACH (const InventoryTable, table, reader->inventory->tables)
        by_root |= table->kind == 'p' && table->has_data;
    for (size_t at = 0; at < reader->inventory->tables.count; at++) {
        InventoryTable *table = table_at(reader, at);
        if (table->kind != 'r' || table->has_data || table->count != INVENTORY_UNKNOWN)
            continue;
        if (cut != NULL)
            table->unknown_why = cut;
        else if (by_root && table->partition)
            table->unknown_why = "rows of partitions are loaded through the partitioned table";
        else if (silent)
            add_rows(reader, at, 0);
    }
}

size_t script_data_open_table(ScriptReader *reader, const SqlEnd *end) {
    const ScriptData *data = &reader->data;
    DdlTarget target;
    if (data->copying)
        return data->table;
    /* Before VALUES the name of the table may be cut itself. */
    bool inserts = end->rows && ddl_data_target(reader->ddl, end->statement.text, &target);
    return inserts ? owner_of_rows(reader, position_of(reader, &target)) : SIZE_MAX;
}

void script_data_finish(ScriptReader *reader, const char *cut, const SqlEnd *end) {
    ScriptData *data = &reader->data;
    size_t open = script_data_open_table(reader, end);
    if (cut != NULL && open != SIZE_MAX)
        set_unknown(reader, open, cut);
    if (cut != NULL && data->inserted_last && data->head_table != SIZE_MAX)
        set_unknown(reader, data->head_table, cut);
    if (cut == NULL)
        settle(reader);
    finish_announced(reader);
    finish_untouched(reader, cut);
}
