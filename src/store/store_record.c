/* SPDX-License-Identifier: PostgreSQL */
#include "store/store_record.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "store/store_sqlite.h"

void store_record_count(const Report *report, int *passed, int *failed) {
    *passed = *failed = 0;
    LIST_EACH (const CheckResult, result, report->checks) {
        if (result->status == CHECK_PASS || result->status == CHECK_WARN)
            ++*passed;
        else if (result->status != CHECK_SKIPPED)
            ++*failed;
    }
}

static json_t *detail(json_t *details, const CheckResult *result) {
    json_t *entry = json_add(details, json_object());
    json_put_string(entry, "check", result->check->id);
    return entry;
}

json_t *store_record_details(Arena *arena, const Report *report) {
    json_t *details = json_start(arena, json_array());
    LIST_EACH (const CheckResult, result, report->checks) {
        if (result->status == CHECK_UNKNOWN) {
            json_t *entry = detail(details, result);
            json_put_string(entry, "status", check_status_name(result->status));
            json_put_string(entry, "message", result->why);
        }
        LIST_EACH (const Finding, finding, result->findings) {
            json_t *entry = detail(details, result);
            json_put_string(entry, "id", finding->id);
            json_put_string(entry, "severity", check_severity_name(finding->severity));
            json_put_string(entry, "where", finding->where);
            json_put_string(entry, "message", finding->message);
            json_put_string(entry, "expected", finding->expected);
            json_put_string(entry, "found", finding->found);
        }
    }
    return json_array_size(details) == 0 ? NULL : details;
}

static Time newest_file(Arena *arena, const char *directory) {
    char **names;
    size_t count;
    Time newest = TIME_NONE;
    if (file_list(arena, directory, &names, &count) != NULL)
        return TIME_NONE;
    for (size_t i = 0; i < count; i++) {
        FileInfo info;
        if (file_info(arena, file_join(arena, directory, names[i]), &info) == NULL && info.modified > newest)
            newest = info.modified;
    }
    return newest;
}

void store_record_identity(Arena *arena, const char *path, const char **absolute, Time *modified) {
    FileInfo info;
    *absolute = path;
    *modified = TIME_NONE;
    char *resolved = realpath(path, NULL);
    if (resolved == NULL)
        return;
    *absolute = arena_strdup(arena, resolved);
    free(resolved);
    if (file_info(arena, path, &info) == NULL)
        *modified = info.kind == FILE_DIRECTORY ? newest_file(arena, path) : info.modified;
}

static const char *host_name(Arena *arena) {
    char name[HOST_NAME_MAX + 1] = "";
    if (gethostname(name, sizeof(name) - 1) != 0)
        return "";
    return arena_strdup(arena, name);
}

static void put_backup(Arena *work, StoreRow *row, const Report *report) {
    const Backup *backup = report->backup;
    const char *absolute;
    Time modified;
    const char *path = report->path == NULL ? "" : report->path;
    store_record_identity(work, path, &absolute, &modified);
    store_sqlite_put_text(row, backup != NULL ? backup->id : *path != '\0' ? path : "none");
    store_sqlite_put_text(row, path);
    store_sqlite_put_text(row, absolute);
    store_sqlite_put_text(row, backup == NULL ? "" : backup->format);
    if (backup == NULL) {
        store_sqlite_put_null(row);
        store_sqlite_put_null(row);
    } else {
        store_sqlite_put_unsigned(row, backup->size_bytes);
        store_sqlite_put_time(row, backup->taken_at);
    }
    store_sqlite_put_time(row, backup == NULL ? modified : backup->modified);
    if (report->inventory == NULL)
        store_sqlite_put_null(row);
    else
        store_sqlite_put_unsigned(row, inventory_total_rows(report->inventory));
}

static Err *insert_run(Arena *work, Store *store, const Report *report) {
    StoreRow row;
    int passed, failed;
    json_t *details = store_record_details(work, report);
    store_record_count(report, &passed, &failed);
    TRY(store_sqlite_prepare(
        work, store,
        "INSERT INTO run (run_id, target, verdict, reason, proof_level, attested, started_at, finished_at,"
        " tool_version, recorded_by, backup_id, backup_path, backup_absolute, backup_format, backup_size,"
        " backup_taken_at, backup_modified, total_rows, checks_passed, checks_failed, error_details,"
        " report) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        &row));
    store_sqlite_put_text(&row, report->run_id);
    store_sqlite_put_text(&row, report->target == NULL ? "" : report->target);
    store_sqlite_put_text(&row, report_verdict_name(report->verdict));
    store_sqlite_put_text(&row, report->reason == NULL ? "" : report->reason);
    store_sqlite_put_integer(&row, report->proof_level);
    store_sqlite_put_integer(&row, report->attested);
    store_sqlite_put_integer(&row, report->started_at);
    store_sqlite_put_integer(&row, report->finished_at);
    store_sqlite_put_text(&row, report->tool_version);
    store_sqlite_put_text(&row, host_name(work));
    put_backup(work, &row, report);
    store_sqlite_put_integer(&row, passed);
    store_sqlite_put_integer(&row, failed);
    store_sqlite_put_text(&row, details == NULL ? NULL : json_render(work, details, true));
    store_sqlite_put_text(&row, json_render(work, report_json(work, report), true));
    return store_sqlite_send(work, store, &row);
}

static Err *insert_checks(Arena *work, Store *store, const Report *report, int64_t run) {
    StoreRow row;
    int64_t position = 0;
    TRY(store_sqlite_prepare(work, store, "INSERT INTO check_result VALUES (?, ?, ?, ?, ?, ?, ?, ?)", &row));
    LIST_EACH (const CheckResult, result, report->checks) {
        store_sqlite_put_integer(&row, run);
        store_sqlite_put_integer(&row, position++);
        store_sqlite_put_text(&row, result->check->id);
        store_sqlite_put_text(&row, check_status_name(result->status));
        store_sqlite_put_text(&row, result->expected);
        store_sqlite_put_text(&row, result->observed);
        store_sqlite_put_text(&row, result->why);
        store_sqlite_put_real(&row, result->seconds);
        TRY(store_sqlite_send(work, store, &row));
    }
    return NULL;
}

static Err *insert_findings(Arena *work, Store *store, const Report *report, int64_t run) {
    StoreRow row;
    int64_t position = 0;
    TRY(store_sqlite_prepare(work, store, "INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", &row));
    LIST_EACH (const CheckResult, result, report->checks)
        LIST_EACH (const Finding, finding, result->findings) {
            store_sqlite_put_integer(&row, run);
            store_sqlite_put_integer(&row, position++);
            store_sqlite_put_text(&row, result->check->id);
            store_sqlite_put_text(&row, finding->id);
            store_sqlite_put_text(&row, check_severity_name(finding->severity));
            store_sqlite_put_text(&row, finding->where);
            store_sqlite_put_text(&row, finding->message);
            store_sqlite_put_text(&row, finding->expected);
            store_sqlite_put_text(&row, finding->found);
            TRY(store_sqlite_send(work, store, &row));
        }
    return NULL;
}

static void put_count(Arena *work, StoreRow *row, const InventoryTable *table) {
    static const char *const names[] = {
        [INVENTORY_UNKNOWN] = "unknown", [INVENTORY_EXACT] = "exact", [INVENTORY_ESTIMATE] = "estimate"};
    store_sqlite_put_text(row, names[table->count]);
    if (table->count == INVENTORY_UNKNOWN)
        store_sqlite_put_null(row);
    else
        store_sqlite_put_unsigned(row, table->rows);
    store_sqlite_put_text(row, table->count == INVENTORY_UNKNOWN ? table->unknown_why : NULL);
    store_sqlite_put_unsigned(row, table->bytes);
    store_sqlite_put_text(row, table->digested ? hash_sum_text(work, table->digest) : NULL);
}

static Err *insert_tables(Arena *work, Store *store, const Inventory *inventory, int64_t run) {
    StoreRow row;
    int64_t position = 0;
    if (inventory == NULL)
        return NULL;
    TRY(store_sqlite_prepare(work, store, "INSERT INTO table_count VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", &row));
    LIST_EACH (const InventoryTable, table, inventory->tables) {
        char kind[2] = {table->kind, '\0'};
        store_sqlite_put_integer(&row, run);
        store_sqlite_put_integer(&row, position++);
        store_sqlite_put_text(&row, table->database == NULL ? "" : table->database);
        store_sqlite_put_text(&row, table->schema == NULL ? "" : table->schema);
        store_sqlite_put_text(&row, table->name);
        store_sqlite_put_text(&row, kind);
        store_sqlite_put_integer(&row, (table->unlogged ? STORE_RECORD_UNLOGGED : 0) |
                                           (table->partition ? STORE_RECORD_PARTITION : 0) |
                                           (table->has_data ? STORE_RECORD_DATA : 0));
        put_count(work, &row, table);
        TRY(store_sqlite_send(work, store, &row));
    }
    return NULL;
}

static Err *insert_all(Arena *work, Store *store, const Report *report, bool deliver) {
    TRY(insert_run(work, store, report));
    int64_t run = sqlite3_last_insert_rowid(store->db);
    TRY(insert_checks(work, store, report, run));
    TRY(insert_findings(work, store, report, run));
    TRY(insert_tables(work, store, report->inventory, run));
    if (!deliver)
        return NULL;
    return store_sqlite_run(work, store,
                            arena_printf(work, "INSERT INTO delivery (run) VALUES (%lld)", (long long)run));
}

Err *store_record(Store *store, const Report *report, bool deliver) {
    Arena *work = arena_child(store->arena);
    Err *err = store_sqlite_begin(work, store);
    if (err == NULL)
        err = store_sqlite_end(work, store, insert_all(work, store, report, deliver));
    if (err != NULL)
        err = err_wrap(store->arena, err_copy(store->arena, err), "the result of this run could not be recorded");
    arena_free(work);
    return err;
}
