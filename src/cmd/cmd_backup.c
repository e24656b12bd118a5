/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "check/check.h"
#include "cmd/backup.h"
#include "cmd/command.h"
#include "cmd/progress.h"
#include "cmd/side.h"
#include "cmd/target.h"
#include "inventory/live.h"
#include "sandbox/dump.h"
#include "verdict/verify.h"

static const Option one_target = {.name = "target",
                                  .letter = 't',
                                  .type = OPTION_TEXT,
                                  .argument = "NAME",
                                  .flag_only = true,
                                  .summary = "back up the live database of this target of the configuration"};

static const Option to = {.name = "to",
                          .type = OPTION_PATH,
                          .argument = "DIRECTORY",
                          .flag_only = true,
                          .summary = "where the backup goes; default: the folder that the target's path names"};

static const Option jobs = {.name = "jobs",
                            .letter = 'j',
                            .type = OPTION_INTEGER,
                            .argument = "N",
                            .fallback = "2",
                            .minimum = 1,
                            .maximum = 64,
                            .flag_only = true,
                            .summary = "connections that count, and that dump in the format directory"};

static const Option no_digests = {.name = "no_digests",
                                  .type = OPTION_FLAG,
                                  .flag_only = true,
                                  .summary = "attest row counts only, not the content of every table",
                                  .detail = "The content is read a second time for it, at the same snapshot."};

static const Option no_globals = {.name = "no_globals",
                                  .type = OPTION_FLAG,
                                  .flag_only = true,
                                  .summary = "leave out roles and tablespaces, which go into a file beside the backup"};

static const Option bindir = {.name = "pg_bindir",
                              .type = OPTION_PATH,
                              .argument = "DIRECTORY",
                              .flag_only = true,
                              .summary = "where pg_dump is; default: the newest installed"};

static const Option dry_run = {.name = "dry_run",
                               .letter = 'n',
                               .type = OPTION_FLAG,
                               .flag_only = true,
                               .summary = "say what would be done, and what stands in the way; write nothing"};

static const Option as_json = {
    .name = "json", .type = OPTION_FLAG, .flag_only = true, .summary = "as JSON (schema lifeboat.backup/1)"};

static const Option *const options[] = {&one_target,
                                        &verify_against,
                                        &to,
                                        &backup_format,
                                        &jobs,
                                        &backup_compress,
                                        &no_digests,
                                        &no_globals,
                                        &backup_sign_key,
                                        &backup_deadline,
                                        &bindir,
                                        &dry_run,
                                        &as_json,
                                        NULL};

extern const Command cmd_backup;

typedef struct Plan {
    const char *target; /* NULL without configuration */
    const Settings *settings;
    const char *conninfo, *directory;
} Plan;

static Err *read_target(CommandCall *call, const char *name, Plan *plan) {
    Arena *arena = call->arena;
    Config *config;
    Target target;
    TRY(command_read_config(call, &config));
    TRY(target_load(arena, config, name, &target));
    Settings *settings = command_settings(arena, &cmd_backup);
    settings_inherit(settings, call->settings);
    settings_inherit(settings, target.settings);
    plan->target = target.name;
    plan->settings = settings;
    plan->directory = settings_text(target.settings, &target_path);
    return NULL;
}

/* What the command line says counts first, then the target's section. */
static Err *make_plan(CommandCall *call, Plan *plan) {
    Arena *arena = call->arena;
    const char *name = settings_text(call->settings, &one_target);
    *plan = (Plan){.settings = call->settings};
    if (name != NULL)
        TRY(read_target(call, name, plan));
    if (settings_text(call->settings, &to) != NULL)
        plan->directory = settings_text(call->settings, &to);
    plan->conninfo = settings_text(plan->settings, &verify_against);
    if (plan->conninfo == NULL)
        return err_hint(arena, err_new(arena, ERR_USAGE, "there is no database to back up"),
                        name == NULL ? "lifeboat backup --target NAME, or --against CONNINFO --to DIRECTORY"
                                     : "its section needs against = CONNINFO, as does verify");
    if (plan->directory == NULL)
        return err_hint(arena, err_new(arena, ERR_USAGE, "where the backup should go was not said"),
                        "lifeboat backup --to DIRECTORY, or a target whose path is a folder");
    return NULL;
}

/* ---- for people ---- */

typedef struct Print {
    Arena *arena;
    FILE *out;
    const Terminal *terminal;
} Print;

static void put(const Print *print, TerminalMark mark, const char *text) {
    terminal_item(print->out, terminal_mark(print->arena, print->terminal, mark), text, print->terminal->width);
}

static const char *files_text(Arena *arena, const Dump *dump) {
    return arena_printf(arena, "%s%s%s, %s", text_safe(arena, dump->path), dump->globals == NULL ? "" : ", ",
                        dump->globals == NULL ? "" : text_safe(arena, file_base_name(arena, dump->globals)),
                        text_safe(arena, file_base_name(arena, dump->attestation)));
}

static void print_plan(const Print *print, const Dump *dump) {
    Arena *arena = print->arena;
    put(print, TERMINAL_GOOD,
        arena_printf(arena, "Nothing stands in the way of a backup of %s (PostgreSQL %s)", dump->label,
                     text_safe(arena, dump->server_version)));
    put(print, TERMINAL_NONE, arena_printf(arena, "It would be written to %s", files_text(arena, dump)));
    put(print, TERMINAL_NONE,
        arena_printf(arena, "by %s, in the format %s; %s", dump->tool, dump->format,
                     dump->role_passwords ? "the roles' passwords can be read"
                                          : "the roles' passwords cannot be read and would be left out"));
    put(print, TERMINAL_NONE,
        arena_printf(arena, "The database has %s and %s; about %s are needed and %s are free",
                     check_count_text(arena, dump->tables, "table"), file_size_text(arena, dump->database_size),
                     file_size_text(arena, dump->bytes_needed), file_size_text(arena, dump->bytes_free)));
    put(print, TERMINAL_NONE, "Nothing was written");
}

static const char *phases_text(Arena *arena, const Dump *dump) {
    const char *text = "";
    LIST_EACH (const DumpPhase, phase, dump->phases)
        text = arena_printf(arena, "%s%s%s %s", text, text[0] == '\0' ? "" : ", ", phase->name,
                            time_length_text(arena, (int64_t)(phase->seconds * (double)TIME_SECOND)));
    return text;
}

static void print_dump(const Print *print, const Dump *dump) {
    Arena *arena = print->arena;
    put(print, TERMINAL_GOOD,
        arena_printf(arena, "%s: %s, %s of %s at WAL position %s", text_safe(arena, dump->path),
                     file_size_text(arena, dump->size), check_count_text(arena, dump->rows, "row"), dump->label,
                     dump->snapshot_lsn));
    put(print, TERMINAL_GOOD,
        arena_printf(arena, "Read back: it holds what the snapshot held, %s",
                     dump->digested ? "row by row" : "by the number of rows"));
    put(print, TERMINAL_GOOD,
        arena_printf(arena, "Attested in %s, %s", text_safe(arena, file_base_name(arena, dump->attestation)),
                     dump->key_id == NULL ? "not signed" : arena_printf(arena, "signed by key %s", dump->key_id)));
    if (dump->globals != NULL)
        put(print, TERMINAL_GOOD,
            arena_printf(arena, "Roles and tablespaces in %s", text_safe(arena, file_base_name(arena, dump->globals))));
    LIST_EACH (const char *const, note, dump->notes)
        put(print, TERMINAL_WARN, *note);
    if (dump->swept > 0)
        put(print, TERMINAL_NONE,
            arena_printf(arena, "Removed what %s had left", check_count_text(arena, dump->swept, "earlier run")));
    put(print, TERMINAL_NONE, phases_text(arena, dump));
}

/* ---- for programs ---- */

static void put_phases(json_t *document, const Dump *dump) {
    json_t *phases = json_put(document, "phases", json_array());
    LIST_EACH (const DumpPhase, phase, dump->phases) {
        json_t *object = json_add(phases, json_object());
        json_put_string(object, "name", phase->name);
        json_put_real(object, "seconds", phase->seconds);
    }
    json_t *notes = json_put(document, "notes", json_array());
    LIST_EACH (const char *const, note, dump->notes)
        json_add(notes, json_text_value(text_of(*note)));
}

static void print_json(const CommandCall *call, const Dump *dump, bool dry) {
    json_t *document = json_start(call->arena, json_object());
    json_put_string(document, "schema", "lifeboat.backup/1");
    json_put_bool(document, "dry_run", dry);
    json_put_string(document, "path", dump->path);
    json_put_string(document, "attestation", dump->attestation);
    json_put_string(document, "globals", dump->globals);
    json_put_string(document, "format", dump->format);
    json_put_string(document, "compression", dry ? NULL : dump->compression);
    json_put_string(document, "source", dump->label);
    json_put_string(document, "database", dump->database);
    json_put_string(document, "server_version", dump->server_version);
    json_put_string(document, "system_identifier", dump->system_identifier);
    json_put_string(document, "tool", dump->tool);
    json_put_string(document, "snapshot_lsn", dump->snapshot_lsn);
    json_put_time(document, "snapshot_at", dump->snapshot_at);
    json_put_u64(document, "database_bytes", dump->database_size);
    json_put_u64(document, "bytes_needed", dump->bytes_needed);
    json_put_u64(document, "bytes_free", dump->bytes_free);
    json_put_u64(document, "size_bytes", dump->size);
    json_put_u64(document, "tables", dump->tables);
    json_put_u64(document, "rows", dump->rows);
    json_put_bool(document, "digested", dump->digested);
    json_put_bool(document, "role_passwords", dump->role_passwords);
    json_put_string(document, "key_id", dump->key_id);
    json_put_u64(document, "swept", dump->swept);
    put_phases(document, dump);
    fprintf(call->out, "%s\n", json_render(call->arena, document, false));
}

/* ---- the command ---- */

static Err *take(CommandCall *call, const Plan *plan, Dump **out) {
    const Settings *settings = plan->settings;
    const char *method = settings_text(settings, &backup_compress);
    Progress *progress = progress_new(call->arena);
    const DumpRequest request = {.conninfo = plan->conninfo,
                                 .directory = plan->directory,
                                 .name = plan->target,
                                 .as_directory = strcmp(settings_text(settings, &backup_format), "directory") == 0,
                                 .compress = strcmp(method, "auto") == 0 ? NULL : method,
                                 .jobs = (int)settings_integer(settings, &jobs),
                                 .bindir = settings_text(settings, &bindir),
                                 .no_digests = settings_flag(settings, &no_digests),
                                 .no_globals = settings_flag(settings, &no_globals),
                                 .sign_key = settings_text(settings, &backup_sign_key),
                                 .deadline = settings_duration(settings, &backup_deadline),
                                 .dry_run = settings_flag(settings, &dry_run),
                                 .progress = progress_show,
                                 .context = progress};
    Err *err = dump_take(call->arena, &request, out);
    progress_clear(progress);
    return err == NULL ? NULL : err_wrap(call->arena, err, "no backup was taken of %s", (*out)->label);
}

static void warn_of_password(const CommandCall *call) {
    const char *origin = settings_origin(call->settings, &verify_against);
    if (settings_given(call->settings, &verify_against) && origin[0] == '-')
        side_warn_of_password(settings_text(call->settings, &verify_against));
}

static Err *run(CommandCall *call) {
    Plan plan;
    Dump *dump = NULL;
    TRY(command_expect_operands(call, 0, 0));
    TRY(make_plan(call, &plan));
    warn_of_password(call);
    TRY(take(call, &plan, &dump));
    const Print print = {.arena = call->arena, .out = call->out, .terminal = call->terminal};
    bool dry = settings_flag(call->settings, &dry_run);
    if (settings_flag(call->settings, &as_json))
        print_json(call, dump, dry);
    else if (dry)
        print_plan(&print, dump);
    else
        print_dump(&print, dump);
    return NULL;
}

const Command cmd_backup = {
    .name = "backup",
    .group = COMMAND_GROUP_TAKE,
    .synopsis = "backup",
    .summary = "take a backup, with proof of what it must hold",
    .detail =
        "Opens a snapshot of the live database, dumps it with pg_dump, and takes the inventory of the same snapshot: "
        "the rows of every table, counted and digested. Then the dump is read back and held to the inventory. It is "
        "written as NAME-TIME.dump (in the format directory: a directory NAME-TIME), with NAME-TIME.dump.attest.json "
        "beside it: the inventory, the SHA-256 of every file, the WAL position and time of the snapshot, versions. "
        "With it \"lifeboat verify\" compares exactly, without tolerance and without the live database. "
        "NAME-TIME.dump.globals.sql has the roles and tablespaces.\n\n"
        "Refused before anything is written: a pg_dump older than the server, too little disk, a role from which "
        "row-level security hides rows, a transaction pooler. A backup gets its name when it is whole and on disk; "
        "nothing is overwritten, and what an interrupted run left is removed by the next one.",
    .examples = "$ lifeboat backup --target production\nOf the target's live database (against), into its folder "
                "(path).\n"
                "$ lifeboat backup --against service=app --to /var/backups/app --dry-run\nCould it be done, and what "
                "would it take?\n"
                "$ lifeboat backup -t production --backup-format directory -j 4\nFour connections dump at once.",
    .options = options,
    .run = run,
};
