/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/interrupt.h"
#include "base/json.h"
#include "base/time.h"
#include "cmd/doctor.h"
#include "cmd/exit_status.h"
#include "cmd/section.h"

static const Option as_json = {.name = "json", .type = OPTION_FLAG, .flag_only = true, .summary = "as JSON"};
static const Option *const options[] = {&as_json, NULL};

/* What can be read of the configuration; what cannot is a line. */
static const Config *look_at_configuration(CommandCall *call, Doctor *doctor, Targets *targets) {
    Arena *arena = doctor->arena;
    Config *config = NULL, *none = NULL;
    doctor->group = "Configuration";
    const Err *err = command_read_config(call, &config);
    if (err == NULL)
        err = section_validate(arena, config);
    if (err == NULL)
        err = target_load_all(arena, config, targets);
    if (err != NULL)
        doctor_add_error(doctor, DOCTOR_PROBLEM, "configuration", err);
    else if (config->path == NULL)
        doctor_add(doctor, DOCTOR_WARNING, "configuration",
                   "there is no configuration: only what is named on the command line is verified", "lifeboat init");
    else if (targets->count == 0)
        doctor_add(doctor, DOCTOR_WARNING, "configuration",
                   arena_printf(arena, "%s names no target", text_safe(arena, config->path)),
                   "a [target NAME] section, or lifeboat init --force");
    else
        doctor_add(doctor, DOCTOR_OK, "configuration",
                   arena_printf(arena, "%s: %zu target%s", text_safe(arena, config->path), targets->count,
                                targets->count == 1 ? "" : "s"),
                   NULL);
    if (time_is_overridden())
        doctor_add(doctor, DOCTOR_WARNING, "clock",
                   arena_printf(arena, "LIFEBOAT_NOW sets the clock to %s", time_text(arena, time_now())),
                   "unset LIFEBOAT_NOW unless this is a rehearsal");
    if (err != NULL && config_read(arena, NULL, &none) == NULL)
        config = none; /* the rest can still be looked at, with defaults */
    return config;
}

static size_t count_lines(const Doctor *doctor, DoctorStatus status) {
    size_t count = 0;
    LIST_EACH (const DoctorLine, line, doctor->lines) {
        count += line->status == status;
    }
    return count;
}

static int exit_status(const Doctor *doctor) {
    if (count_lines(doctor, DOCTOR_PROBLEM) > 0)
        return EXIT_STATUS_FAIL;
    return count_lines(doctor, DOCTOR_UNKNOWN) > 0 ? EXIT_STATUS_UNKNOWN : EXIT_STATUS_OK;
}

static const char *sentence(const Doctor *doctor) {
    Arena *arena = doctor->arena;
    size_t problems = count_lines(doctor, DOCTOR_PROBLEM), warnings = count_lines(doctor, DOCTOR_WARNING);
    size_t unknown = count_lines(doctor, DOCTOR_UNKNOWN);
    if (problems + warnings + unknown == 0)
        return "Everything lifeboat needs is in order.";
    const char *text =
        problems == 0 ? "No problem" : arena_printf(arena, "%zu problem%s", problems, problems == 1 ? "" : "s");
    if (warnings > 0)
        text = arena_printf(arena, "%s, %zu warning%s", text, warnings, warnings == 1 ? "" : "s");
    if (unknown > 0)
        text = arena_printf(arena, "%s, %zu could not be told", text, unknown);
    return arena_printf(arena, "%s.", text);
}

static void print_text(const CommandCall *call, const Doctor *doctor) {
    static const TerminalMark marks[] = {[DOCTOR_OK] = TERMINAL_GOOD,
                                         [DOCTOR_WARNING] = TERMINAL_WARN,
                                         [DOCTOR_PROBLEM] = TERMINAL_BAD,
                                         [DOCTOR_UNKNOWN] = TERMINAL_UNKNOWN};
    Arena *arena = call->arena;
    const char *group = "";
    fprintf(call->out, "%s\n", sentence(doctor));
    LIST_EACH (const DoctorLine, line, doctor->lines) {
        if (strcmp(line->group, group) != 0)
            fprintf(call->out, "\n%s\n",
                    terminal_paint(arena, call->terminal, TERMINAL_BOLD, text_safe(arena, line->group)));
        group = line->group;
        const char *mark = terminal_mark(arena, call->terminal, marks[line->status]);
        /* the mark's colour takes no column */
        const char *name = arena_printf(arena, "%s %-8s", mark, doctor_status_name(line->status));
        fprintf(call->out, "  %s ", name);
        terminal_fill_from(call->out, line->text, 13, call->terminal->width);
        if (line->fix != NULL)
            terminal_fill(call->out, arena_printf(arena, "fix: %s", line->fix), 13, call->terminal->width);
    }
}

static void print_json(const CommandCall *call, const Doctor *doctor) {
    json_t *document = json_start(call->arena, json_object());
    json_put_string(document, "schema", "lifeboat.doctor/1");
    json_put_string(document, "sentence", sentence(doctor));
    json_put(document, "exit_status", json_integer(exit_status(doctor)));
    json_t *lines = json_put(document, "lines", json_array());
    LIST_EACH (const DoctorLine, line, doctor->lines) {
        json_t *object = json_add(lines, json_object());
        json_put_string(object, "group", line->group);
        json_put_string(object, "what", line->what);
        json_put_string(object, "status", doctor_status_name(line->status));
        json_put_string(object, "text", line->text);
        json_put_string(object, "fix", line->fix);
    }
    fprintf(call->out, "%s\n", json_render(call->arena, document, false));
}

static Err *run(CommandCall *call) {
    Doctor doctor = {.arena = call->arena};
    Targets targets = {0};
    int server_major = 0;
    TRY(command_expect_operands(call, 0, 0));
    const Config *config = look_at_configuration(call, &doctor, &targets);
    LIST_EACH (const Target, target, targets) {
        TRY(interrupt_check(call->arena));
        doctor_target(&doctor, target, &server_major);
    }
    TRY(interrupt_check(call->arena));
    doctor_tools(&doctor, server_major);
    doctor_store(&doctor, config);
    doctor_runbook(&doctor, call, config);
    TRY(interrupt_check(call->arena));
    if (settings_flag(call->settings, &as_json))
        print_json(call, &doctor);
    else
        print_text(call, &doctor);
    *call->status = exit_status(&doctor);
    return NULL;
}

const Command cmd_doctor = {
    .name = "doctor",
    .group = COMMAND_GROUP_SETUP,
    .synopsis = "doctor",
    .summary = "try the configuration, connections, rights, tools, disk, clock and channels",
    .detail =
        "Looks at everything a verification needs, and names the fix where something is missing. It does not judge "
        "backups: "
        "that is what verify does.\n\n"
        "Exit status: 0 without a problem (warnings do not count), 1 with one, 2 when something could not be told.",
    .examples = "$ lifeboat doctor\nAfter init, after an upgrade, and when in doubt.\n"
                "$ lifeboat doctor --json\nThe same for a script: lines with group, what, status, text and fix.",
    .options = options,
    .run = run,
};
