/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "pg/sql.h"
#include "pg/toc.h"
#include "sandbox/keepout.h"
#include "sandbox/pgrestore.h"
#include "sandbox/restore_parts.h"
#include "sandbox/service.h"

/*
 * An archive is restored by several runs of pg_restore, each with a list of dump ids: so that the phases are timed
 * apart, and so that what must stay out, stays out. Schemas come first, because stand-ins for absent types live in
 * them. Definitions and data are one run: pg_restore then loads each table in the transaction that made it anew, and
 * the server writes no log of the rows (wal_level = minimal).
 */
typedef enum Run { RUN_SCHEMAS, RUN_DATA, RUN_INDEXES, RUN_CONSTRAINTS, RUNS } Run;

static const struct {
    const char *phase, *then;
    bool parallel;
} runs[RUNS] = {
    [RUN_SCHEMAS] = {"pre-data", NULL, false},
    [RUN_DATA] = {"pre-data", "data", true},
    [RUN_INDEXES] = {"indexes", NULL, true},
    [RUN_CONSTRAINTS] = {"constraints", NULL, true},
};

typedef struct Plan {
    Restoring *restoring;
    Buf *lists[RUNS]; /* pg_restore --use-list: "ID;" a line */
    bool sequential;  /* the archive cannot be read in parallel: no data offsets, or tar */
} Plan;

/* Section numbers of the table of contents: pg_backup_archiver.h, teSection. */
enum { SECTION_PRE_DATA = 2, SECTION_DATA = 3 };

static bool is_desc(const TocEntry *entry, const char *const *words) {
    for (; *words != NULL; words++)
        if (strcmp(entry->desc, *words) == 0)
            return true;
    return false;
}

/* Kinds that are kept out whatever their words. Foreign tables go with their servers. */
static const char *const platform_kinds[] = {
    "EVENT TRIGGER",      "PUBLICATION", "PUBLICATION TABLE", "PUBLICATION TABLES IN SCHEMA", "SUBSCRIPTION",
    "SUBSCRIPTION TABLE", "SERVER",      "USER MAPPING",      "FOREIGN DATA WRAPPER",         "FOREIGN TABLE",
    "FOREIGN SERVER",     NULL};
/* The database itself is made beforehand. */
static const char *const database_kinds[] = {"DATABASE",   "DATABASE PROPERTIES", "ENCODING",
                                             "STDSTRINGS", "SEARCHPATH",          NULL};

/* Left out even of a restore in earnest: what would act by itself, at once, beside the one it is a copy of. */
static const char *const acting_kinds[] = {"SUBSCRIPTION", "SUBSCRIPTION TABLE", NULL};

static const char *left_out_in_earnest(const TocEntry *entry) {
    if (is_desc(entry, acting_kinds))
        return keepout_subscription;
    bool jobs = strcmp(entry->desc, "TABLE DATA") == 0 && strcmp(entry->schema, "cron") == 0;
    return jobs ? keepout_jobs : NULL;
}

/* Why the entry is left out, or NULL. */
static const char *left_out(Restoring *restoring, const TocEntry *entry) {
    if (restoring->request->keep_platform)
        return left_out_in_earnest(entry);
    const char *why = keepout_acts(text_of(entry->definition));
    if (why == NULL && is_desc(entry, platform_kinds))
        why = "it would act outside of the sandbox";
    return why;
}

/* "EXTENSION vector", and comments on it, which pg_dump tags "EXTENSION vector". */
static const char *extension_of(const TocEntry *entry) {
    if (strcmp(entry->desc, "EXTENSION") == 0)
        return entry->tag;
    if (strcmp(entry->desc, "COMMENT") == 0 && strncmp(entry->tag, "EXTENSION ", 10) == 0)
        return entry->tag + 10;
    return NULL;
}

static Run run_of(const TocEntry *entry) {
    if (strcmp(entry->desc, "SCHEMA") == 0)
        return RUN_SCHEMAS;
    if (entry->section == SECTION_PRE_DATA || entry->section == SECTION_DATA)
        return RUN_DATA;
    return strcmp(entry->desc, "INDEX") == 0 ? RUN_INDEXES : RUN_CONSTRAINTS;
}

/* pg_restore runs the definition as it stands, and the statement that is to take the rows. */
static const char *entry_hostile(const TocEntry *entry) {
    const char *why = keepout_hostile(text_of(entry->definition));
    if (why != NULL || entry->copy[0] == '\0')
        return why;
    why = keepout_hostile(text_of(entry->copy));
    return why != NULL || sql_copies_in(text_of(entry->copy), true) ? why
                                                                    : "its rows are not taken by COPY ... FROM stdin";
}

static void plan_entry(Plan *plan, const TocEntry *entry) {
    Restoring *restoring = plan->restoring;
    if (entry->place == TOC_PLACE_UNKNOWN && entry->has_data)
        plan->sequential = true;
    if (is_desc(entry, database_kinds) || !restore_part_entry(restoring, entry))
        return;
    const char *extension = extension_of(entry);
    if (extension != NULL && restore_is_absent(restoring, extension))
        return; /* noted where its stand-ins are made */
    const char *why = restoring->request->trust_dump ? NULL : entry_hostile(entry);
    const char *object = arena_printf(restoring->arena, "%s %s%s%s", entry->desc, entry->schema,
                                      entry->schema[0] == '\0' ? "" : ".", entry->tag);
    if (why != NULL) {
        restore_refuse(restoring, object, text_of(entry->definition), why);
        return;
    }
    why = left_out(restoring, entry);
    if (why != NULL) {
        if (strcmp(entry->desc, "ACL") != 0 && strcmp(entry->desc, "COMMENT") != 0)
            restore_note(restoring, object, why);
        restore_lost(restoring, text_of(entry->definition), EXPLAIN_PLATFORM_OBJECT, why);
        return;
    }
    buf_printf(plan->lists[run_of(entry)], "%llu;\n", (unsigned long long)entry->id);
}

static Err *make_plan(Plan *plan) {
    Restoring *restoring = plan->restoring;
    Arena *arena = restoring->arena;
    const Backup *backup = restoring->request->backup;
    FileForward *bytes = ARENA_NEW(arena, FileForward);
    bytes->arena = arena;
    FileInfo info;
    bool directory = strcmp(backup->format, "directory") == 0;
    const char *path = directory ? file_join(arena, backup->path, "toc.dat") : backup->path;
    TRY(file_open(arena, path, &bytes->descriptor, &info));
    if (strcmp(backup->format, "tar") == 0) { /* toc.dat is the first member, behind one header block */
        bytes->at = 512;
        plan->sequential = true;
    }
    for (Run run = RUN_SCHEMAS; run < RUNS; run++)
        plan->lists[run] = buf_new(arena, (size_t)64 << 20);
    Toc *toc = toc_new(arena, file_forward, bytes, info.size - bytes->at);
    TocHeader header;
    TRY(toc_header(toc, &header));
    for (;;) {
        const TocEntry *entry = NULL;
        TRY(toc_next(toc, &entry));
        if (entry == NULL)
            break;
        plan_entry(plan, entry);
    }
    for (Run run = RUN_SCHEMAS; run < RUNS; run++)
        if (plan->lists[run]->full)
            return err_new(arena, ERR_LIMIT, "%s has too many entries to restore", backup->path);
    return NULL;
}

static Err *run_list(Plan *plan, Run run, const char *service) {
    const PgrestoreRun pgrestore = {.list = plan->lists[run],
                                    .phase = runs[run].phase,
                                    .then = runs[run].then,
                                    .service = service,
                                    .jobs =
                                        plan->sequential || !runs[run].parallel ? 1 : plan->restoring->request->jobs};
    return pgrestore_run(plan->restoring, &pgrestore);
}

/* Extensions that are not to be had leave their types behind as stand-ins. */
static Err *stand_in(Restoring *restoring, const char *database) {
    Query *query = NULL;
    TRY(restore_server_connect(restoring, database, &query));
    TRY(restore_stubs(restoring, query, ""));
    LIST_EACH (const InventoryExtension, extension, restoring->request->backup->inventory->extensions) {
        if (restore_is_absent(restoring, extension->name))
            TRY(restore_stand_in(restoring, query, extension->name, extension->schema));
    }
    return restore_stand_in_tables(restoring, query, "");
}

Err *restore_archive(Restoring *restoring) {
    const Backup *backup = restoring->request->backup;
    Plan plan = {.restoring = restoring};
    TRY(make_plan(&plan));
    const char *database = restoring->request->database;
    if (database == NULL) {
        database = backup->database != NULL && backup->database[0] != '\0' ? backup->database : "restored";
        /* The sandbox's own databases are taken. */
        if (strcmp(database, "postgres") == 0 || strncmp(database, "template", 8) == 0)
            database = arena_printf(restoring->arena, "%s_restored", database);
        TRY(restore_server_create(restoring, database, backup->encoding));
    }
    *LIST_PUSH(restoring->arena, restoring->out->databases) = database;
    const char *service = NULL;
    Query *query = NULL;
    TRY(restore_server_connect(restoring, database, &query));
    TRY(service_write(restoring->arena, query->connection, database, &service));
    TRY(run_list(&plan, RUN_SCHEMAS, service));
    if (restoring->request->part != RESTORE_ROWS)
        TRY(stand_in(restoring, database));
    for (Run run = RUN_DATA; run < RUNS; run++)
        TRY(run_list(&plan, run, service));
    return NULL;
}
