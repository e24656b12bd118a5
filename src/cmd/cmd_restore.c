/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/json.h"
#include "base/thread.h"
#include "cmd/command.h"
#include "cmd/exit_status.h"
#include "cmd/progress.h"
#include "cmd/restore_tables.h"
#include "cmd/restore_text.h"
#include "cmd/side.h"
#include "inventory/live.h"
#include "sandbox/service.h"
#include "verdict/selection.h"

static const Option into = {.name = "into",
                            .type = OPTION_SECRET,
                            .argument = "CONNINFO",
                            .flag_only = true,
                            .may_be_flag = true,
                            .summary = "the existing, empty database to restore into",
                            .detail =
                                "A libpq connection string or URI, best without a password: a service "
                                "(pg_service.conf) and a password file (~/.pgpass) keep it out of process lists."};

static const Option new_database = {.name = "new_database",
                                    .type = OPTION_TEXT,
                                    .argument = "NAME",
                                    .flag_only = true,
                                    .summary = "make this database and restore into it",
                                    .detail = "It is called NAME" DESTINATION_SUFFIX " until the restore has ended "
                                              "without a real error: what bears the name is whole."};

static const Option on_server = {.name = "server",
                                 .type = OPTION_SECRET,
                                 .argument = "CONNINFO",
                                 .flag_only = true,
                                 .may_be_flag = true,
                                 .summary = "the server to make the new database on; default: PGHOST and its like"};

static const Option tables = {
    .name = "tables",
    .type = OPTION_LIST,
    .argument = "TABLES",
    .flag_only = true,
    .summary = "only these tables, beside the live ones, in a schema of their own",
    .detail = "Nothing that exists is touched. The SQL that copies lost rows back is printed: parents first, rows that "
              "are there stay as they are, sequences are moved ahead. Goes with --into."};

static const Option schema = {.name = "schema",
                              .type = OPTION_TEXT,
                              .argument = "NAME",
                              .flag_only = true,
                              .summary = "the schema for --tables; default: restored_ and the day"};

static const Option sql = {.name = "sql",
                           .type = OPTION_PATH,
                           .argument = "FILE",
                           .flag_only = true,
                           .summary = "write the SQL that copies rows back to this file, instead of printing it"};

static const Option jobs = {.name = "jobs",
                            .letter = 'j',
                            .type = OPTION_INTEGER,
                            .argument = "N",
                            .minimum = 1,
                            .maximum = 256,
                            .flag_only = true,
                            .summary = "connections that restore; default: one for each processor of this machine"};

static const Option confirm = {.name = "confirm",
                               .type = OPTION_TEXT,
                               .argument = "DATABASE",
                               .flag_only = true,
                               .summary = "restore although the target is not empty, or is production: its exact name",
                               .detail = "Nothing that is there is removed or replaced: what exists already fails, and "
                                         "is reported."};

static const Option dry_run = {.name = "dry_run",
                               .type = OPTION_FLAG,
                               .flag_only = true,
                               .summary = "look, read the backup whole, say what would be done, and stop"};

static const Option trust_dump = {.name = "trust_dump",
                                  .type = OPTION_FLAG,
                                  .flag_only = true,
                                  .summary = "restore even what reaches for programs, files or the network"};

static const Option deadline = {.name = "deadline",
                                .type = OPTION_DURATION,
                                .argument = "LENGTH",
                                .flag_only = true,
                                .summary = "give up a restore that takes longer; default: never"};

static const Option bindir = {.name = "pg_bindir",
                              .type = OPTION_PATH,
                              .argument = "DIRECTORY",
                              .flag_only = true,
                              .summary = "whose pg_restore; default: the newest installed"};

static const Option as_json = {.name = "json",
                               .type = OPTION_FLAG,
                               .flag_only = true,
                               .summary = "the outcome as JSON (schema lifeboat.restore/1)"};

static const Option *const options[] = {&into,      &new_database, &tables,       &schema,  &sql,
                                        &on_server, &jobs,         &confirm,      &dry_run, &trust_dump,
                                        &deadline,  &bindir,       &check_accept, &as_json, NULL};

typedef struct Restoring {
    CommandCall *call;
    Arena *arena;
    Config *config;
    ProveSections sections;
    Backup *backup;
    Destination destination;
    RestorePlan plan;
    const Tools *tools;
    Progress *progress;
    bool json;
} Restoring;

static void show(void *context, const char *phase, uint64_t done, uint64_t total) {
    progress_show(((Restoring *)context)->progress, phase, done, total);
}

/* ---- what, and where to ---- */

static Err *open_backup(Restoring *restoring) {
    Arena *arena = restoring->arena;
    Selection selection = {0};
    TRY(selection_find(arena, restoring->call->operands[0], false, &selection));
    const SelectionItem *item = &selection.items[0];
    if (item->obstacle != NULL)
        return err_copy(arena, item->obstacle);
    TRY(backup_open(arena, item->path, &restoring->backup));
    const Backup *backup = restoring->backup;
    if (backup->globals_only)
        return err_hint(arena,
                        err_new(arena, ERR_UNSUPPORTED, "%s holds roles and tablespaces, and no database", backup->id),
                        "read it, then run it with psql on the new server before the restore");
    return tools_client(arena, settings_text(restoring->call->settings, &bindir), backup->dump_major,
                        &restoring->tools);
}

/* Some things are known of a script only when it has been read. */
static Err *refuse_unfit(Arena *arena, const Backup *backup) {
    if (backup->several_databases)
        return err_hint(arena,
                        err_new(arena, ERR_UNSUPPORTED, "%s holds several databases, and is restored one by one only",
                                text_safe(arena, backup->id)),
                        "run it with psql on an empty server, or restore a pg_dump of the one that is needed");
    if (backup->no_schema)
        return err_hint(arena,
                        err_new(arena, ERR_UNSUPPORTED, "%s holds rows without the tables they belong to (--data-only)",
                                text_safe(arena, backup->id)),
                        "restore the schema's dump first, then this one with pg_restore --data-only");
    return NULL;
}

/* libpq would take the database named like the user, which a server need not have. */
static Err *maintenance_conninfo(Arena *arena, const char *given, const char **out) {
    PQconninfoOption *parsed = NULL;
    *out = given == NULL ? "" : given;
    TRY(live_conninfo_parse(arena, *out, &parsed));
    for (const PQconninfoOption *option = parsed; option->keyword != NULL; option++) {
        bool names = strcmp(option->keyword, "dbname") == 0 || strcmp(option->keyword, "service") == 0;
        bool set = (option->val != NULL && option->val[0] != '\0') ||
                   (option->envvar != NULL && getenv(option->envvar) != NULL);
        if (names && set)
            return NULL;
    }
    return service_conninfo(arena, *out, "postgres", out);
}

static Err *read_target(Restoring *restoring) {
    Arena *arena = restoring->arena;
    const Settings *settings = restoring->call->settings;
    DestinationSpec spec = {.conninfo = settings_text(settings, &into),
                            .create = settings_text(settings, &new_database)};
    if ((spec.conninfo == NULL) == (spec.create == NULL))
        return err_hint(arena, err_new(arena, ERR_USAGE, "where to? One of --into and --new-database is needed"),
                        "lifeboat restore BACKUP --new-database NAME, or --into \"host=... dbname=...\"");
    if (settings_given(settings, &tables) && spec.create != NULL)
        return err_new(arena, ERR_USAGE, "--tables goes beside the live tables: with --into");
    if (!settings_given(settings, &tables) && (settings_given(settings, &schema) || settings_given(settings, &sql)))
        return err_new(arena, ERR_USAGE, "--schema and --sql go with --tables");
    if (spec.create == NULL && settings_given(settings, &on_server))
        return err_new(arena, ERR_USAGE, "--server goes with --new-database; --into names the server itself");
    if (spec.create != NULL)
        TRY(maintenance_conninfo(arena, settings_text(settings, &on_server), &spec.conninfo));
    const char *given = spec.create != NULL ? settings_text(settings, &on_server) : spec.conninfo;
    if (given != NULL)
        side_warn_of_password(given);
    return destination_look(arena, &spec, &restoring->destination);
}

/* ---- doing it ---- */

static Err *finish(Restoring *restoring, const Recover *recover, const Err *err) {
    CommandCall *call = restoring->call;
    progress_clear(restoring->progress);
    if (restoring->json)
        fprintf(call->out, "%s\n",
                json_render(call->arena, restore_text_json(call->arena, &restoring->plan, recover, err), false));
    else
        restore_text_outcome(call, &restoring->plan, recover, err);
    fflush(call->out);
    *call->status = report_exit_status(recover->report->verdict);
    return err == NULL ? NULL : err_copy(call->arena, err);
}

static Err *carry_out_tables(Restoring *restoring, const RecoverRequest *request) {
    const Settings *settings = restoring->call->settings;
    RestoreTables asked = {.call = restoring->call,
                           .plan = &restoring->plan,
                           .request = request,
                           .bindir = settings_text(settings, &bindir),
                           .schema = settings_text(settings, &schema),
                           .sql = settings_text(settings, &sql),
                           .json = restoring->json,
                           .dry_run = settings_flag(settings, &dry_run)};
    asked.names = settings_list(settings, &tables, &asked.count);
    Err *err = restore_tables_run(&asked);
    progress_clear(restoring->progress);
    return err;
}

static Err *carry_out(Restoring *restoring) {
    CommandCall *call = restoring->call;
    Recover recover;
    const RecoverRequest request = {
        .backup = restoring->backup,
        .destination = &restoring->destination,
        .settings = call->settings,
        .sections = &restoring->sections,
        .tools = restoring->tools,
        .jobs =
            settings_given(call->settings, &jobs) ? (int)settings_integer(call->settings, &jobs) : thread_processors(),
        .deadline = settings_given(call->settings, &deadline) ? settings_duration(call->settings, &deadline) : 0,
        .trust_dump = settings_flag(call->settings, &trust_dump),
        .progress = show,
        .context = restoring};
    TRY(recover_read(call->arena, &request, &recover));
    progress_clear(restoring->progress);
    if (!recover.good)
        return finish(restoring, &recover, NULL);
    TRY(refuse_unfit(call->arena, restoring->backup));
    if (settings_given(call->settings, &tables))
        return carry_out_tables(restoring, &request);
    TRY(destination_look_for_missing(call->arena, restoring->backup->inventory, &restoring->destination));
    restore_plan_expect(call->arena, restoring->config, &restoring->plan);
    if (!restoring->json)
        restore_text_details(call, &restoring->plan);
    if (settings_flag(call->settings, &dry_run))
        return finish(restoring, &recover, NULL);
    return finish(restoring, &recover, recover_run(call->arena, &request, &recover));
}

static Err *run(CommandCall *call) {
    Restoring restoring = {.call = call,
                           .arena = call->arena,
                           .progress = progress_new(call->arena),
                           .json = settings_flag(call->settings, &as_json)};
    TRY(command_expect_operands(call, 1, 1));
    TRY(command_read_config(call, &restoring.config));
    TRY(prove_read_sections(call->arena, restoring.config, &restoring.sections));
    TRY(open_backup(&restoring));
    TRY(read_target(&restoring));
    restoring.plan = (RestorePlan){.backup = restoring.backup, .destination = &restoring.destination};
    TRY(restore_plan_make(call->arena, restoring.config, &restoring.plan));
    if (!restoring.json)
        restore_text_plan(call, &restoring.plan);
    fflush(call->out);
    if (!settings_given(call->settings, &tables)) /* those touch nothing that exists */
        TRY(restore_plan_permit(call->arena, &restoring.plan, settings_text(call->settings, &confirm)));
    return carry_out(&restoring);
}

const Command cmd_restore = {
    .name = "restore",
    .group = COMMAND_GROUP_RESTORE,
    .synopsis = "restore BACKUP",
    .summary = "bring a backup back, into a database that people will use",
    .detail =
        "BACKUP is a dump of one database, or a folder of them, which means its newest. First it is said what will "
        "happen: what is restored, into which database of which server, whether that is empty or production, and how "
        "long it should take. Then the backup is read to its end; one that does not decode, or is cut off, is refused "
        "before the target is touched.\n\n"
        "A database that is not empty, or on the server that a target of the configuration calls production "
        "(against), is refused unless --confirm names exactly that database. A new database bears a temporary name "
        "until it is whole.\n\n"
        "Afterwards the database is compared with the backup, row by row and object by object, and you are told how "
        "to connect and what a dump cannot bring back. Cron jobs and subscriptions are left out, so that nothing runs "
        "twice. Statements that reach out of the database are refused (--trust-dump); what remains still runs with "
        "the rights of the role you connect as: prove a dump of doubtful origin first, with verify --restore.\n\n"
        "The exit status is 0 when the database is restored and holds what the backup holds (perhaps with warnings), "
        "1 when something is wrong with the backup or the copy, 2 when it could not be done or was refused.",
    .examples =
        "$ lifeboat restore app.dump --new-database app_restored --server service=staging\nInto a new database; "
        "nothing that exists is touched.\n"
        "$ lifeboat restore app.dump --into service=app\nInto an empty database that was made for it.\n"
        "$ lifeboat restore /var/backups/app --into service=app --dry-run\nWhat would happen, with the newest "
        "backup of a folder.",
    .options = options,
    .run = run,
};
