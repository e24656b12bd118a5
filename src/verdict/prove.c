/* SPDX-License-Identifier: PostgreSQL */
#include "verdict/prove.h"

#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "check/check_copy.h"
#include "sandbox/likeness.h"
#include "source/companion.h"

static const Option restore = {.name = "restore",
                               .type = OPTION_FLAG,
                               .flag_only = true,
                               .summary = "restore the backup into a throw-away server and look at the copy",
                               .detail = "Makes a PostgreSQL of its own from the installed programs, without network, "
                                         "restores into it, compares and examines the copy, and removes it. In the "
                                         "configuration: proof = serving."};

static const char *const levels[] = {"decoded", "restored", "matching", "serving", NULL};

static const Option proof = {.name = "proof",
                             .type = OPTION_CHOICE,
                             .argument = "LEVEL",
                             .choices = levels,
                             .fallback = "decoded",
                             .summary = "how far to go: decoded, restored, matching, serving",
                             .detail = "decoded reads the backup; restored restores it as well; matching compares the "
                                       "copy; serving asks the application's questions and writes."};

static const Option bindir = {.name = "pg_bindir",
                              .type = OPTION_PATH,
                              .argument = "DIRECTORY",
                              .summary = "PostgreSQL programs to restore with; default: the newest installed that fit"};

static const Option deadline = {.name = "deadline",
                                .type = OPTION_DURATION,
                                .argument = "LENGTH",
                                .fallback = "1h",
                                .summary = "longest the restore, and the examination after it, may each take"};

static const Option keep = {.name = "keep",
                            .type = OPTION_FLAG,
                            .flag_only = true,
                            .summary = "leave the restored copy running, and say how to connect to it"};

static const Option trust = {.name = "trust_dump",
                             .type = OPTION_FLAG,
                             .summary = "restore even what reaches for programs, files or the network",
                             .detail = "A dump can do whatever a superuser can. Without this option statements that "
                                       "reach out are refused, and nothing is restored where the sandbox cannot be "
                                       "confined (bubblewrap)."};

static const char *const places[] = {"local", "server", "docker", NULL};

static const Option sandbox = {
    .name = "sandbox",
    .type = OPTION_CHOICE,
    .argument = "PLACE",
    .choices = places,
    .fallback = "local",
    .summary = "where to restore: local (this machine's programs), server (staging), docker (docker_image)",
    .detail = "local makes a server of its own, confined and thrown away. server makes a database of its own on the "
              "server that staging names, and drops it afterwards. docker runs a container without network."};

static const Option staging = {
    .name = "staging",
    .type = OPTION_SECRET,
    .argument = "CONNINFO",
    .may_be_flag = true,
    .summary = "sandbox = server: the server to restore on, as a superuser",
    .detail = "Any database of it; none that exists is touched. Refused when it is the server of against (the same "
              "system identifier). Best without a password: a service and a password file."};

static const Option docker_image = {.name = "docker_image",
                                    .type = OPTION_TEXT,
                                    .argument = "IMAGE",
                                    .summary = "sandbox = docker: an image of PostgreSQL that is on this machine"};

static const Option docker_socket = {.name = "docker_socket",
                                     .type = OPTION_TEXT,
                                     .argument = "FOLDER",
                                     .fallback = "/var/run/postgresql",
                                     .summary = "sandbox = docker: where the image puts PostgreSQL's Unix socket"};

const Option *const prove_options[] = {&restore, &proof,   &bindir,       &deadline,      &keep, &trust,
                                       &sandbox, &staging, &docker_image, &docker_socket, NULL};

const Option *const prove_staging = &staging;

void prove_declare_options(Settings *settings) {
    settings_declare(settings, prove_options, sizeof(prove_options) / sizeof(prove_options[0]) - 1);
}

bool prove_asked(const Settings *settings) {
    return settings_flag(settings, &restore) || strcmp(settings_text(settings, &proof), "decoded") != 0;
}

const char *prove_bindir(const Settings *settings) {
    return settings_text(settings, &bindir);
}

/* --restore alone goes all the way. */
int prove_level_asked(const Settings *settings, const char **name) {
    const char *named = settings_text(settings, &proof);
    int rung = 5;
    for (int level = 1; levels[level] != NULL; level++)
        if (strcmp(named, levels[level]) == 0)
            rung = level + 2;
    *name = levels[rung - 2];
    return rung;
}

/* ---- sections of the configuration ---- */

static const Option question_sql = {
    .name = "sql", .type = OPTION_TEXT, .config_only = true, .argument = "SQL", .summary = "one statement that reads"};
static const Option question_expect = {.name = "expect",
                                       .type = OPTION_TEXT,
                                       .config_only = true,
                                       .argument = "ANSWER",
                                       .summary = "first column of the first row: a value, = 5, > 0, != x, rows, none; "
                                                  "sha256:HEX of the whole answer",
                                       .detail =
                                           "sha256 is of every row and column as COPY writes them, with TimeZone UTC "
                                           "and pg_dump's other settings: PGTZ=UTC psql -c \"COPY (SQL) TO "
                                           "STDOUT\" | sha256sum. So a canary row must come back to the last byte."};
static const Option question_reason = {
    .name = "reason", .type = OPTION_TEXT, .config_only = true, .argument = "TEXT", .summary = "why it must be so"};
static const Option question_role = {
    .name = "role", .type = OPTION_TEXT, .config_only = true, .argument = "ROLE", .summary = "asked as this role"};
static const Option question_claims = {.name = "claims",
                                       .type = OPTION_TEXT,
                                       .config_only = true,
                                       .argument = "JSON",
                                       .summary = "asked with these request.jwt.claims"};
const Option *const prove_question_options[] = {&question_sql,  &question_expect, &question_reason,
                                                &question_role, &question_claims, NULL};

static const Option rule_message = {.name = "message",
                                    .type = OPTION_TEXT,
                                    .config_only = true,
                                    .argument = "EXPRESSION",
                                    .summary = "matches the server's message"};
static const Option rule_statement = {.name = "statement",
                                      .type = OPTION_TEXT,
                                      .config_only = true,
                                      .argument = "EXPRESSION",
                                      .summary = "matches the statement that failed"};
static const Option rule_reason = {.name = "reason",
                                   .type = OPTION_TEXT,
                                   .config_only = true,
                                   .argument = "TEXT",
                                   .summary = "why this error is no defect of the backup"};
const Option *const prove_rule_options[] = {&rule_message, &rule_statement, &rule_reason, NULL};

static Err *apply(Arena *arena, const Config *config, const ConfigSection *section, const Option *const *rows,
                  Settings **out) {
    Settings *settings = settings_new(arena);
    size_t count = 0;
    while (rows[count] != NULL)
        count++;
    settings_declare(settings, rows, count);
    *out = settings;
    return config_apply(arena, config, section, settings);
}

static Err *read_question(Arena *arena, const Config *config, const ConfigSection *section, ProveSections *out) {
    Settings *settings;
    TRY(apply(arena, config, section, prove_question_options, &settings));
    const ExamineQuestion question = {.name = section->name,
                                      .sql = settings_text(settings, &question_sql),
                                      .expect = settings_text(settings, &question_expect),
                                      .reason = settings_text(settings, &question_reason),
                                      .role = settings_text(settings, &question_role),
                                      .claims = settings_text(settings, &question_claims)};
    if (question.sql == NULL || question.expect == NULL || question.reason == NULL)
        return err_hint(arena,
                        err_new(arena, ERR_CONFIG, "%s:%d: [check %s] needs sql, expect and reason", config->path,
                                section->line, text_safe(arena, section->name)),
                        "for example: sql = SELECT count(*) FROM organizations, expect = > 0, reason = there is always "
                        "a customer");
    *LIST_PUSH(arena, out->questions) = question;
    return NULL;
}

static Err *read_rule(Arena *arena, const Config *config, const ConfigSection *section, ProveSections *out) {
    Settings *settings;
    TRY(apply(arena, config, section, prove_rule_options, &settings));
    *LIST_PUSH(arena, out->rules) = (ExplainRule){.name = section->name,
                                                  .class = EXPLAIN_USER,
                                                  .message = settings_text(settings, &rule_message),
                                                  .statement = settings_text(settings, &rule_statement),
                                                  .reason = settings_text(settings, &rule_reason)};
    return NULL;
}

Err *prove_read_sections(Arena *arena, const Config *config, ProveSections *out) {
    static const char *const no_extension[] = {NULL};
    *out = (ProveSections){0};
    LIST_EACH (const ConfigSection, section, config->sections) {
        if (strcmp(section->kind, "check") == 0)
            TRY(read_question(arena, config, section, out));
        else if (strcmp(section->kind, "explain") == 0)
            TRY(read_rule(arena, config, section, out));
    }
    Explain *compiled; /* a malformed rule is the configuration's error, not the backup's */
    return explain_new(arena, no_extension, out->rules.items, out->rules.count, &compiled);
}

/* ---- the proof ---- */

typedef struct Proving {
    Arena *arena;
    const ProveRequest *request;
    CheckContext *context;
    Prove *prove;
    Place *place;
    const char *phase;
} Proving;

static void add_phase(Proving *proving, const char *name, int64_t began) {
    *LIST_PUSH(proving->arena, proving->prove->phases) =
        (ProvePhase){.name = name, .seconds = (double)(time_monotonic() - began) / (double)TIME_SECOND};
}

static void tell(void *context, uint64_t done, uint64_t total) {
    const Proving *proving = context;
    if (proving->request->progress != NULL)
        proving->request->progress(proving->request->context, proving->phase, done, total);
}

/* A restored database takes about 1.3 times its COPY text (measured); indexes beyond the usual make it more. */
static uint64_t bytes_needed(const Backup *backup) {
    return backup->raw_bytes + backup->raw_bytes / 2 + backup->inventory->large_object_bytes * 2;
}

static int needed_major(const Backup *backup) {
    return backup->dump_major > backup->server_major ? backup->dump_major : backup->server_major;
}

static PlaceKind kind_of(const Settings *settings) {
    const char *named = settings_text(settings, &sandbox);
    for (PlaceKind kind = PLACE_LOCAL; places[kind] != NULL; kind++)
        if (strcmp(places[kind], named) == 0)
            return kind;
    return PLACE_LOCAL;
}

static Err *make_sandbox(Proving *proving) {
    Arena *arena = proving->arena;
    const Settings *settings = proving->request->settings;
    const CheckContext *context = proving->context;
    int64_t began = time_monotonic();
    const PlaceRequest request = {.kind = kind_of(settings),
                                  .local = {.bindir = settings_text(settings, &bindir),
                                            .least_major = needed_major(proving->request->backup),
                                            .bytes_needed = bytes_needed(proving->request->backup)},
                                  .backup = proving->request->backup,
                                  .staging = settings_text(settings, &staging),
                                  .source_asked = context->live_asked,
                                  .source = context->live == NULL ? "" : context->live->system_identifier,
                                  .image = settings_text(settings, &docker_image),
                                  .socket_folder = settings_text(settings, &docker_socket)};
    tell(proving, 0, 0);
    TRY(place_make(arena, &request, &proving->place));
    add_phase(proving, "sandbox", began);
    proving->prove->confinement = proving->place->confinement;
    proving->prove->server_version = proving->place->server_version;
    if (!proving->place->confined && !settings_flag(settings, &trust))
        return err_hint(arena,
                        err_new(arena, ERR_UNSUPPORTED, "a dump is not restored where the sandbox is %s",
                                proving->place->confinement),
                        "install bubblewrap and allow user namespaces, or, for a dump you trust: --trust-dump");
    return NULL;
}

/* Roles and tablespaces that were dumped beside the backup. Where a place is not thrown away whole, none are made. */
static const char *globals_of(const Proving *proving) {
    FileInfo info;
    const char *path = companion_globals(proving->arena, proving->request->backup->path);
    bool there = file_info(proving->arena, path, &info) == NULL && info.kind == FILE_REGULAR;
    return there && proving->place->kind == PLACE_LOCAL ? path : NULL;
}

static Err *restore_backup(Proving *proving) {
    const ProveRequest *request = proving->request;
    Restore *restored = NULL;
    const RestoreRequest restoring = {.backup = request->backup,
                                      .tools = proving->place->tools,
                                      .conninfo = place_conninfo(proving->arena, proving->place, NULL),
                                      .database = proving->place->database,
                                      .globals = globals_of(proving),
                                      .rules = request->sections == NULL ? NULL : request->sections->rules.items,
                                      .rule_count = request->sections == NULL ? 0 : request->sections->rules.count,
                                      .jobs = request->jobs,
                                      .deadline = settings_duration(request->settings, &deadline),
                                      .trust_dump = settings_flag(request->settings, &trust),
                                      .progress = request->progress,
                                      .context = request->context};
    TRY(restore_run(proving->arena, &restoring, &restored));
    LIST_EACH (const RestorePhase, phase, restored->phases)
        *LIST_PUSH(proving->arena, proving->prove->phases) = (ProvePhase){phase->name, phase->seconds};
    proving->prove->restore = restored;
    return NULL;
}

/* Name in the dump of a restored database: those that every cluster has were restored under another. */
static const char *dumped_name(Arena *arena, const char *database) {
    Text name = text_of(database);
    return text_ends(name, "_restored") ? text_dup(arena, text_slice(name, 0, name.length - strlen("_restored")))
                                        : database;
}

static Err *take_inventories(Proving *proving) {
    Arena *arena = proving->arena;
    int64_t began = time_monotonic();
    LIST_EACH (const char *, database, proving->prove->restore->databases) {
        const LikenessRequest likeness = {
            .backup = proving->request->backup,
            .database = dumped_name(arena, *database),
            .zone = proving->context->live == NULL || proving->context->live->time_zone[0] == '\0'
                        ? NULL
                        : proving->context->live->time_zone,
            .live = {.conninfo = place_conninfo(arena, proving->place, *database),
                     .jobs = proving->request->jobs,
                     .traits = true,
                     .statement_timeout = settings_duration(proving->request->settings, &deadline),
                     .progress = tell,
                     .context = proving}};
        Inventory *inventory = NULL;
        TRY(likeness_take(arena, &likeness, &inventory));
        inventory->label = dumped_name(arena, *database);
        *LIST_PUSH(arena, proving->prove->copies) = inventory;
    }
    add_phase(proving, "inventory", began);
    return NULL;
}

/* Of a cluster's databases the one with most tables is the application's. */
static const char *main_database(const Prove *prove) {
    size_t best = 0;
    for (size_t at = 1; at < prove->copies.count; at++)
        if (prove->copies.items[at]->tables.count > prove->copies.items[best]->tables.count)
            best = at;
    return prove->restore->databases.items[best];
}

static const char *const *open_tables(Proving *proving) {
    size_t count = 0;
    const char *const *given = settings_list(proving->request->settings, &check_strangers_open, &count);
    LIST(const char *) terminated = {0};
    for (size_t at = 0; at < count; at++)
        *LIST_PUSH(proving->arena, terminated) = given[at];
    *LIST_PUSH(proving->arena, terminated) = NULL;
    return terminated.items;
}

static Err *examine(Proving *proving) {
    const ProveRequest *request = proving->request;
    Examination *examination = NULL;
    int64_t began = time_monotonic();
    const ExamineRequest examining = {
        .tools = proving->place->tools,
        .conninfo = place_conninfo(proving->arena, proving->place, main_database(proving->prove)),
        .tables = request->writable,
        .open_tables = open_tables(proving),
        .questions = request->sections == NULL ? NULL : request->sections->questions.items,
        .question_count = request->sections == NULL ? 0 : request->sections->questions.count,
        .pages = settings_flag(request->settings, &check_pages_amcheck),
        .jobs = request->jobs,
        .deadline = settings_duration(request->settings, &deadline),
        .restore = proving->prove->restore};
    TRY(examine_copy(proving->arena, &examining, &examination));
    proving->prove->examination = examination;
    add_phase(proving, "examine", began);
    return NULL;
}

/* The sandbox goes, whatever happened; one that stays is the user's problem and is said to be. */
static Err *tear_down(Proving *proving) {
    Arena *arena = proving->arena;
    if (proving->place == NULL)
        return NULL;
    int64_t began = time_monotonic();
    Err *err = NULL;
    if (settings_flag(proving->request->settings, &keep) && proving->prove->restore != NULL) {
        const char *how = NULL;
        err = place_keep(proving->place, &how);
        if (err == NULL) {
            proving->prove->kept =
                arena_printf(arena, "connect: psql \"%s\"; remove: %s",
                             place_conninfo(arena, proving->place, proving->prove->restore->databases.items[0]), how);
            return NULL;
        }
    }
    Err *closing = place_close(proving->place);
    add_phase(proving, "tear-down", began);
    return err != NULL ? err : closing;
}

/* What went wrong up to here, kept for the checks unless the user wants us to stop. */
static Err *settle(Err *err, const Err **kept) {
    if (err != NULL && (err_is(err, ERR_INTERRUPTED) || err_is(err, ERR_CONFIG)))
        return err;
    *kept = err;
    return NULL;
}

static Err *restore_part(Proving *proving) {
    TRY(make_sandbox(proving));
    proving->phase = "restoring";
    return restore_backup(proving);
}

static Err *look_part(Proving *proving) {
    proving->phase = "comparing";
    TRY(take_inventories(proving));
    return proving->prove->copies.count == 0 ? NULL : examine(proving);
}

Err *prove_run(Arena *arena, const ProveRequest *request, CheckContext *context, Prove **out) {
    Prove *prove = ARENA_NEW(arena, Prove);
    Proving proving = {
        .arena = arena, .request = request, .context = context, .prove = prove, .phase = "making a sandbox"};
    *out = prove;
    Err *stop = settle(restore_part(&proving), &context->restore_error);
    context->restore = prove->restore;
    if (stop == NULL && prove->restore != NULL && context->proof_asked > 3)
        stop = settle(look_part(&proving), &context->examine_error);
    else if (prove->restore != NULL)
        context->examine_error = err_new(arena, ERR_UNSUPPORTED, "the proof was to end at level restored");
    context->restored = prove->copies.count == 0 ? NULL : &prove->copies;
    context->examination = prove->examination;
    Err *closing = tear_down(&proving);
    if (stop != NULL)
        return stop;
    if (closing != NULL && context->restore_error == NULL) {
        context->restore_error = closing;
        context->restore = NULL;
    }
    return NULL;
}
