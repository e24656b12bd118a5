/* SPDX-License-Identifier: PostgreSQL */
#include "check/scope.h"
#include "world.h"

static InventoryTable *contacts(Inventory *inventory) {
    return inventory_table(inventory, "", "public", "contacts");
}
static InventoryTable *orders(Inventory *inventory) {
    return inventory_table(inventory, "", "public", "orders");
}
/* The last table added goes; `world_inventory` adds auth.users last. */
static void drop_last_table(Inventory *inventory) {
    inventory->tables.count--;
}

/* ---- one change each ---- */

static void nothing(World *w) {
    (void)w;
}
static void no_live(World *w) {
    w->context.live = NULL;
    w->context.live_asked = false;
}
static void no_history(World *w) {
    *w->history = (History){.last_verified_at = TIME_NONE};
}
static void missing(World *w) {
    w->context.backup = NULL;
    w->context.open_error = err_new(w->arena, ERR_NOT_FOUND, "no backup in /backups");
}
static void garbage(World *w) {
    w->context.backup = NULL;
    w->context.open_error = err_new(w->arena, ERR_DATA, "app.dump is empty");
}
static void too_new(World *w) {
    w->context.backup = NULL;
    w->context.open_error = err_new(w->arena, ERR_UNSUPPORTED, "archive version 1.99");
}
static void forbidden(World *w) {
    w->context.backup = NULL;
    w->context.open_error = err_new(w->arena, ERR_PERMISSION, "app.dump: permission denied");
}
static void nobody_looked(World *w) {
    w->context.backup = NULL;
}
static void day_old(World *w) {
    w->backup->taken_at = WORLD_NOW - TIME_DAY;
}
static void stale(World *w) {
    w->backup->taken_at = WORLD_NOW - TIME_DAY - TIME_SECOND;
}
static void aging(World *w) {
    w->backup->taken_at = WORLD_NOW - 21 * TIME_HOUR;
    world_set(w, "warn_age", "20h");
}
static void clock_ahead(World *w) {
    w->backup->taken_at = WORLD_NOW + 5 * TIME_MINUTE;
}
static void future(World *w) {
    w->backup->taken_at = WORLD_NOW + 5 * TIME_MINUTE + 1;
}
static void ageless(World *w) {
    w->backup->taken_at = TIME_NONE;
}
static void empty_file(World *w) {
    w->backup->size_bytes = 0;
    w->history->runs.count = 0;
}
static void below_floor(World *w) {
    world_set(w, "min_size", "2MB");
}
static void at_floor(World *w) {
    world_set(w, "min_size", "1MB");
}
static void shrunk_and_lost(World *w) {
    w->backup->size_bytes = 600000;
    contacts(w->dump)->rows = contacts(w->live)->rows = 400;
}
static void shrunk_at_limit(World *w) { /* the median is 990,000: 30 % below is 693,000 */
    w->backup->size_bytes = 693000;
}
static void shrunk_with_all_rows(World *w) {
    w->backup->size_bytes = 692999;
}
static void shrunk_seen_before(World *w) { /* the same backup again is no evidence about others */
    w->history->runs.count = 1;
    w->history->runs.items[0].backup_id = "app.dump";
    w->history->runs.items[0].backup_taken_at = w->backup->taken_at;
    w->history->runs.items[0].backup_size = 9000000;
}
static void shrunk_against_bad(World *w) {
    LIST_EACH (HistoryRun, run, w->history->runs) {
        run->verdict = "fail";
        run->backup_size = 9000000;
    }
}
static void store_down(World *w) {
    w->history->unavailable = "database is locked";
    w->history->runs.count = 0;
    w->history->last_verified = NULL;
}
static void bad_header(World *w) {
    world_defect(w, BACKUP_DEFECT_HEADER, NULL);
}
static void bad_block(World *w) {
    world_defect(w, BACKUP_DEFECT_DECODE, "public.contacts");
}
static void cut(World *w) {
    world_defect(w, BACKUP_DEFECT_TRUNCATED, NULL);
    w->backup->read_whole = false;
}
static void bad_copy(World *w) {
    world_defect(w, BACKUP_DEFECT_COPY, "public.contacts");
}
static void no_block(World *w) {
    world_defect(w, BACKUP_DEFECT_MISSING, "public.contacts");
}
static void extra_block(World *w) {
    world_defect(w, BACKUP_DEFECT_UNEXPECTED, NULL);
}
static void psql_line(World *w) {
    world_defect(w, BACKUP_DEFECT_HOSTILE, NULL);
}
static void read_failed(World *w) {
    w->context.read_error = err_new(w->arena, ERR_IO, "app.dump: Input/output error");
    w->backup->read_whole = false;
}
static void stopped_silently(World *w) {
    w->backup->read_whole = false;
}
static void not_read(World *w) {
    w->context.read_attempted = false;
    w->backup->read_whole = false;
}
static void being_written(World *w) {
    w->context.changing = true;
    world_defect(w, BACKUP_DEFECT_TRUNCATED, NULL);
    world_defect(w, BACKUP_DEFECT_DECODE, NULL);
    w->backup->read_whole = false;
}
static void critical_there(World *w) {
    world_set(w, "critical", "contacts,auth.users");
}
static void critical_absent(World *w) {
    world_set(w, "critical", "contacts,appointments");
}
static void critical_ambiguous(World *w) {
    world_set(w, "critical", "users");
    world_table(w->dump, "crm", "users", 5);
}
static void critical_dataless(World *w) {
    world_set(w, "critical", "contacts");
    contacts(w->dump)->has_data = false;
    contacts(w->dump)->count = INVENTORY_UNKNOWN;
}
static void critical_empty(World *w) {
    world_set(w, "critical", "contacts");
    contacts(w->dump)->rows = contacts(w->live)->rows = contacts(w->before)->rows = 0;
}
static void critical_unseen(World *w) {
    world_set(w, "critical", "appointments");
    cut(w);
}
static void at_tolerance(World *w) {
    contacts(w->dump)->rows = 900;
}
static void few_rows(World *w) {
    contacts(w->dump)->rows = 899;
}
static void many_rows(World *w) {
    contacts(w->dump)->rows = 1101;
}
static void few_rows_elsewhere(World *w) {
    orders(w->dump)->rows = 170;
    world_set(w, "critical", "contacts");
}
static void few_rows_tolerated(World *w) {
    contacts(w->dump)->rows = 899;
    world_set(w, "table_tolerance", "contacts=20%");
}
static void few_rows_strict(World *w) {
    contacts(w->dump)->rows = 999;
    world_set(w, "table_tolerance", "public.con*=0%");
}
static void few_rows_warned(World *w) {
    contacts(w->dump)->rows = 940;
    world_set(w, "warn_tolerance", "5%");
}
static void few_rows_accepted(World *w) {
    contacts(w->dump)->rows = 899;
    world_set(w, "accept", "row-count-drift:public.contacts");
}
static void few_rows_accepted_elsewhere(World *w) {
    contacts(w->dump)->rows = 899;
    world_set(w, "accept", "row-count-drift:public.orders");
}
static void few_rows_ignored(World *w) {
    contacts(w->dump)->rows = 1;
    contacts(w->before)->rows = 1;
    world_set(w, "ignore", "contacts");
}
static void dump_emptied(World *w) {
    orders(w->dump)->rows = orders(w->before)->rows = 0;
    world_set(w, "critical", "contacts");
    world_set(w, "tolerance", "100%");
}
static void dump_emptied_by_one(World *w) {
    orders(w->dump)->rows = orders(w->before)->rows = 0;
    orders(w->live)->rows = 1;
}
static void live_emptied(World *w) {
    orders(w->live)->rows = 0;
}
static void both_empty(World *w) {
    orders(w->live)->rows = orders(w->dump)->rows = orders(w->before)->rows = 0;
}
static void huge_counts(World *w) {
    contacts(w->dump)->rows = UINT64_MAX;
    contacts(w->live)->rows = UINT64_MAX;
    contacts(w->before)->rows = UINT64_MAX;
}
static void live_uncounted(World *w) {
    orders(w->live)->count = INVENTORY_UNKNOWN;
    orders(w->live)->rows = 200; /* must not be looked at */
    orders(w->live)->unknown_why = "row-level security could hide rows";
}
static void dump_uncounted(World *w) {
    orders(w->dump)->count = INVENTORY_UNKNOWN;
    orders(w->dump)->unknown_why = "its data was damaged";
}
static void uncounted_and_drifting(World *w) {
    live_uncounted(w);
    few_rows(w);
}
static void estimate_far_off(World *w) {
    contacts(w->live)->count = INVENTORY_ESTIMATE;
    contacts(w->live)->rows = 2000;
}
static void estimate_near(World *w) {
    contacts(w->live)->count = INVENTORY_ESTIMATE;
    contacts(w->live)->rows = 1050;
}
static void excluded_data(World *w) {
    orders(w->dump)->has_data = false;
    orders(w->dump)->count = INVENTORY_UNKNOWN;
    orders(w->before)->count = INVENTORY_UNKNOWN;
}
static void unlogged_left_out(World *w) {
    excluded_data(w);
    orders(w->dump)->unlogged = orders(w->live)->unlogged = true;
}
static void live_unreachable(World *w) {
    w->context.live = NULL;
    w->context.live_error = err_new(w->arena, ERR_CONNECT, "no route to host");
}
static void live_is_another(World *w) {
    w->live->tables.count = 0;
    world_table(w->live, "public", "wordpress", 5);
}
static void gone_from_live(World *w) {
    drop_last_table(w->live);
}
static void partition(Inventory *inventory, const char *name, uint64_t rows) {
    InventoryTable *table = world_table(inventory, "public", name, rows);
    table->partition = true;
    table->parent_schema = "public";
    table->parent = "calls";
}
/* calls, with 100 rows in each of two partitions */
static void partitioned(World *w) {
    Inventory *sides[] = {w->dump, w->live};
    for (size_t side = 0; side < 2; side++) {
        world_table(sides[side], "public", "calls", 0)->kind = 'p';
        partition(sides[side], "calls_1", 100);
        partition(sides[side], "calls_2", 100);
    }
}
static void partition_drifts(World *w) { /* 15 % of one, 7.5 % of all */
    partitioned(w);
    partition(w->dump, "calls_1", 85);
}
static void partitions_drift(World *w) {
    partition_drifts(w);
    partition(w->dump, "calls_2", 85);
    world_set(w, "critical", "calls");
}
static void partition_empty(World *w) {
    partitioned(w);
    partition(w->dump, "calls_1", 0);
    partition(w->live, "calls_1", 10);
}
static void partition_missing(World *w) {
    partitioned(w);
    partition(w->live, "calls_3", 10);
}
static void partition_missing_full(World *w) {
    partitioned(w);
    partition(w->live, "calls_3", 200);
}
static void partition_uncounted(World *w) {
    partitioned(w);
    inventory_table(w->live, "", "public", "calls_2")->count = INVENTORY_UNKNOWN;
}
static void partition_routed(World *w) {
    partitioned(w);
    inventory_table(w->dump, "", "public", "calls")->rows = 200;
    partition(w->dump, "calls_1", 0);
    partition(w->dump, "calls_2", 0);
}
static void partition_routed_lossy(World *w) {
    partition_routed(w);
    inventory_table(w->dump, "", "public", "calls")->rows = 100;
}
static void partition_in_circles(World *w) {
    partitioned(w);
    InventoryTable *root = inventory_table(w->live, "", "public", "calls");
    root->partition = true;
    root->parent_schema = "public";
    root->parent = "calls_1";
}
static void live_has_more(World *w) {
    world_table(w->live, "public", "invoices", 9);
}
static void live_has_empty_partition(World *w) {
    world_table(w->live, "public", "calls_2026_12", 0)->partition = true;
}
static void live_has_more_ignored(World *w) {
    live_has_more(w);
    world_set(w, "ignore", "public.invoices");
}
static void live_has_column(World *w) {
    *LIST_PUSH(w->arena, contacts(w->live)->columns) = "email";
}
static void dump_has_column(World *w) {
    *LIST_PUSH(w->arena, contacts(w->dump)->columns) = "email";
}
static void index_missing(World *w) {
    inventory_object(w->live,
                     &(InventoryObject){.kind = "INDEX", .schema = "public", .table = "orders", .name = "orders_new"});
}
static void index_of_missing_table(World *w) {
    live_has_more(w);
    inventory_object(
        w->live, &(InventoryObject){.kind = "INDEX", .schema = "public", .table = "invoices", .name = "invoices_new"});
}
static void security_off(World *w) {
    contacts(w->dump)->row_security = false;
}
static void lacks_schema(World *w) {
    world_table(w->live, "storage", "objects", 77);
    inventory_object(w->live, &(InventoryObject){.kind = "FUNCTION", .schema = "storage", .name = "path()"});
    *LIST_PUSH(w->arena, w->live->sequences) =
        (InventorySequence){.database = "", .schema = "storage", .name = "s", .known = true};
}
static void lacks_empty_schema(World *w) {
    world_table(w->live, "storage", "objects", 0);
}
static void lacks_schema_ignored(World *w) {
    lacks_schema(w);
    world_set(w, "ignore", "storage.*");
}
static void no_tables(World *w) {
    w->dump->tables.count = 0;
    no_live(w);
    no_history(w);
}
static void schema_only(World *w) {
    w->backup->no_data = true;
    LIST_EACH (InventoryTable, table, w->dump->tables) {
        table->has_data = false;
        table->count = INVENTORY_UNKNOWN;
    }
}
static void data_only(World *w) {
    w->backup->no_schema = true;
    w->dump->objects.count = 0;
}
static void row_security_dump(World *w) {
    w->backup->row_security_on = true;
}
static void no_large_objects(World *w) {
    w->dump->large_objects = 0;
}
static void no_large_objects_anywhere(World *w) {
    w->dump->large_objects = w->live->large_objects = 0;
}
static void lost_rows(World *w) {
    contacts(w->dump)->rows = 699;
    no_live(w);
}
static void lost_rows_at_limit(World *w) {
    contacts(w->dump)->rows = 700;
    no_live(w);
}
static void lost_rows_in_live_too(World *w) {
    contacts(w->dump)->rows = contacts(w->live)->rows = 500;
}
static void lost_few(World *w) {
    contacts(w->dump)->rows = 1;
    contacts(w->before)->rows = 9;
    no_live(w);
}
static void lost_all_of_few(World *w) {
    contacts(w->dump)->rows = 0;
    contacts(w->before)->rows = 2;
    no_live(w);
}
static void lost_accepted(World *w) {
    lost_rows(w);
    world_set(w, "accept", "rows-lost-since-last-backup");
}
static void lost_table(World *w) {
    world_table(w->before, "public", "archive", 3);
}
static void lost_table_unconfirmed(World *w) {
    lost_table(w);
    no_live(w);
}
static void verified_is_newer(World *w) {
    lost_rows(w);
    w->before->taken_at = WORLD_NOW;
}
static void first_run(World *w) {
    w->history->last_verified = NULL;
    w->history->runs.count = 0;
}
static void digests(World *w) {
    world_set(w, "digests", "yes");
}
static void digests_differ(World *w) {
    digests(w);
    contacts(w->live)->digest.low++;
}
static void digests_differ_frozen(World *w) {
    digests_differ(w);
    world_set(w, "frozen", "public.contacts");
}
static void digests_and_counts_differ(World *w) {
    digests_differ(w);
    contacts(w->live)->rows = 1001;
}
static void digests_inserts(World *w) {
    digests(w);
    contacts(w->dump)->digested = false;
    contacts(w->dump)->undigested_why = "rows stand as INSERT statements";
}
static void digests_columns(World *w) {
    digests(w);
    contacts(w->live)->copy_columns.count = 1;
}
static void digests_without_live(World *w) {
    digests(w);
    no_live(w);
}
static void old_tools(World *w) {
    w->context.tools_major = 14;
}
static void no_tools(World *w) {
    w->context.tools_major = 0;
}
static void needs_extension(World *w) {
    *LIST_PUSH(w->arena, w->dump->extensions) = (InventoryExtension){.database = "", .name = "postgis", .schema = ""};
}
static void extensions_unknown(World *w) {
    needs_extension(w);
    w->context.extensions.count = 0;
}
static void refers_to_role(World *w) {
    inventory_role(w->dump, "app")->referenced = true;
    inventory_role(w->dump, "postgres")->referenced = true;
}
static void creates_role(World *w) {
    InventoryRole *role = inventory_role(w->dump, "app");
    role->referenced = role->defined = true;
}
static void paused(World *w) {
    w->history->runs.items[0].finished_at = WORLD_NOW - 36 * TIME_HOUR - 1;
}
static void barely_paused(World *w) {
    w->history->runs.items[0].finished_at = WORLD_NOW - 36 * TIME_HOUR;
}

typedef struct Case {
    const char *name;
    void (*change)(World *world);
    const char *check;
    CheckStatus status;
    const char *finding; /* NULL: none */
    CheckSeverity severity;
    const char *where;
} Case;

#define FAILS(finding, where) CHECK_FAIL, finding, CHECK_FAILURE, where
#define WARNS(finding, where) CHECK_WARN, finding, CHECK_WARNING, where
#define NOTES(finding, where) CHECK_PASS, finding, CHECK_NOTICE, where
#define HOLDS CHECK_PASS, NULL, CHECK_NOTICE, ""
#define UNKNOWN CHECK_UNKNOWN, NULL, CHECK_NOTICE, ""
#define SKIPPED CHECK_SKIPPED, NULL, CHECK_NOTICE, ""

static const Case cases[] = {
    {"missing", missing, "exists", FAILS("backup-missing", "")},
    {"garbage exists", garbage, "exists", HOLDS},
    {"forbidden", forbidden, "exists", UNKNOWN},
    {"nobody looked", nobody_looked, "exists", UNKNOWN},
    {"missing has no age", missing, "age", UNKNOWN},
    {"a day old", day_old, "age", HOLDS},
    {"stale", stale, "age", FAILS("backup-stale", "")},
    {"aging", aging, "age", WARNS("backup-stale", "")},
    {"clock ahead", clock_ahead, "age", HOLDS},
    {"future", future, "age", FAILS("backup-from-the-future", "")},
    {"ageless", ageless, "age", UNKNOWN},
    {"empty file", empty_file, "size", FAILS("backup-too-small", "")},
    {"below floor", below_floor, "size", FAILS("backup-too-small", "")},
    {"at floor", at_floor, "size", HOLDS},
    {"shrunk and lost", shrunk_and_lost, "size", FAILS("size-dropped", "")},
    {"shrunk to the limit", shrunk_at_limit, "size", HOLDS},
    {"shrunk with all rows", shrunk_with_all_rows, "size", WARNS("size-dropped", "")},
    {"the same backup again", shrunk_seen_before, "size", HOLDS},
    {"bad runs do not count", shrunk_against_bad, "size", HOLDS},
    {"size without history", no_history, "size", HOLDS},
    {"size with the store down", store_down, "size", UNKNOWN},
    {"missing has no size", missing, "size", UNKNOWN},
    {"header of garbage", garbage, "header", FAILS("header-unreadable", "")},
    {"header of the missing", missing, "header", UNKNOWN},
    {"too new", too_new, "header", UNKNOWN},
    {"header without right", forbidden, "header", UNKNOWN},
    {"bad header", bad_header, "header", FAILS("header-inconsistent", "block 3")},
    {"bad block", bad_block, "decode", FAILS("decode-failed", "public.contacts")},
    {"bad block is complete", bad_block, "complete", HOLDS},
    {"read failed", read_failed, "decode", UNKNOWN},
    {"stopped silently", stopped_silently, "decode", UNKNOWN},
    {"stopped silently: not complete", stopped_silently, "complete", UNKNOWN},
    {"not read: not decoded", not_read, "decode", UNKNOWN},
    {"not read: not complete", not_read, "complete", UNKNOWN},
    {"cut", cut, "complete", FAILS("truncated", "block 3")},
    {"cut is not decoded", cut, "decode", UNKNOWN},
    {"cut is not whole", cut, "partial", UNKNOWN},
    {"bad copy", bad_copy, "complete", FAILS("copy-malformed", "public.contacts")},
    {"no block", no_block, "complete", FAILS("data-missing", "public.contacts")},
    {"extra block", extra_block, "complete", FAILS("data-unexpected", "block 3")},
    {"a line that psql obeys", psql_line, "complete", FAILS("dump-hostile", "block 3")},
    {"being written", being_written, "complete", CHECK_UNKNOWN, "backup-changing", CHECK_NOTICE, ""},
    {"being written: decode", being_written, "decode", UNKNOWN},
    {"being written: rows", being_written, "row-counts", UNKNOWN},
    {"no critical", nothing, "critical-tables", SKIPPED},
    {"critical there", critical_there, "critical-tables", HOLDS},
    {"critical absent", critical_absent, "critical-tables", FAILS("critical-table-missing", "appointments")},
    {"critical ambiguous", critical_ambiguous, "critical-tables", UNKNOWN},
    {"critical without data", critical_dataless, "critical-tables",
     FAILS("critical-table-without-data", "public.contacts")},
    {"critical and empty", critical_empty, "critical-tables", HOLDS},
    {"critical not seen", critical_unseen, "critical-tables", UNKNOWN},
    {"at tolerance", at_tolerance, "row-counts", HOLDS},
    {"few rows", few_rows, "row-counts", FAILS("row-count-drift", "public.contacts")},
    {"many rows", many_rows, "row-counts", FAILS("row-count-drift", "public.contacts")},
    {"few rows, not critical", few_rows_elsewhere, "row-counts", WARNS("row-count-drift", "public.orders")},
    {"few rows tolerated", few_rows_tolerated, "row-counts", HOLDS},
    {"few rows strict", few_rows_strict, "row-counts", FAILS("row-count-drift", "public.contacts")},
    {"few rows warned", few_rows_warned, "row-counts", WARNS("row-count-drift", "public.contacts")},
    {"few rows accepted", few_rows_accepted, "row-counts", NOTES("row-count-drift", "public.contacts")},
    {"accepted elsewhere", few_rows_accepted_elsewhere, "row-counts", FAILS("row-count-drift", "public.contacts")},
    {"few rows ignored", few_rows_ignored, "row-counts", HOLDS},
    {"dump emptied", dump_emptied, "row-counts", FAILS("table-emptied", "public.orders")},
    {"dump emptied by one", dump_emptied_by_one, "row-counts", FAILS("table-emptied", "public.orders")},
    {"live emptied", live_emptied, "row-counts", FAILS("live-table-emptied", "public.orders")},
    {"both empty", both_empty, "row-counts", HOLDS},
    {"huge counts", huge_counts, "row-counts", HOLDS},
    {"live uncounted", live_uncounted, "row-counts", CHECK_UNKNOWN, "rows-not-counted", CHECK_NOTICE, "public.orders"},
    {"dump uncounted", dump_uncounted, "row-counts", CHECK_UNKNOWN, "rows-not-counted", CHECK_NOTICE, "public.orders"},
    {"uncounted and drifting", uncounted_and_drifting, "row-counts", CHECK_FAIL, "row-count-drift", CHECK_FAILURE,
     "public.contacts"},
    {"estimate far off", estimate_far_off, "row-counts", WARNS("row-count-drift", "public.contacts")},
    {"estimate near", estimate_near, "row-counts", HOLDS},
    {"data excluded", excluded_data, "row-counts", FAILS("table-emptied", "public.orders")},
    {"data excluded: partial", excluded_data, "partial", WARNS("data-excluded", "public.orders")},
    {"unlogged left out", unlogged_left_out, "row-counts", HOLDS},
    {"unlogged left out: partial", unlogged_left_out, "partial", HOLDS},
    {"no live", no_live, "row-counts", SKIPPED},
    {"live unreachable", live_unreachable, "row-counts", UNKNOWN},
    {"live unreachable: structure", live_unreachable, "structure", UNKNOWN},
    {"live is another database", live_is_another, "row-counts", CHECK_UNKNOWN, "table-gone-from-live", CHECK_NOTICE,
     "auth.users"},
    {"gone from live", gone_from_live, "row-counts", NOTES("table-gone-from-live", "auth.users")},
    {"partitioned", partitioned, "row-counts", HOLDS},
    {"partition drifts", partition_drifts, "row-counts", HOLDS},
    {"partitions drift", partitions_drift, "row-counts", FAILS("row-count-drift", "public.calls")},
    {"partition empty", partition_empty, "row-counts", WARNS("table-emptied", "public.calls_1")},
    {"partition missing", partition_missing, "row-counts", HOLDS},
    {"partition missing: structure", partition_missing, "structure", WARNS("table-missing", "public.calls_3")},
    {"partition missing and full", partition_missing_full, "row-counts", FAILS("row-count-drift", "public.calls")},
    {"partition uncounted", partition_uncounted, "row-counts", CHECK_UNKNOWN, "rows-not-counted", CHECK_NOTICE,
     "public.calls"},
    {"partitions routed", partition_routed, "row-counts", HOLDS},
    {"partitions routed, lossy", partition_routed_lossy, "row-counts", FAILS("row-count-drift", "public.calls")},
    {"partitions in circles", partition_in_circles, "row-counts", HOLDS},
    {"live has more", live_has_more, "structure", FAILS("table-missing", "public.invoices")},
    {"live has an empty partition", live_has_empty_partition, "structure",
     WARNS("table-missing", "public.calls_2026_12")},
    {"live has more, ignored", live_has_more_ignored, "structure", HOLDS},
    {"live has a column", live_has_column, "structure", FAILS("column-missing", "public.contacts")},
    {"the dump has a column", dump_has_column, "structure", HOLDS},
    {"index missing", index_missing, "structure", WARNS("structure-lost", "index orders_new on public.orders")},
    {"index of a missing table", index_of_missing_table, "structure", FAILS("table-missing", "public.invoices")},
    {"security off", security_off, "structure", WARNS("structure-lost", "public.contacts")},
    {"structure without live", no_live, "structure", SKIPPED},
    {"structure of data only", data_only, "structure", SKIPPED},
    {"lacks a schema", lacks_schema, "partial", FAILS("schema-missing", "storage")},
    {"lacks a schema: structure", lacks_schema, "structure", HOLDS},
    {"lacks an empty schema", lacks_empty_schema, "partial", WARNS("schema-missing", "storage")},
    {"lacks an ignored schema", lacks_schema_ignored, "partial", HOLDS},
    {"no tables", no_tables, "partial", FAILS("no-tables", "")},
    {"schema only", schema_only, "partial", FAILS("schema-only", "")},
    {"schema only: rows", schema_only, "row-counts", SKIPPED},
    {"data only", data_only, "partial", FAILS("data-only", "")},
    {"row security", row_security_dump, "partial", FAILS("row-security-dump", "")},
    {"no large objects", no_large_objects, "partial", FAILS("large-objects-missing", "large objects")},
    {"no large objects anywhere", no_large_objects_anywhere, "partial", HOLDS},
    {"lost rows", lost_rows, "sudden-loss", FAILS("rows-lost-since-last-backup", "public.contacts")},
    {"lost rows to the limit", lost_rows_at_limit, "sudden-loss", HOLDS},
    {"lost rows in live too", lost_rows_in_live_too, "sudden-loss",
     WARNS("rows-lost-since-last-backup", "public.contacts")},
    {"lost few", lost_few, "sudden-loss", HOLDS},
    {"lost all of few", lost_all_of_few, "sudden-loss", FAILS("rows-lost-since-last-backup", "public.contacts")},
    {"lost and accepted", lost_accepted, "sudden-loss", NOTES("rows-lost-since-last-backup", "public.contacts")},
    {"lost a table with live", lost_table, "sudden-loss", WARNS("table-lost-since-last-backup", "public.archive")},
    {"lost a table", lost_table_unconfirmed, "sudden-loss", FAILS("table-lost-since-last-backup", "public.archive")},
    {"the verified one is newer", verified_is_newer, "sudden-loss", SKIPPED},
    {"first run", first_run, "sudden-loss", SKIPPED},
    {"no history", no_history, "sudden-loss", SKIPPED},
    {"store down", store_down, "sudden-loss", UNKNOWN},
    {"no digests", nothing, "content", SKIPPED},
    {"digests", digests, "content", HOLDS},
    {"digests differ", digests_differ, "content", WARNS("content-differs", "public.contacts")},
    {"digests differ, frozen", digests_differ_frozen, "content", FAILS("content-differs", "public.contacts")},
    {"digests and counts differ", digests_and_counts_differ, "content", HOLDS},
    {"digests of inserts", digests_inserts, "content", UNKNOWN},
    {"digests of other columns", digests_columns, "content", UNKNOWN},
    {"digests without live", digests_without_live, "content", UNKNOWN},
    {"old tools", old_tools, "restorability", WARNS("tools-too-old", "")},
    {"no tools", no_tools, "restorability", SKIPPED},
    {"needs an extension", needs_extension, "restorability", NOTES("extension-unavailable", "extensions")},
    {"extensions not known", extensions_unknown, "restorability", HOLDS},
    {"refers to a role", refers_to_role, "restorability", NOTES("roles-not-in-dump", "roles")},
    {"creates its role", creates_role, "restorability", HOLDS},
    {"paused", paused, "verification-gap", WARNS("verification-gap", "")},
    {"barely paused", barely_paused, "verification-gap", HOLDS},
    {"first verification", first_run, "verification-gap", SKIPPED},
    {"gap with the store down", store_down, "verification-gap", UNKNOWN},
};

static bool has_finding(const CheckResult *result, const Case *row) {
    LIST_EACH (const Finding, finding, result->findings) {
        if (strcmp(finding->id, row->finding) == 0 && strcmp(finding->where, row->where) == 0 &&
            finding->severity == row->severity)
            return true;
    }
    return false;
}

static void print_result(const CheckResult *result) {
    print_message("%s: %s, why: %s\n", result->check->id, check_status_name(result->status),
                  result->why == NULL ? "-" : result->why);
    LIST_EACH (const Finding, finding, result->findings)
        print_message("  %s %s [%s] %s\n", check_severity_name(finding->severity), finding->id, finding->where,
                      finding->message);
}

static void check_case(const Case *row) {
    World *world = world_new();
    row->change(world);
    CheckResults results;
    world_judge(world, &results);
    const CheckResult *result = world_result(&results, row->check);
    bool right = result->status == row->status;
    right = right && (row->finding == NULL ? result->findings.count == 0 : has_finding(result, row));
    right = right && ((result->status != CHECK_UNKNOWN && result->status != CHECK_SKIPPED) || result->why != NULL);
    if (!right) {
        print_result(result);
        fail_msg("%s: expected %s of %s, finding %s", row->name, check_status_name(row->status), row->check,
                 row->finding == NULL ? "none" : row->finding);
    }
    arena_free(world->arena);
}

static void test_cases(void **state) {
    (void)state;
    for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++)
        check_case(&cases[at]);
}

static bool is_of_copy(const Check *check) {
    return check->level > 2 && strcmp(check->id, "restorability") != 0;
}

/* The control of every case above: untouched, nothing is found and all that can run holds. */
static void test_control(void **state) {
    (void)state;
    World *world = world_new();
    world_set(world, "critical", "contacts,orders");
    world_set(world, "digests", "yes");
    CheckResults results;
    world_judge(world, &results);
    LIST_EACH (const CheckResult, result, results) {
        if (is_of_copy(result->check))
            continue; /* copied_test.c */
        if (result->status != CHECK_PASS || result->findings.count != 0)
            print_result(result);
        assert_int_equal(result->status, CHECK_PASS);
        assert_int_equal(result->findings.count, 0);
    }
    arena_free(world->arena);
}

/* Every finding that can be found without a restored copy is found by a case; the others are copied_test.c's and
 * attestation_test.c's. */
static void test_every_finding_has_a_case(void **state) {
    (void)state;
    for (const Check *const *check = check_table; *check != NULL; check++) {
        if (is_of_copy(*check) || strcmp((*check)->id, "attestation") == 0)
            continue;
        for (const CheckFinding *const *finding = (*check)->findings; *finding != NULL; finding++) {
            bool found = false;
            for (size_t at = 0; at < sizeof(cases) / sizeof(cases[0]); at++)
                found |= cases[at].finding != NULL && strcmp(cases[at].finding, (*finding)->id) == 0;
            if (!found)
                fail_msg("no case finds %s", (*finding)->id);
        }
    }
}

/* Without a backup no check passes but the one that says so by failing. */
static void test_nothing_passes_without_a_backup(void **state) {
    (void)state;
    World *world = world_new();
    missing(world);
    CheckResults results;
    world_judge(world, &results);
    LIST_EACH (const CheckResult, result, results) {
        if (strcmp(result->check->id, "verification-gap") != 0)
            assert_int_not_equal(result->status, CHECK_PASS);
    }
    arena_free(world->arena);
}

static void test_drift(void **state) {
    (void)state;
    assert_true(scope_drift(0, 0) == 0);
    assert_true(scope_drift(0, 1) > 1e300);
    assert_true(scope_drift(10, 9) > 0.0999 && scope_drift(10, 9) < 0.1001);
    /* Every boundary n % of 100 rows is within n %. */
    for (uint64_t percent = 0; percent <= 100; percent++) {
        assert_false(scope_beyond(100, 100 - percent, (double)percent / 100));
        assert_false(scope_beyond(100, 100 + percent, (double)percent / 100));
        assert_true(scope_beyond(100, 100 + percent + 1, (double)percent / 100));
    }
    assert_true(scope_beyond(0, 1, 1000));
    assert_false(scope_beyond(UINT64_MAX, 0, 1));
    assert_true(scope_beyond(1, UINT64_MAX, 1000));
}

static void test_patterns(void **state) {
    (void)state;
    static const struct {
        const char *pattern, *name;
        bool matches;
    } rows[] = {
        {"public.contacts", "public.contacts", true},
        {"contacts", "public.contacts", true},
        {"realtime.*", "realtime.messages", true},
        {"realtime.*", "public.realtime", false},
        {"*_tmp", "public.audit_tmp", true},
        {"contact", "public.contacts", false},
        {"public.contacts", "crm.contacts", false},
        {"public.[ab]*", "public.agents", true},
        {"*", "", true},
    };
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++)
        if (scope_matches(rows[at].pattern, rows[at].name) != rows[at].matches)
            fail_msg("%s on %s", rows[at].pattern, rows[at].name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_control),  cmocka_unit_test(test_cases),
        cmocka_unit_test(test_drift),    cmocka_unit_test(test_every_finding_has_a_case),
        cmocka_unit_test(test_patterns), cmocka_unit_test(test_nothing_passes_without_a_backup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
