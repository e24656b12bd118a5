/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "cmd/command.h"
#include "cmd/exit_status.h"
#include "cmd/target.h"
#include "notify/notify.h"
#include "store/store.h"

static const Option one_target = {
    .name = "target",
    .letter = 't',
    .type = OPTION_TEXT,
    .argument = "NAME",
    .flag_only = true,
    .summary = "only this target",
};

static const Option as_json = {
    .name = "json",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "as JSON",
};

static const Option *const options[] = {&one_target, &as_json, NULL};

/* What is known of one target. */
typedef struct Standing {
    const char *target;  /* "" for runs without a target */
    const StoreRun *run; /* newest, NULL when there is none */
    const char *state;   /* "pass", "warn", "fail", "unknown", "stale", "never" */
    int64_t age;         /* since the last verification */
    int64_t allowed;     /* its max_gap */
} Standing;
typedef LIST(Standing) Standings;

typedef struct Status {
    const Config *config;
    Standings standings;
    StoreQueue queue;
    bool delivers; /* a PostgreSQL store is configured */
    NotifyFailures failures;
    const char *store_path;
    Time now;
} Status;

static const StoreRun *find_run(const StoreRuns *runs, const char *target) {
    LIST_EACH (const StoreRun, run, *runs) {
        if (strcmp(run->target, target) == 0)
            return run;
    }
    return NULL;
}

/* A pass that is too old is no pass any more: nobody has looked since. One from the future cannot be trusted to be
 * recent: a clock was wrong. Runs without a target follow no schedule. */
static const char *state_of(const StoreRun *run, int64_t age, int64_t allowed) {
    bool held = strcmp(run->verdict, "pass") == 0 || strcmp(run->verdict, "warn") == 0;
    bool recent = age <= allowed && age >= -TIME_HOUR;
    return held && !recent && *run->target != '\0' ? "stale" : run->verdict;
}

/* `section` NULL: a target that the configuration does not hold. */
static Err *add_standing(const CommandCall *call, Status *status, const StoreRun *run, const ConfigSection *section) {
    Standing standing = {.target = section == NULL ? run->target : section->name, .run = run, .state = "never"};
    Settings *settings = settings_new(call->arena);
    target_declare(settings);
    if (section != NULL)
        TRY(config_apply_to_look(call->arena, status->config, section, settings));
    standing.allowed = settings_duration(settings, settings_find(settings, "max_gap"));
    if (run != NULL) {
        standing.age = status->now - run->finished_at;
        standing.state = state_of(run, standing.age, standing.allowed);
    }
    *LIST_PUSH(call->arena, status->standings) = standing;
    return NULL;
}

/* Targets of the configuration; without any, whatever the store has seen. */
static Err *list_standings(const CommandCall *call, const StoreRuns *runs, Status *status) {
    const char *only = settings_text(call->settings, &one_target);
    bool configured = false;
    LIST_EACH (const ConfigSection, section, status->config->sections) {
        if (strcmp(section->kind, "target") != 0)
            continue;
        configured = true;
        if (only == NULL || strcmp(only, section->name) == 0)
            TRY(add_standing(call, status, find_run(runs, section->name), section));
    }
    LIST_EACH (const StoreRun, run, *runs) {
        bool wanted = only == NULL ? !configured : strcmp(only, run->target) == 0;
        if (wanted && config_section(status->config, "target", run->target) == NULL)
            TRY(add_standing(call, status, run, NULL));
    }
    if (only != NULL && status->standings.count == 0)
        return err_hint(call->arena,
                        err_new(call->arena, ERR_NOT_FOUND, "there is no target %s", text_safe(call->arena, only)),
                        "lifeboat status without --target lists them");
    return NULL;
}

static bool is(const Standing *standing, const char *state) {
    return strcmp(standing->state, state) == 0;
}

static bool held(const Standing *standing) {
    return is(standing, "pass") || is(standing, "warn");
}

static int exit_status(const Status *status) {
    bool unknown = status->standings.count == 0;
    LIST_EACH (const Standing, standing, status->standings) {
        if (is(standing, "fail"))
            return EXIT_STATUS_FAIL;
        unknown |= !held(standing);
    }
    return unknown ? EXIT_STATUS_UNKNOWN : EXIT_STATUS_OK;
}

static const char *name_of(Arena *arena, const Standing *standing) {
    return *standing->target == '\0' ? "(no target)" : text_safe(arena, standing->target);
}

static const char *age_text(Arena *arena, int64_t age) {
    return age < 0 ? "in the future" : arena_printf(arena, "%s ago", time_length_text(arena, age));
}

/* The worst target is the one that the first sentence names; NULL when there is none. */
static const Standing *worst_of(const Status *status) {
    static const char *const order[] = {"fail", "unknown", "never", "stale", "warn", "pass"};
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
        LIST_EACH (const Standing, standing, status->standings) {
            if (is(standing, order[i]))
                return standing;
        }
    return status->standings.count > 0 ? &status->standings.items[0] : NULL;
}

static const char *words_for(Arena *arena, const Standing *standing) {
    const char *ago = age_text(arena, standing->age);
    if (is(standing, "never"))
        return "has never been verified";
    if (is(standing, "stale"))
        return arena_printf(arena, "was last verified %s, allowed are %s", ago,
                            time_length_text(arena, standing->allowed));
    if (is(standing, "fail"))
        return arena_printf(arena, "the backup failed verification %s", ago);
    if (is(standing, "unknown"))
        return arena_printf(arena, "the backup could not be verified %s", ago);
    return arena_printf(arena, "the backup was verified %s%s", ago, is(standing, "warn") ? ", with warnings" : "");
}

static const char *sentence(Arena *arena, const Status *status) {
    size_t good = 0, count = status->standings.count;
    const Standing *worst = worst_of(status);
    if (worst == NULL)
        return arena_printf(arena, "Nothing has been verified yet: %s holds no run.",
                            text_safe(arena, status->store_path));
    LIST_EACH (const Standing, standing, status->standings) {
        good += held(standing);
    }
    const char *words = arena_printf(arena, "%s: %s.", name_of(arena, worst), words_for(arena, worst));
    if (count == 1)
        return words;
    if (good == count)
        return arena_printf(arena, "All %zu targets hold%s.", count, is(worst, "warn") ? ", some with warnings" : "");
    return arena_printf(arena, "%zu of %zu targets hold. %s", good, count, words);
}

static const char *next_command(Arena *arena, const Status *status) {
    const Standing *worst = worst_of(status);
    if (worst == NULL)
        return "lifeboat verify PATH";
    if (worst->run == NULL || is(worst, "stale"))
        return arena_printf(arena, "lifeboat verify --target %s", name_of(arena, worst));
    if (!is(worst, "pass"))
        return arena_printf(arena, "lifeboat log %s", text_safe(arena, worst->run->run_id));
    if (status->failures.count > 0)
        return arena_printf(arena, "lifeboat notify-test %s", text_safe(arena, status->failures.items[0].channel));
    if (status->queue.waiting > 0 && status->delivers)
        return "lifeboat migrate"; /* makes the table, delivers what waits, or says why not */
    return "lifeboat log";
}

static TerminalMark mark_of(const Standing *standing) {
    return is(standing, "pass")   ? TERMINAL_GOOD
           : is(standing, "warn") ? TERMINAL_WARN
           : is(standing, "fail") ? TERMINAL_BAD
                                  : TERMINAL_UNKNOWN;
}

static void print_standing(const CommandCall *call, const Standing *standing, int column) {
    Arena *arena = call->arena;
    const char *name = name_of(arena, standing);
    fprintf(call->out, "%s %s%*s  %-7s", terminal_mark(arena, call->terminal, mark_of(standing)), name,
            column - text_width(name), "", standing->state);
    if (standing->run == NULL) {
        fprintf(call->out, "\n");
        return;
    }
    const StoreRun *run = standing->run;
    fprintf(call->out, "  level %d %-8s  %-14s %s\n", run->proof_level, report_proof_name(run->proof_level),
            age_text(arena, standing->age), text_safe(arena, run->backup_id));
    if (!is(standing, "pass") && *run->reason != '\0')
        terminal_fill(call->out, text_safe(arena, run->reason), 4, call->terminal->width);
}

static void print_troubles(const CommandCall *call, const Status *status) {
    Arena *arena = call->arena;
    const char *mark = terminal_mark(arena, call->terminal, TERMINAL_WARN);
    if (status->queue.waiting > 0) {
        fprintf(call->out, "\n%s %zu run%s wait%s for the PostgreSQL store, the oldest since %s\n", mark,
                status->queue.waiting, status->queue.waiting == 1 ? "" : "s", status->queue.waiting == 1 ? "s" : "",
                time_text(arena, status->queue.oldest));
        if (!status->delivers)
            terminal_fill(call->out, "No PostgreSQL store is configured any more.", 4, call->terminal->width);
        else if (status->queue.error != NULL)
            terminal_fill(call->out, text_safe(arena, status->queue.error), 4, call->terminal->width);
    }
    LIST_EACH (const NotifyFailure, failure, status->failures) {
        fprintf(call->out, "\n%s channel %s has not been reached since %s\n", mark, text_safe(arena, failure->channel),
                time_text(arena, failure->since));
        terminal_fill(call->out, text_safe(arena, failure->error), 4, call->terminal->width);
    }
}

static void print_text(const CommandCall *call, const Status *status) {
    int column = 0;
    fprintf(call->out, "%s\n", sentence(call->arena, status));
    LIST_EACH (const Standing, standing, status->standings) {
        int width = text_width(name_of(call->arena, standing));
        column = width > column ? width : column;
    }
    if (status->standings.count > 0)
        fputc('\n', call->out);
    LIST_EACH (const Standing, standing, status->standings) {
        print_standing(call, standing, column);
    }
    print_troubles(call, status);
    fprintf(call->out, "\nNext: %s\n", next_command(call->arena, status));
}

static void put_standing(json_t *list, const Standing *standing) {
    json_t *entry = json_add(list, json_object());
    const StoreRun *run = standing->run;
    json_put_string(entry, "target", standing->target);
    json_put_string(entry, "state", standing->state);
    json_put_real(entry, "max_gap_seconds", (double)(standing->allowed / TIME_SECOND));
    if (run == NULL)
        return;
    json_put_string(entry, "run_id", run->run_id);
    json_put_string(entry, "verdict", run->verdict);
    json_put_string(entry, "reason", run->reason);
    json_put_u64(entry, "proof_level", (uint64_t)run->proof_level);
    json_put_string(entry, "proof_name", report_proof_name(run->proof_level));
    json_put_string(entry, "backup_id", run->backup_id);
    json_put_time(entry, "finished_at", run->finished_at);
    json_put_real(entry, "age_seconds", (double)(standing->age / TIME_SECOND));
}

static void print_json(const CommandCall *call, const Status *status) {
    json_t *document = json_start(call->arena, json_object());
    json_put_string(document, "schema", "lifeboat.status/1");
    json_put_string(document, "sentence", sentence(call->arena, status));
    json_put_u64(document, "exit_status", (uint64_t)exit_status(status));
    json_t *targets = json_put(document, "targets", json_array());
    LIST_EACH (const Standing, standing, status->standings) {
        put_standing(targets, standing);
    }
    json_t *delivery = json_put(document, "delivery", json_object());
    json_put_bool(delivery, "configured", status->delivers);
    json_put_u64(delivery, "waiting", status->queue.waiting);
    json_put_time(delivery, "oldest", status->queue.oldest);
    json_put_time(delivery, "tried_at", status->queue.tried_at);
    json_put_string(delivery, "error", status->queue.error);
    json_t *failing = json_put(document, "failing_channels", json_array());
    LIST_EACH (const NotifyFailure, failure, status->failures) {
        json_t *entry = json_add(failing, json_object());
        json_put_string(entry, "channel", failure->channel);
        json_put_time(entry, "since", failure->since);
        json_put_time(entry, "last", failure->last);
        json_put_string(entry, "error", failure->error);
    }
    json_put_string(document, "next", next_command(call->arena, status));
    fprintf(call->out, "%s\n", json_render(call->arena, document, false));
}

static Err *run(CommandCall *call) {
    Arena *arena = call->arena;
    Config *config = NULL;
    StoreSetup setup;
    Store *store = NULL;
    StoreRuns runs = {0};
    TRY(command_expect_operands(call, 0, 0));
    TRY(command_read_config(call, &config));
    Status status = {.now = time_now(), .config = config};
    TRY(store_setup_to_look(arena, config, &setup));
    TRY(store_open(arena, setup.directory, &store));
    TRY(store_examine(store, arena)); /* a damaged history must not answer for the backups */
    TRY(store_runs_latest(store, arena, &runs));
    TRY(store_deliver_queue(store, arena, &status.queue));
    TRY(notify_failures(arena, config, store, &status.failures));
    status.delivers = setup.delivers;
    status.store_path = store_path(store);
    TRY(list_standings(call, &runs, &status));
    if (settings_flag(call->settings, &as_json))
        print_json(call, &status);
    else
        print_text(call, &status);
    *call->status = exit_status(&status);
    return NULL;
}

const Command cmd_status = {
    .name = "status",
    .group = COMMAND_GROUP_LOOK,
    .synopsis = "status",
    .summary = "where every target stands: last verdict, how long ago, what is stuck",
    .detail = "Looks only at what earlier runs remembered, not at backups. A target whose last verification is older "
              "than its "
              "max_gap is `stale`, one that was never verified is `never`: neither counts as held.\n\nExit status: 0 "
              "when every "
              "target holds, 1 when a backup failed, 2 when one could not be verified, is stale or was never verified. "
              "Runs that "
              "wait for the PostgreSQL store and channels that cannot be reached are shown and do not change it.",
    .examples =
        "$ lifeboat status\nAll targets at a glance.\n$ lifeboat status --target production --json\nOne, for a script.",
    .options = options,
    .run = run,
};
