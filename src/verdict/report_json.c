/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "verdict/prove.h"
#include "verdict/report.h"

static void put_backup(json_t *parent, const Backup *backup) {
    if (backup == NULL) {
        json_put_null(parent, "backup");
        return;
    }
    json_t *object = json_put(parent, "backup", json_object());
    json_put_string(object, "id", backup->id);
    json_put_string(object, "path", backup->path);
    json_put_string(object, "format", backup->format);
    json_put_string(object, "compression", backup->compression);
    json_put_u64(object, "size_bytes", backup->size_bytes);
    json_put_u64(object, "raw_bytes", backup->raw_bytes);
    json_put_time(object, "taken_at", backup->taken_at);
    json_put_bool(object, "taken_at_stated", backup->taken_at_stated);
    json_put_string(object, "server_version", backup->server_version);
    json_put_string(object, "dump_version", backup->dump_version);
    json_put_string(object, "archive_version", backup->archive_version);
    json_put_string(object, "encoding", backup->encoding);
    json_put_string(object, "database", backup->database);
    json_put_bool(object, "read_whole", backup->read_whole);
}

static void put_checks(json_t *parent, const Report *report) {
    json_t *array = json_put(parent, "checks", json_array());
    LIST_EACH (const CheckResult, result, report->checks) {
        json_t *object = json_add(array, json_object());
        json_put_string(object, "id", result->check->id);
        json_put_string(object, "title", result->check->title);
        json_put_string(object, "status", check_status_name(result->status));
        json_put_string(object, "expected", result->expected);
        json_put_string(object, "observed", result->observed);
        json_put_string(object, "why", result->why);
        json_put_u64(object, "level", (uint64_t)result->check->level);
        json_put_real(object, "seconds", result->seconds);
    }
}

static void put_findings(json_t *parent, const Report *report) {
    json_t *array = json_put(parent, "findings", json_array());
    LIST_EACH (const CheckResult, result, report->checks) {
        LIST_EACH (const Finding, finding, result->findings) {
            json_t *object = json_add(array, json_object());
            json_put_string(object, "id", finding->id);
            json_put_string(object, "severity", check_severity_name(finding->severity));
            json_put_string(object, "check", result->check->id);
            json_put_string(object, "where", finding->where);
            json_put_string(object, "message", finding->message);
            json_put_string(object, "expected", finding->expected);
            json_put_string(object, "found", finding->found);
        }
    }
}

static void put_table(Arena *arena, json_t *array, const InventoryTable *table) {
    static const char *const counts[] = {
        [INVENTORY_UNKNOWN] = "unknown", [INVENTORY_EXACT] = "exact", [INVENTORY_ESTIMATE] = "estimate"};
    json_t *object = json_add(array, json_object());
    if (table->database[0] != '\0')
        json_put_string(object, "database", table->database);
    json_put_string(object, "schema", table->schema);
    json_put_string(object, "name", table->name);
    json_put_string(object, "kind", arena_strndup(arena, &table->kind, 1));
    json_put_string(object, "count", counts[table->count]);
    if (table->count == INVENTORY_UNKNOWN)
        json_put_null(object, "rows");
    else
        json_put_u64(object, "rows", table->rows);
    json_put_u64(object, "bytes", table->bytes);
    json_put_string(object, "digest", table->digested ? hash_sum_text(arena, table->digest) : NULL);
}

static void put_inventory(Arena *arena, json_t *parent, const char *key, const Inventory *inventory) {
    if (inventory == NULL) {
        json_put_null(parent, key);
        return;
    }
    json_t *object = json_put(parent, key, json_object());
    json_put_string(object, "label", inventory->label);
    json_put_time(object, "taken_at", inventory->taken_at);
    json_put_string(object, "server_version", inventory->server_version);
    json_put_u64(object, "total_rows", inventory_total_rows(inventory));
    if (inventory->large_objects_known)
        json_put_u64(object, "large_objects", inventory->large_objects);
    else
        json_put_null(object, "large_objects");
    json_t *extensions = json_put(object, "extensions", json_array());
    LIST_EACH (const InventoryExtension, extension, inventory->extensions)
        json_add(extensions, json_text_value(text_of(extension->name)));
    json_t *tables = json_put(object, "tables", json_array());
    LIST_EACH (const InventoryTable, table, inventory->tables)
        put_table(arena, tables, table);
}

static void put_not_tested(json_t *parent, const Report *report) {
    json_t *array = json_put(parent, "not_tested", json_array());
    LIST_EACH (const ReportNotTested, item, report->not_tested) {
        json_t *object = json_add(array, json_object());
        json_put_string(object, "what", item->what);
        json_put_string(object, "why", item->why);
    }
}

static void put_errors(json_t *object, const Restore *restore) {
    json_t *counts = json_put(object, "errors", json_object());
    for (ExplainClass class = EXPLAIN_REAL; class < EXPLAIN_CLASSES; class ++)
        json_put_u64(counts, explain_class_id(class), restore->counts[class]);
    json_t *absent = json_put(object, "absent_extensions", json_array());
    LIST_EACH (const char *const, name, restore->absent_extensions)
        json_add(absent, json_text_value(text_of(*name)));
    json_put_string(object, "stand_ins", restore->stand_ins);
}

static void put_restore(json_t *root, const Prove *prove) {
    if (prove == NULL) {
        json_put_null(root, "restore");
        return;
    }
    json_t *object = json_put(root, "restore", json_object());
    json_put_string(object, "server_version", prove->server_version);
    json_put_string(object, "confinement", prove->confinement);
    json_put_string(object, "kept", prove->kept);
    json_t *phases = json_put(object, "phases", json_array());
    LIST_EACH (const ProvePhase, phase, prove->phases) {
        json_t *item = json_add(phases, json_object());
        json_put_string(item, "name", phase->name);
        json_put_real(item, "seconds", phase->seconds);
    }
    if (prove->restore != NULL)
        put_errors(object, prove->restore);
}

json_t *report_json(Arena *arena, const Report *report) {
    json_t *root = json_start(arena, json_object());
    json_put_string(root, "schema", "lifeboat.report/1");
    json_put_string(root, "run_id", report->run_id);
    json_put_string(root, "target", report->target);
    json_put_string(root, "tool_version", report->tool_version);
    json_put_string(root, "verdict", report_verdict_name(report->verdict));
    json_put_string(root, "reason", report->reason);
    json_put_u64(root, "proof_level", (uint64_t)report->proof_level);
    json_put_string(root, "proof_name", report_proof_name(report->proof_level));
    json_put_bool(root, "attested", report->attested);
    json_put_time(root, "started_at", report->started_at);
    json_put_time(root, "finished_at", report->finished_at);
    json_put_bool(root, "clock_overridden", report->clock_overridden);
    json_put_string(root, "path", report->path);
    put_backup(root, report->backup);
    put_checks(root, report);
    put_findings(root, report);
    put_inventory(arena, root, "inventory", report->inventory);
    put_inventory(arena, root, "live", report->live);
    put_restore(root, report->prove);
    put_not_tested(root, report);
    json_put_string(root, "next_step", report->next_step);
    return root;
}
