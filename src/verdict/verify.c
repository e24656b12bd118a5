/* SPDX-License-Identifier: PostgreSQL */
#include "verdict/verify.h"

#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/thread.h"
#include "base/uuid.h"
#include "check/check_content.h"
#include "check/scope.h"
#include "inventory/live.h"
#include "pg/identifier.h"
#include "sandbox/tools.h"
#include "source/directory.h"
#include "verdict/attested.h"
#include "verdict/not_tested.h"
#include "verdict/prove.h"
#include "verdict/verdict.h"

const Option verify_against = {
    .name = "against",
    .type = OPTION_SECRET,
    .argument = "CONNINFO",
    .may_be_flag = true,
    .summary = "the live database to compare with",
    .detail = "A libpq connection string or URI, best one without a password: a service (pg_service.conf) and a "
              "password file (~/.pgpass, PGPASSFILE) keep it out of process lists and configuration. In the "
              "configuration, against_file names a file that holds it. Use a session (port 5432), not a transaction "
              "pooler (6543), and a role that may read every table and has BYPASSRLS: a table whose rows row-level "
              "security could hide is not counted."};

static const Option jobs = {.name = "jobs",
                            .letter = 'j',
                            .type = OPTION_INTEGER,
                            .argument = "N",
                            .minimum = 1,
                            .maximum = 256,
                            .summary = "threads that read the backup; default: one for each processor"};

static const Option connections = {.name = "connections",
                                   .type = OPTION_INTEGER,
                                   .argument = "N",
                                   .fallback = "2",
                                   .minimum = 1,
                                   .maximum = 64,
                                   .summary = "connections that count the live database"};

static const Option estimate_above = {
    .name = "estimate_above",
    .type = OPTION_SIZE,
    .argument = "SIZE",
    .summary = "take the row counts of larger live tables from statistics",
    .detail =
        "Counting a table exactly reads all of it. Tables above this size are estimated from the server's statistics "
        "instead; the report says which, and a difference in an estimated table is a warning at most."};

static const Option live_timeout = {.name = "live_timeout",
                                    .type = OPTION_DURATION,
                                    .argument = "LENGTH",
                                    .fallback = "30m",
                                    .summary = "longest a single statement may take on the live database"};

static const Option strict = {.name = "strict", .type = OPTION_FLAG, .summary = "treat warnings as failures"};

const Option *const verify_options[] = {&verify_against,      &jobs,   &connections, &estimate_above, &live_timeout,
                                        &attested_verify_key, &strict, NULL};

void verify_declare_options(Settings *settings) {
    settings_declare(settings, verify_options, sizeof(verify_options) / sizeof(verify_options[0]) - 1);
    prove_declare_options(settings);
    check_declare_options(settings);
}

typedef struct Verify {
    const VerifyRequest *request;
    CheckContext context;
    Backup *backup;
    Inventory *live;
    const char *phase;
    Prove *prove; /* NULL: a restore was not asked for */
} Verify;

static void tell(void *context, uint64_t done, uint64_t total) {
    const Verify *verify = context;
    if (verify->request->progress != NULL)
        verify->request->progress(verify->request->context, verify->phase, done, total);
}

/* ---- the backup ---- */

typedef struct Measure {
    uint64_t size;
    Time modified;
    bool known;
} Measure;

static Measure measure(Arena *arena, const char *path) {
    Measure found = {0};
    found.known = directory_measure(arena, path, &found.size, &found.modified) == NULL;
    return found;
}

static bool differs(const Measure *before, const Measure *after) {
    return before->known && (!after->known || before->size != after->size || before->modified != after->modified);
}

/* By the real clock: files do not know of a rehearsed one. */
static bool written_just_now(const Measure *found) {
    Time now = (Time)time(NULL) * TIME_SECOND;
    return found->known && found->modified > now - 30 * TIME_SECOND;
}

static bool looks_broken(const Verify *verify) {
    return verify->backup == NULL ? verify->context.open_error != NULL && err_is(verify->context.open_error, ERR_DATA)
                                  : verify->backup->defects.count > 0;
}

/* A broken backup that was written to a moment ago may be one that is not finished: it gets a second look. */
static bool is_changing(Arena *arena, const Verify *verify, const Measure *before) {
    Measure after = measure(arena, verify->request->path);
    if (!differs(before, &after) && looks_broken(verify) && written_just_now(&after)) {
        nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
        after = measure(arena, verify->request->path);
    }
    return differs(before, &after);
}

static int jobs_of(const Settings *settings) {
    return settings_given(settings, &jobs) ? (int)settings_integer(settings, &jobs) : thread_processors();
}

static Err *open_and_read(Arena *arena, Verify *verify) {
    CheckContext *context = &verify->context;
    if (verify->request->obstacle != NULL) {
        context->open_error = verify->request->obstacle;
        return NULL;
    }
    Measure before = measure(arena, verify->request->path);
    context->open_error = backup_open(arena, verify->request->path, &verify->backup);
    if (context->open_error != NULL)
        verify->backup = NULL;
    context->backup = verify->backup;
    if (verify->backup != NULL) {
        verify->phase = "reading";
        BackupReadRequest read = {.jobs = jobs_of(context->settings), .progress = tell, .context = verify};
        context->read_attempted = true;
        context->read_error = backup_read(verify->backup, &read);
        TRY(attested_look(arena, verify->request->path, context));
    }
    context->changing = is_changing(arena, verify, &before);
    const Err *err = context->open_error != NULL ? context->open_error : context->read_error;
    return err != NULL && err_is(err, ERR_INTERRUPTED) ? err_copy(arena, err) : NULL;
}

/* ---- the live side ---- */

/* What the dump's bytes were written with, when that is known. */
static const char *time_zone(const CheckContext *context) {
    const Attest *attest = context->attestation;
    return attest == NULL || attest->inventory->time_zone[0] == '\0' ? NULL : attest->inventory->time_zone;
}

static Err *look_at_live(Arena *arena, Verify *verify) {
    CheckContext *context = &verify->context;
    const char *against = settings_text(context->settings, &verify_against);
    context->live_asked = against != NULL;
    if (!context->live_asked)
        return NULL;
    if (verify->backup == NULL || context->changing) {
        context->live_error = err_new(arena, ERR_NOT_FOUND, "not tried, because there is no backup to compare it with");
        return NULL;
    }
    verify->phase = "counting";
    const char *encoding = verify->backup->encoding;
    LiveRequest live = {.conninfo = against,
                        .jobs = (int)settings_integer(context->settings, &connections),
                        .digests = settings_flag(context->settings, &check_content_digests),
                        .traits = prove_asked(context->settings),
                        .as_dump = true,
                        .time_zone = time_zone(context),
                        .estimate_above = settings_given(context->settings, &estimate_above)
                                              ? settings_size(context->settings, &estimate_above)
                                              : 0,
                        .client_encoding = encoding == NULL || encoding[0] == '\0' ? NULL : encoding,
                        .statement_timeout = settings_duration(context->settings, &live_timeout),
                        .progress = tell,
                        .context = verify};
    Err *err = live_inventory(arena, &live, &verify->live);
    context->live = err == NULL ? verify->live : NULL;
    context->live_error = err;
    return err != NULL && (err_is(err, ERR_INTERRUPTED) || err_is(err, ERR_USAGE)) ? err : NULL;
}

/* ---- what is installed here ---- */

static void list_extensions(Arena *arena, const char *folder, InventoryNames *out) {
    char **names;
    size_t count;
    if (file_list(arena, folder, &names, &count) != NULL)
        return;
    for (size_t at = 0; at < count; at++) {
        Text name = text_of(names[at]);
        if (text_ends(name, ".control"))
            *LIST_PUSH(arena, *out) = text_dup(arena, text_slice(name, 0, name.length - strlen(".control")));
    }
}

/* Where Debian (also one in a folder), PGDG on Red Hat and an installation from source keep the control files. */
static void find_extensions(Arena *arena, const Tools *tools, InventoryNames *out) {
    const char *folders[] = {
        arena_printf(arena, "%s/../../../../share/postgresql/%d/extension", tools->bindir, tools->major),
        arena_printf(arena, "%s/../share/extension", tools->bindir),
        arena_printf(arena, "%s/../share/postgresql/extension", tools->bindir),
    };
    for (size_t at = 0; at < sizeof(folders) / sizeof(folders[0]) && out->count == 0; at++)
        list_extensions(arena, folders[at], out);
}

static Err *look_at_tools(Arena *arena, CheckContext *context) {
    ToolsList list = {0};
    Err *err = context->backup == NULL ? NULL : tools_find(arena, prove_bindir(context->settings), &list);
    LIST_EACH (const Tools, tools, list) {
        if (tools->has_client && tools->major > context->tools_major)
            context->tools_major = tools->major;
        if (tools->has_server && context->extensions.count == 0) /* the newest comes first */
            find_extensions(arena, tools, &context->extensions);
    }
    return err != NULL && err_is(err, ERR_INTERRUPTED) ? err : NULL;
}

/* ---- the restored copy ---- */

/* The critical tables, or every table that holds rows when none are named: what an application would write to. */
static const char *const *writable_tables(Arena *arena, CheckContext *context) {
    LIST(const char *) names = {0};
    LIST_EACH (const InventoryTable, table, context->backup->inventory->tables) {
        if ((table->kind == 'r' || table->kind == 'p') && scope_is_critical(context, table) &&
            !scope_ignored(context, table) && names.count < 50)
            *LIST_PUSH(arena, names) = arena_printf(arena, "%s.%s", identifier_always_quote(arena, table->schema),
                                                    identifier_always_quote(arena, table->name));
    }
    *LIST_PUSH(arena, names) = NULL;
    return names.items;
}

/* A backup that does not read is not restored: there is nothing to learn from it that was not found already. */
static Err *prove(Arena *arena, Verify *verify) {
    CheckContext *context = &verify->context;
    context->restore_asked = prove_asked(context->settings);
    if (!context->restore_asked)
        return NULL;
    context->proof_asked = prove_level_asked(context->settings, &context->proof_asked_name);
    if (context->backup == NULL || context->read_error != NULL || context->changing) {
        context->restore_error = err_new(arena, ERR_NOT_FOUND, "there is no backup that could be read to its end");
        return NULL;
    }
    const ProveRequest request = {.backup = context->backup,
                                  .settings = context->settings,
                                  .sections = verify->request->sections,
                                  .writable = writable_tables(arena, context),
                                  .jobs = jobs_of(context->settings),
                                  .progress = verify->request->progress,
                                  .context = verify->request->context};
    return prove_run(arena, &request, context, &verify->prove);
}

/* ---- the report ---- */

static Report *report_of(Arena *arena, const Verify *verify, Time started) {
    Report *report = ARENA_NEW(arena, Report);
    *report = (Report){.arena = arena,
                       .run_id = uuid_new(arena),
                       .target = verify->request->target == NULL ? "" : verify->request->target,
                       .tool_version = LIFEBOAT_VERSION,
                       .started_at = started,
                       .clock_overridden = time_is_overridden(),
                       .path = verify->request->path,
                       .backup = verify->backup,
                       .inventory = verify->backup == NULL ? NULL : verify->backup->inventory,
                       .live = verify->context.live,
                       .prove = verify->prove};
    return report;
}

Err *verify_run(Arena *arena, const VerifyRequest *request, Report **out) {
    TRY(check_validate(arena, request->settings));
    TRY(attested_validate(arena, request->settings));
    Time started = time_now();
    History *none = ARENA_NEW(arena, History);
    none->last_verified_at = TIME_NONE;
    Verify verify = {.request = request,
                     .context = {.arena = arena,
                                 .settings = request->settings,
                                 .now = started,
                                 .history = request->history == NULL ? none : request->history}};
    TRY(open_and_read(arena, &verify));
    TRY(look_at_live(arena, &verify));
    TRY(look_at_tools(arena, &verify.context));
    TRY(prove(arena, &verify));
    Report *report = report_of(arena, &verify, started);
    check_run_all(&verify.context, &report->checks);
    report->attested = verify.context.attested;
    not_tested_fill(&verify.context, report);
    verdict_judge(report, settings_flag(request->settings, &strict));
    report->finished_at = time_now();
    *out = report;
    return NULL;
}
