/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "base/time.h"
#include "pg/toc.h"
#include "sandbox/keepout.h"
#include "sandbox/restore_parts.h"
#include "sandbox/service.h"
#include "sandbox/words.h"

/*
 * An archive is restored by several runs of pg_restore, each with a list of dump ids: so that the phases are timed
 * apart, and so that what must stay out, stays out. Schemas come first, because stand-ins for absent types live in
 * them.
 */
typedef enum Run { RUN_NONE, RUN_SCHEMAS, RUN_PRE_DATA, RUN_DATA, RUN_INDEXES, RUN_CONSTRAINTS, RUNS } Run;

static const struct {
    const char *phase;
    bool parallel;
} runs[RUNS] = {
    [RUN_SCHEMAS] = {"pre-data", false}, [RUN_PRE_DATA] = {"pre-data", false},      [RUN_DATA] = {"data", true},
    [RUN_INDEXES] = {"indexes", true},   [RUN_CONSTRAINTS] = {"constraints", true},
};

typedef struct Plan {
    Restoring *restoring;
    Buf *lists[RUNS]; /* pg_restore --use-list: "ID;" a line */
    bool sequential;  /* the archive cannot be read in parallel: no data offsets, or tar */
} Plan;

/* Section numbers of the table of contents: pg_backup_archiver.h, teSection. */
enum { SECTION_PRE_DATA = 2, SECTION_DATA = 3 };

typedef struct FileBytes {
    Arena *arena;
    int descriptor;
    uint64_t at;
    char piece[65536];
} FileBytes;

static Err *more_bytes(void *context, Text *piece) {
    FileBytes *bytes = context;
    size_t got = 0;
    TRY(file_read_at(bytes->arena, bytes->descriptor, bytes->at, bytes->piece, sizeof(bytes->piece), &got));
    bytes->at += got;
    *piece = (Text){.at = bytes->piece, .length = got};
    return NULL;
}

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
    if (entry->section == SECTION_PRE_DATA)
        return RUN_PRE_DATA;
    if (entry->section == SECTION_DATA)
        return RUN_DATA;
    return strcmp(entry->desc, "INDEX") == 0 ? RUN_INDEXES : RUN_CONSTRAINTS;
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
    const char *why = restoring->request->trust_dump ? NULL : keepout_hostile(text_of(entry->definition));
    const char *object = arena_printf(restoring->arena, "%s %s%s%s", entry->desc, entry->schema,
                                      entry->schema[0] == '\0' ? "" : ".", entry->tag);
    if (why != NULL) {
        restore_refuse(restoring, object, text_of(entry->definition), why);
        return;
    }
    why = left_out(restoring, entry);
    if (why != NULL) {
        restore_note(restoring, object, why);
        return;
    }
    buf_printf(plan->lists[run_of(entry)], "%llu;\n", (unsigned long long)entry->id);
}

static Err *make_plan(Plan *plan) {
    Restoring *restoring = plan->restoring;
    Arena *arena = restoring->arena;
    const Backup *backup = restoring->request->backup;
    FileBytes *bytes = ARENA_NEW(arena, FileBytes);
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
    Toc *toc = toc_new(arena, more_bytes, bytes, info.size - bytes->at);
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

static void on_error(void *context, const WordsError *error) {
    restore_failed(context, error->entry, error->message, error->statement);
}

static void on_line(Text line, void *context) {
    words_line(context, line);
}

/* With --jobs above 1 pg_restore counts what failed in a worker twice: once there and once when the worker is done
 * (seen with 15: four failures, "errors ignored on restore: 8"). Each of them is told once either way. */
static bool counts_agree(const Words *words, bool parallel) {
    int64_t counted = words_ignored(words);
    uint64_t told = words_errors(words);
    return counted >= 0 && ((uint64_t)counted == told || (parallel && (uint64_t)counted == 2 * told));
}

/* pg_restore's status and its words must tell the same story; where they do not, that is an error of its own. */
static Err *judge(Restoring *restoring, const ProcessResult *result, const Words *words, Run run) {
    const char *phase = runs[run].phase;
    Arena *arena = restoring->arena;
    if (result->timed_out) {
        TRY(restore_go_on(restoring));
        return err_new(arena, ERR_TIMEOUT, "pg_restore did not finish in time");
    }
    bool told = counts_agree(words, runs[run].parallel && restoring->request->jobs > 1);
    if (result->status == 0 && words_errors(words) == 0 && words_ignored(words) < 0)
        return NULL;
    if (result->status == 1 && told)
        return NULL;
    const char *last = text_quote(arena, text_trim(buf_view(result->errors)), 2000);
    restore_failed(restoring, phase,
                   arena_printf(arena, "pg_restore ended with %s %d after %llu errors of which it counted %lld",
                                result->signal != 0 ? "signal" : "status",
                                result->signal != 0 ? result->signal : result->status,
                                (unsigned long long)words_errors(words), (long long)words_ignored(words)),
                   last);
    return NULL;
}

static Err *run_list(Plan *plan, Run run, const char *service) {
    Restoring *restoring = plan->restoring;
    Arena *arena = restoring->arena;
    if (plan->lists[run]->length == 0)
        return NULL;
    TRY(restore_go_on(restoring));
    const char *list = file_join(arena, restoring->workspace, "list");
    TRY(file_write_atomic(arena, list, buf_view(plan->lists[run]), 0600));
    int jobs = plan->sequential || !runs[run].parallel ? 1 : restoring->request->jobs;
    Words *words = words_new(arena, on_error, restoring);
    ProcessResult result = {0};
    const ProcessRequest request = {
        .arguments = (const char *const[]){tools_program(arena, restoring->request->tools, "pg_restore"), "--use-list",
                                           list, "--jobs", arena_printf(arena, "%d", jobs), "--dbname",
                                           "service=lifeboat", "--", restoring->request->backup->path, NULL},
        /* pg_restore's words are parsed: they must be English. */
        .environment = (const char *const[]){service, "LC_ALL=C", "PGAPPNAME=lifeboat", NULL},
        .deadline = restore_time_left(restoring),
        .on_line = on_line,
        .context = words,
    };
    int64_t began = time_monotonic();
    Err *err = process_run(arena, &request, &result);
    words_end(words);
    restore_phase(restoring, runs[run].phase, began);
    TRY(err);
    return judge(restoring, &result, words, run);
}

/* Extensions that are not to be had leave their types behind as stand-ins. */
static Err *stand_in(Restoring *restoring, const char *database) {
    Query *query = NULL;
    TRY(restore_server_connect(restoring, database, &query));
    LIST_EACH (const InventoryExtension, extension, restoring->request->backup->inventory->extensions) {
        if (restore_is_absent(restoring, extension->name))
            TRY(restore_stand_in(restoring, query, extension->name, extension->schema));
    }
    return restore_stubs(restoring, query);
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
    for (Run run = RUN_PRE_DATA; run < RUNS; run++)
        TRY(run_list(&plan, run, service));
    return NULL;
}
