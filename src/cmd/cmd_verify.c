/* SPDX-License-Identifier: PostgreSQL */
#include "base/log.h"
#include "cmd/command.h"
#include "cmd/section.h"
#include "cmd/target.h"
#include "cmd/verify_job.h"
#include "inventory/live.h"
#include "verdict/verify.h"

static const Option target_name = {.name = "target",
                                   .letter = 't',
                                   .type = OPTION_TEXT,
                                   .argument = "NAME",
                                   .flag_only = true,
                                   .summary = "verify this target of the configuration, with its thresholds"};

static const Option all = {.name = "all",
                           .letter = 'a',
                           .type = OPTION_FLAG,
                           .flag_only = true,
                           .summary = "of a folder every backup, not only the newest"};

static const Option as_json = {
    .name = "json", .type = OPTION_FLAG, .flag_only = true, .summary = "the report as JSON (schema lifeboat.report/1)"};

static const Option quiet = {.name = "quiet",
                             .letter = 'q',
                             .type = OPTION_FLAG,
                             .flag_only = true,
                             .summary = "print nothing about a backup that passes, one line about any other"};

static const Option record = {.name = "record",
                              .type = OPTION_FLAG,
                              .flag_only = true,
                              .summary = "remember this run, and tell the channels, as is done for a target",
                              .detail = "Runs of a target at the path of its section always are. A PATH on the command "
                                        "line is verified without leaving a trace, unless this is given."};

static const Option *const options[] = {&target_name, &all, &as_json, &quiet, &record, NULL};

typedef LIST(VerifyJob) Jobs;

static void declare_options(Settings *settings) {
    verify_declare_options(settings);
}

/* What the command line says counts first, then the target's section. */
static Err *add_target(Arena *arena, const CommandCall *call, const Target *target, const char *path, Jobs *jobs) {
    Settings *settings = settings_new(arena);
    target_declare(settings);
    settings_inherit(settings, call->settings);
    settings_inherit(settings, target->settings);
    bool recorded = path == NULL || settings_flag(call->settings, &record);
    if (path == NULL)
        path = settings_text(settings, &target_path);
    if (path == NULL)
        return err_new(arena, ERR_CONFIG, "the target %s has no path", text_quote(arena, text_of(target->name), 60));
    *LIST_PUSH(arena, *jobs) = (VerifyJob){.path = path,
                                           .all = settings_flag(call->settings, &all),
                                           .target = target->name,
                                           .settings = settings,
                                           .recorded = recorded};
    return NULL;
}

static Err *nothing_to_verify(Arena *arena, const Config *config) {
    Err *err =
        config->path == NULL
            ? err_new(arena, ERR_USAGE, "nothing to verify: no path was given and there is no configuration")
            : err_new(arena, ERR_USAGE, "nothing to verify: no path was given and %s has no target", config->path);
    return err_hint(arena, err, "lifeboat verify PATH, or lifeboat init to write a configuration");
}

static Err *find_jobs(CommandCall *call, const Config *config, Jobs *jobs) {
    Arena *arena = call->arena;
    const char *name = settings_text(call->settings, &target_name);
    Targets targets = {0};
    if (name != NULL)
        TRY(target_load(arena, config, name, LIST_PUSH(arena, targets)));
    else if (call->operand_count == 0)
        TRY(target_load_all(arena, config, &targets));
    for (size_t at = 0; at < call->operand_count; at++) {
        const char *path = call->operands[at];
        if (name != NULL)
            TRY(add_target(arena, call, &targets.items[0], path, jobs));
        else
            *LIST_PUSH(arena, *jobs) = (VerifyJob){.path = path,
                                                   .all = settings_flag(call->settings, &all),
                                                   .target = "",
                                                   .settings = call->settings,
                                                   .recorded = settings_flag(call->settings, &record)};
    }
    for (size_t at = 0; at < targets.count && call->operand_count == 0; at++)
        TRY(add_target(arena, call, &targets.items[at], NULL, jobs));
    return jobs->count > 0 ? NULL : nothing_to_verify(arena, config);
}

static void warn_about_password(const CommandCall *call, const Option *row) {
    const char *origin = settings_origin(call->settings, row);
    const char *conninfo = settings_text(call->settings, row);
    if (conninfo == NULL || origin == NULL || origin[0] != '-' || !live_conninfo_has_password(conninfo))
        return;
    log_warning("the password on the command line can be seen by every user of this machine", "instead",
                "put it into ~/.pgpass or PGPASSFILE, use service=NAME, or against_file in the configuration", NULL);
}

/* A path alone needs no configuration, and does not fail for a wrong one. */
static Err *read_config(CommandCall *call, Config **out) {
    bool needed = call->operand_count == 0 || settings_text(call->settings, &target_name) != NULL ||
                  settings_flag(call->settings, &record) || settings_text(call->settings, &command_config) != NULL;
    if (!needed)
        return config_read(call->arena, NULL, out);
    TRY(command_read_config(call, out));
    return section_validate(call->arena, *out);
}

static Err *run(CommandCall *call) {
    Config *config;
    TRY(read_config(call, &config));
    Jobs jobs = {0};
    TRY(find_jobs(call, config, &jobs));
    LIST_EACH (const VerifyJob, job, jobs)
        TRY(check_validate(call->arena, job->settings));
    ProveSections sections; /* read again by each child; here so that a mistake is told before anything is done */
    TRY(prove_read_sections(call->arena, config, &sections));
    warn_about_password(call, &verify_against);
    warn_about_password(call, prove_staging);
    VerifyOutput output = {.terminal = call->terminal,
                           .json = settings_flag(call->settings, &as_json),
                           .quiet = settings_flag(call->settings, &quiet),
                           .many = call->operand_count > 1 || settings_flag(call->settings, &all) ||
                                   (call->operand_count == 0 && settings_text(call->settings, &target_name) == NULL)};
    TRY(verify_output_open(call->arena, &output));
    LIST_EACH (const VerifyJob, job, jobs)
        TRY(verify_job_run(call->arena, job, config, &output));
    return verify_output_print(call->arena, &output, call->out, call->status);
}

const Command cmd_verify = {
    .name = "verify",
    .group = COMMAND_GROUP_VERIFY,
    .synopsis = "verify [PATH ...]",
    .summary = "read a backup whole and say whether it can be relied on",
    .detail = "PATH is a backup of pg_dump or pg_dumpall (custom, directory, tar, plain; gzip, zstd, lz4 or not "
              "compressed), or a folder of them, which means its newest. What it is gets told from its bytes. No "
              "configuration is needed; without a PATH every target of the configuration is verified.\n\n"
              "Every byte is read and decoded, every row counted. With --against the counts and the structure are "
              "compared with the live database. What was not looked at is listed, and is never called good: a check "
              "that was asked for and could not run makes the verdict unknown.\n\n"
              "The exit status is the verdict: 0 pass or warn, 1 fail, 2 unknown. Of several backups the worst counts. "
              "A run of a target is recorded (lifeboat log) and told to the channels of the configuration; one that "
              "could not be recorded does not exit with 0.",
    .examples = "$ lifeboat verify app.dump\nThe file, by itself.\n"
                "$ lifeboat verify /var/backups/app --against service=app --critical contacts,appointments\nThe newest "
                "backup of a folder, compared with the live database.\n"
                "$ lifeboat verify --target production --json\nA target of the configuration; the report as JSON.\n"
                "$ lifeboat verify --all /var/backups/app --max-age 31d --quiet\nEvery backup of a folder; only the "
                "bad ones are named.",
    .options = options,
    .declare = declare_options,
    .run = run,
};
