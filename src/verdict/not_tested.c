/* SPDX-License-Identifier: PostgreSQL */
#include "verdict/not_tested.h"

#include <string.h>

#include "base/text.h"
#include "check/examined.h"
#include "check/scope.h"

static void add(Report *report, const char *what, const char *why) {
    *LIST_PUSH(report->arena, report->not_tested) = (ReportNotTested){.what = what, .why = why};
}

/* Without a restore every check of a restored copy is skipped for the same reason, which is told once. */
static void add_skipped(Report *report) {
    LIST_EACH (const CheckResult, result, report->checks) {
        if (result->status == CHECK_SKIPPED && strcmp(result->why, examined_not_asked) != 0)
            add(report, result->check->subject, result->why);
    }
}

/* "public.a, public.b and 3 more". */
static const char *table_list(Arena *arena, const InventoryTable *const *tables, size_t count) {
    const char *text = "";
    for (size_t at = 0; at < count && at < 3; at++)
        text = arena_printf(arena, "%s%s%s", text, at == 0 ? "" : ", ", inventory_table_text(arena, tables[at]));
    return count <= 3 ? text : arena_printf(arena, "%s and %s more", text, check_number_text(arena, count - 3));
}

typedef bool (*TableTest)(CheckContext *context, const InventoryTable *table);

static bool is_foreign(CheckContext *context, const InventoryTable *table) {
    (void)context;
    return table->kind == 'f';
}
static bool is_view(CheckContext *context, const InventoryTable *table) {
    (void)context;
    return table->kind == 'm';
}
static bool is_unlogged_without_rows(CheckContext *context, const InventoryTable *table) {
    (void)context;
    return table->unlogged && !table->has_data;
}
static bool is_uncounted(CheckContext *context, const InventoryTable *table) {
    (void)context;
    return table->has_data && table->count == INVENTORY_UNKNOWN;
}

static void add_tables(CheckContext *context, Report *report, TableTest test, const char *what, const char *why) {
    LIST(const InventoryTable *) found = {0};
    LIST_EACH (const InventoryTable, table, context->backup->inventory->tables) {
        if (test(context, table))
            *LIST_PUSH(report->arena, found) = table;
    }
    if (found.count > 0)
        add(report, arena_printf(report->arena, "%s: %s", what, table_list(report->arena, found.items, found.count)),
            why);
}

static void add_of_tables(CheckContext *context, Report *report) {
    add_tables(context, report, scope_ignored, "Ignored tables",
               "the configuration leaves them out of every comparison (ignore)");
    add_tables(context, report, is_foreign, "Rows of foreign tables",
               "they live on another server, and pg_dump does not write them");
    add_tables(context, report, is_view, "Rows of materialised views",
               "a dump holds their definition; a restore computes them anew");
    add_tables(context, report, is_unlogged_without_rows, "Rows of unlogged tables", "they were left out of the dump");
    add_tables(context, report, is_uncounted, "Row counts of damaged tables",
               "their data could not be read to the end");
}

static const char *unchecked_bytes(const Backup *backup) {
    if (strcmp(backup->compression, "none") == 0)
        return "an uncompressed dump carries no checksums: a byte that flipped inside a value looks like data";
    if (strcmp(backup->compression, "zstd") == 0 || strcmp(backup->compression, "lz4") == 0)
        return "pg_dump writes zstd and lz4 without checksums: some flipped bytes still decompress";
    return NULL;
}

/* Only a script says whether it was taken with --enable-row-security; counts against live tell in any case. */
static bool may_lack_hidden_rows(const CheckContext *context) {
    bool secured = false;
    LIST_EACH (const InventoryTable, table, context->backup->inventory->tables)
        secured |= table->row_security;
    return secured && context->live == NULL && strcmp(context->backup->format, "script") != 0;
}

static void add_of_bytes(CheckContext *context, Report *report) {
    const Backup *backup = context->backup;
    const char *why = unchecked_bytes(backup);
    if (why != NULL && !report->attested)
        add(report, "Single flipped bytes", why);
    if (may_lack_hidden_rows(context))
        add(report, "Rows that row-level security may have hidden from the dump",
            "an archive does not tell whether it was taken with --enable-row-security; counts against the live "
            "database do");
    if (backup->insert_style)
        add(report, "Digests of the rows",
            "rows stand as INSERT statements, which have no COPY text to take a digest of");
    if (backup->taken_at_note != NULL)
        add(report, "When exactly the backup was taken", backup->taken_at_note);
    else if (!backup->taken_at_stated)
        add(report, "When the backup was taken", "it does not say so inside: the file's time was used");
    if (!backup->inventory->large_objects_known)
        add(report, "Large objects", "the backup does not tell whether it should hold any");
}

static void add_of_attestation(CheckContext *context, Report *report) {
    uint64_t undigested = 0;
    LIST_EACH (const InventoryTable, table, context->attestation->inventory->tables)
        undigested += table->has_data && table->kind == 'r' && !table->extension_owned && !table->digested;
    if (undigested > 0)
        add(report,
            arena_printf(report->arena, "That %s had this content when the backup was taken",
                         check_count_text(report->arena, undigested, "table")),
            "the attestation holds their row counts only (--no-digests)");
}

static void add_of_live(CheckContext *context, Report *report) {
    uint64_t estimated = 0;
    LIST_EACH (const InventoryTable, table, context->live->tables)
        estimated += table->count == INVENTORY_ESTIMATE;
    if (estimated > 0)
        add(report,
            arena_printf(report->arena, "Exact counts of %s", check_count_text(report->arena, estimated, "live table")),
            "they are larger than estimate_above: the server's statistics were used");
    if (context->backup != NULL && context->backup->inventory->databases.count > 1)
        add(report,
            arena_printf(report->arena, "Databases other than %s", text_safe(report->arena, context->live->database)),
            "the live comparison is with one database");
}

/* "INDEX" and the like, as a word in a sentence. */
static const char *kind_text(Arena *arena, const char *kind) {
    char *text = arena_strdup(arena, kind);
    for (char *at = text; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return text;
}

#define SHOWN 60 /* of what was left out, or not made; the rest is counted */

/* What an object that could not be made leaves untested. Those kept out on purpose have a note of their own. */
static void add_of_lost(Report *report, const Restore *restore) {
    size_t shown = 0;
    LIST_EACH (const LostObject, lost, restore->lost) {
        if (lost->class == EXPLAIN_PLATFORM_OBJECT || lost->class == EXPLAIN_REFUSED || shown++ >= SHOWN)
            continue;
        const char *name = text_safe(report->arena, arena_printf(report->arena, "%s%s%s", lost->schema,
                                                                 lost->schema[0] == '\0' ? "" : ".", lost->name));
        add(report,
            arena_printf(report->arena, "%s %s, which could not be made", kind_text(report->arena, lost->kind), name),
            lost->reason);
    }
    if (shown > SHOWN)
        add(report, check_count_text(report->arena, shown - SHOWN, "more object"), "they could not be made");
}

/* What was kept out of the sandbox, each with its reason; many of a kind become one line. */
static void add_of_restore(CheckContext *context, Report *report) {
    const Restore *restore = context->restore;
    size_t shown = 0;
    LIST_EACH (const RestoreNote, note, restore->left_out) {
        if (shown++ < SHOWN)
            add(report, note->what, note->why);
    }
    if (shown > SHOWN)
        add(report,
            arena_printf(report->arena, "%s that %s left out of the sandbox",
                         check_count_text(report->arena, shown - SHOWN, "more object"),
                         shown == SHOWN + 1 ? "was" : "were"),
            "they would act outside of it");
    add_of_lost(report, restore);
    if (restore->stubs[0] != '\0')
        add(report, arena_printf(report->arena, "The platform's own %s", restore->stubs),
            "the dump leaves them out; the sandbox had stand-ins");
    if (restore->databases.count > 1)
        add(report, "Looking at all databases as the application would",
            "views, keys and writes were tried in the one with most tables; rows and content were compared in all");
}

/* What a probe of the restored copy had to pass over; many of a kind become one line. */
static void add_of_examination(CheckContext *context, Report *report) {
    for (ExamineProbe probe = 0; probe < EXAMINE_PROBES; probe++) {
        size_t shown = 0;
        LIST_EACH (const ExamineGap, gap, context->examination->results[probe].gaps) {
            if (shown++ < 10)
                add(report, gap->what, gap->why);
        }
        if (shown > 10)
            add(report,
                arena_printf(report->arena, "%s of the copy more", check_number_text(report->arena, shown - 10)),
                "for reasons like these");
    }
}

void not_tested_fill(CheckContext *context, Report *report) {
    add_skipped(report);
    if (context->backup != NULL) {
        add_of_tables(context, report);
        add_of_bytes(context, report);
    }
    if (context->attestation != NULL)
        add_of_attestation(context, report);
    if (context->live != NULL)
        add_of_live(context, report);
    if (context->examination != NULL)
        add_of_examination(context, report);
    if (context->restore != NULL)
        add_of_restore(context, report);
    if (context->restore == NULL && !context->restore_asked)
        add(report, "Restoring it",
            "the backup was read, not restored: constraints, functions and roles show their faults only then "
            "(--restore)");
    add(report, "Changes since the backup was taken", "a dump stands still: they are lost unless WAL is archived");
}
