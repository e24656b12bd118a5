/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/section.h"

#include <string.h>

#include "cmd/target.h"
#include "notify/notify.h"
#include "runbook/runbook.h"
#include "store/store.h"
#include "verdict/prove.h"

static void declare_store(Settings *settings) {
    settings_declare(settings, store_options, 2);
}

static void declare_questions(Settings *settings) {
    size_t count = 0;
    while (prove_question_options[count] != NULL)
        count++;
    settings_declare(settings, prove_question_options, count);
}

static void declare_rules(Settings *settings) {
    size_t count = 0;
    while (prove_rule_options[count] != NULL)
        count++;
    settings_declare(settings, prove_rule_options, count);
}

static void declare_runbook(Settings *settings) {
    size_t count = 0;
    while (runbook_options[count] != NULL)
        count++;
    settings_declare(settings, runbook_options, count);
}

const SectionKind section_table[] = {
    {
        .kind = "target",
        .named = true,
        .summary = "a database, where its backups are, and how they are judged",
        .detail =
            "One section for each database. \"lifeboat verify --target NAME\" uses one; \"lifeboat verify\" without a "
            "path uses all of them.",
        .declare = target_declare,
    },
    {
        .kind = "store",
        .summary = "where runs are remembered",
        .detail = "Without this section they are remembered all the same, in a directory of lifeboat's choice.",
        .declare = declare_store,
    },
    {
        .kind = "notify",
        .named = true,
        .summary = "a channel that is told when a backup fails, and when it recovers",
        .detail = "One section for each channel. \"lifeboat notify-test\" tries them.",
        .declare = notify_declare,
    },
    {
        .kind = "check",
        .named = true,
        .summary = "a question that the restored copy must answer",
        .detail = "One statement, what its first column must be, and why: sql = SELECT count(*) FROM organizations, "
                  "expect = > 0, reason = there is always a customer. It is asked read-only in the restored copy, as "
                  "the role and with the claims given, when a restore is asked for. A canary row is such a question: "
                  "its expected value comes back byte for byte.",
        .declare = declare_questions,
    },
    {
        .kind = "explain",
        .named = true,
        .summary = "why an error of the restore is no defect of the backup",
        .detail = "message and statement are POSIX extended regular expressions, case-insensitive; what both match is "
                  "explained by reason. A rule without a reason is an error: an unexplained error fails the restore.",
        .declare = declare_rules,
    },
    {
        .kind = "runbook",
        .both = true,
        .summary = "addresses, thresholds and people that the runbook and the plan name",
        .detail = "Every parameter of the runbook is a setting here: app_url = https://api.example.com. \"lifeboat "
                  "runbook parameters\" lists them with their meaning, default and present value. [runbook NAME] holds "
                  "what is different for the target NAME. A diagnosis that needs a parameter without a value says so "
                  "and cannot tell.",
        .declare = declare_runbook,
    },
    {.kind = NULL},
};

const char section_syntax[] =
    "The file has sections in square brackets and settings written `key = value`; a line that begins with # is a "
    "comment. "
    "There are no comments behind a value: everything after the = belongs to it.\n\n"
    "`${NAME}` is replaced by the environment variable of that name, which must be set; `$$` is a dollar. Relative "
    "paths are "
    "relative to the file. A setting that holds a secret has a twin with `_file` behind its name, which reads the "
    "secret from "
    "a file; that file, and a configuration that itself holds a secret, must not be readable by others (chmod 600). An "
    "unknown section or setting is an error.\n\n"
    "A flag on the command line goes before the configuration, the configuration before the default.";

const SectionKind *section_find(const char *kind) {
    for (size_t i = 0; section_table[i].kind != NULL; i++) {
        if (strcmp(section_table[i].kind, kind) == 0)
            return &section_table[i];
    }
    return NULL;
}

static Err *unknown_kind(Arena *arena, const char *where, const char *kind) {
    LIST(const char *) kinds = {0};
    for (size_t i = 0; section_table[i].kind != NULL; i++)
        *LIST_PUSH(arena, kinds) = section_table[i].kind;
    Err *err = err_new(arena, ERR_CONFIG, "%s: there is no section kind [%s]", where, kind);
    const char *close = text_suggest(kind, kinds.items, kinds.count);
    return close == NULL ? err : err_hint(arena, err, "did you mean [%s]?", close);
}

Err *section_validate(Arena *arena, const Config *config) {
    LIST_EACH (ConfigSection, section, config->sections) {
        const char *where = arena_printf(arena, "%s:%d", text_safe(arena, config->path), section->line);
        const SectionKind *kind = section_find(section->kind);
        if (kind == NULL)
            return unknown_kind(arena, where, section->kind);
        if (kind->named && section->name[0] == '\0')
            return err_new(arena, ERR_CONFIG, "%s: [%s] needs a name: [%s NAME]", where, kind->kind, kind->kind);
        if (!kind->named && !kind->both && section->name[0] != '\0')
            return err_new(arena, ERR_CONFIG, "%s: [%s] takes no name", where, kind->kind);
    }
    return NULL;
}
