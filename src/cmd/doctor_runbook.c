/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "cmd/doctor.h"
#include "cmd/runbook_open.h"

/* Its values are read only when something is broken: a wrong one must not come out then. */
static void look_at_secrets(Doctor *doctor, const RunbookOpen *open, const ParameterValues *values) {
    LIST_EACH (const Parameter, parameter, open->runbook->parameters) {
        const char *value = NULL;
        if (parameter->type != PARAMETER_SECRET || parameter_written(values, parameter->name) == NULL)
            continue;
        const Err *err = parameter_value(doctor->arena, values, parameter->name, &value);
        if (err != NULL)
            doctor_add_error(doctor, DOCTOR_PROBLEM, "runbook-secret", err);
    }
}

static void look_at_values(Doctor *doctor, const RunbookOpen *open, const char *target) {
    Arena *arena = doctor->arena;
    ParameterValues *values = NULL;
    size_t unset = 0;
    const Err *err = parameter_values(arena, &open->runbook->parameters, open->config, target, &values);
    if (err != NULL) {
        doctor_add_error(doctor, DOCTOR_PROBLEM, "runbook", err);
        return;
    }
    LIST_EACH (const Parameter, parameter, open->runbook->parameters) {
        unset += parameter_written(values, parameter->name) == NULL;
    }
    const char *whose = target[0] == '\0' ? "" : arena_printf(arena, " for %s", text_safe(arena, target));
    doctor_add(doctor, DOCTOR_OK, "runbook",
               arena_printf(arena, "the runbook has %zu issues; %zu of its %zu parameters have no value%s",
                            open->runbook->issues.count, unset, open->runbook->parameters.count, whose),
               unset == 0 ? NULL : "\"lifeboat runbook parameters\" shows which, and what they are for");
    look_at_secrets(doctor, open, values);
}

static bool has_section(const Config *config) {
    LIST_EACH (const ConfigSection, section, config->sections) {
        if (strcmp(section->kind, "runbook") == 0)
            return true;
    }
    return false;
}

void doctor_runbook(Doctor *doctor, const CommandCall *call, const Config *config) {
    RunbookOpen open;
    if (config == NULL || !has_section(config))
        return;
    const Err *err = runbook_open_to_read(call, &open);
    doctor->group = "Runbook";
    if (err != NULL) {
        doctor_add_error(doctor, DOCTOR_PROBLEM, "runbook", err);
        return;
    }
    LIST_EACH (const ConfigSection, section, open.config->sections) {
        if (strcmp(section->kind, "runbook") == 0)
            look_at_values(doctor, &open, section->name);
    }
    size_t broken = 0;
    LIST_EACH (Issue *const, issue, open.runbook->issues) {
        broken += (*issue)->broken;
    }
    if (broken > 0 || open.runbook->problems.count > 0)
        doctor_add(doctor, DOCTOR_PROBLEM, "runbook",
                   "the runbook has mistakes; issues with a mistake are not executed", "lifeboat runbook check");
}
