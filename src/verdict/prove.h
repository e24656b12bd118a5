/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_VERDICT_PROVE_H
#define LIFEBOAT_VERDICT_PROVE_H

#include "base/config.h"
#include "check/check.h"
#include "sandbox/place.h"

/*
 * Prove: restores a backup that has been read into a sandbox, takes the inventory of what came out, looks at it as the
 * application would, and tears the sandbox down. Fills the part of CheckContext that the checks of the restored copy
 * judge.
 *
 * How far it goes: restored (level 3), matching (4: inventory with digests, what rows say of each other), serving (5:
 * the application's questions, writes, strangers). The default is serving: it costs little beside the restore.
 */
typedef struct ProvePhase {
    const char *name; /* "sandbox", "pre-data", "data", "indexes", "constraints", "analyze", "inventory", "examine",
                         "tear-down" */
    double seconds;
} ProvePhase;

typedef struct Prove {
    LIST(ProvePhase) phases;
    const char *confinement;    /* how the sandbox was confined, or why not */
    const char *server_version; /* of the sandbox */
    const char *kept;           /* --keep: how to connect and how to remove it; else NULL */
    const Restore *restore;
    CheckCopies copies;
    const Examination *examination;
} Prove;

/* What the configuration adds: [check NAME] questions and [explain NAME] rules. */
typedef struct ProveSections {
    LIST(ExamineQuestion) questions;
    LIST(ExplainRule) rules;
} ProveSections;

/* Rows of the two sections, for describe and for config_apply. NULL-terminated. */
extern const Option *const prove_question_options[];
extern const Option *const prove_rule_options[];

/* ERR_CONFIG for a question without sql, expect or reason, and for a rule without a reason. */
Err *prove_read_sections(Arena *arena, const Config *config, ProveSections *out);

/* Options of the proof: restore, proof, where, how long. NULL-terminated. */
extern const Option *const prove_staging; /* a conninfo that may come from the command line */
extern const Option *const prove_options[];
void prove_declare_options(Settings *settings);

/* True when a restore is asked for (--restore, or proof = restored and above). */
bool prove_asked(const Settings *settings);

/* The rung it is asked to reach, 3 to 5, and what that is called. */
int prove_level_asked(const Settings *settings, const char **name);

/* --pg-bindir, or NULL. */
const char *prove_bindir(const Settings *settings);

typedef struct ProveRequest {
    const Backup *backup;
    const Settings *settings;
    const ProveSections *sections; /* NULL: none */
    const char *const *writable;   /* tables that must be writable, NULL-terminated, or NULL */
    int jobs;
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total); /* may be NULL */
    void *context;
} ProveRequest;

/* Fills restore, restored, examination and their errors in the context. Returns an error only when interrupted or
 * misconfigured; what could not be proven is in the context, and a sandbox that could not be removed is a
 * restore_error. */
Err *prove_run(Arena *arena, const ProveRequest *request, CheckContext *context, Prove **out);

#endif
