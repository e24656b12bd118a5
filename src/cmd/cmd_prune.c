/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "check/check.h"
#include "cmd/command.h"
#include "cmd/exit_status.h"
#include "cmd/prune_plan.h"
#include "cmd/target.h"
#include "format/backup.h"
#include "sandbox/partial.h"
#include "source/companion.h"
#include "source/directory.h"
#include "store/store.h"

static const Option one_target = {.name = "target",
                                  .letter = 't',
                                  .type = OPTION_TEXT,
                                  .argument = "NAME",
                                  .flag_only = true,
                                  .summary = "the folder, and the history, of this target of the configuration"};

static const Option keep = {.name = "keep",
                            .type = OPTION_DURATION,
                            .argument = "AGE",
                            .flag_only = true,
                            .summary = "remove only what is older: 30d, 12w"};

static const Option apply = {.name = "apply",
                             .type = OPTION_FLAG,
                             .flag_only = true,
                             .summary = "do it; without it nothing is removed, only said"};

static const Option as_json = {
    .name = "json", .type = OPTION_FLAG, .flag_only = true, .summary = "as JSON (schema lifeboat.prune/1)"};

static const Option *const options[] = {&keep, &one_target, &apply, &as_json, NULL};

typedef struct LeftAlone {
    const char *name, *why;
} LeftAlone;

typedef struct Pruning {
    CommandCall *call;
    Arena *arena;
    const char *folder;
    const char *target; /* "" when a folder was given */
    StoreRuns runs;
    LIST(PruneBackup) backups;
    LIST(LeftAlone) left_alone;
    LIST(struct stat) seen; /* of the backups, in the order in which they were found */
    Time now;
    size_t removed;
    uint64_t removed_bytes;
} Pruning;

/* ---- what is there ---- */

static void leave(Pruning *pruning, const char *path, const char *why) {
    *LIST_PUSH(pruning->arena, pruning->left_alone) =
        (LeftAlone){.name = text_safe(pruning->arena, file_base_name(pruning->arena, path)), .why = why};
}

/* Runs that saw this very file: its name, its size, the time it states; and that it did not change since. */
static bool is_of(const StoreRun *run, const DirectoryEntry *entry, const Backup *backup) {
    return strcmp(run->backup_id, backup->id) == 0 && run->backup_size == entry->size_bytes &&
           run->backup_taken_at == backup->taken_at && run->finished_at >= entry->modified;
}

static void recall(const Pruning *pruning, const DirectoryEntry *entry, const Backup *backup, PruneBackup *out) {
    bool answered = false; /* runs are newest first */
    LIST_EACH (const StoreRun, run, pruning->runs) {
        bool fails = strcmp(run->verdict, "fail") == 0;
        bool good = strcmp(run->verdict, "pass") == 0 || strcmp(run->verdict, "warn") == 0;
        if (!(fails || good) || !is_of(run, entry, backup))
            continue;
        if (!answered)
            out->failed = fails;
        answered = true;
        if (good && run->proof_level > out->level)
            out->level = run->proof_level;
    }
}

/* A link is another name of a backup, not another copy of it. */
static bool seen_before(const Pruning *pruning, const struct stat *found) {
    LIST_EACH (const struct stat, other, pruning->seen)
        if (other->st_dev == found->st_dev && other->st_ino == found->st_ino)
            return true;
    return false;
}

/* Any readable text may be a script: only what says that pg_dump wrote it is taken for a backup here. */
static const char *why_not(const Pruning *pruning, const DirectoryEntry *entry, Backup **backup, struct stat *found) {
    if (lstat(entry->path, found) != 0)
        return "it cannot be looked at";
    if (S_ISLNK(found->st_mode))
        return "it is a symbolic link";
    if (seen_before(pruning, found))
        return "it is another name of a backup that is listed";
    if (backup_open(pruning->arena, entry->path, backup) != NULL)
        return "it does not open as a backup";
    bool script = strcmp((*backup)->format, "script") == 0;
    return script && (*backup)->dump_version[0] == '\0' ? "it does not say that pg_dump wrote it" : NULL;
}

static Err *look_at(Pruning *pruning, const DirectoryEntry *entry) {
    Backup *backup = NULL;
    struct stat found;
    TRY(interrupt_check(pruning->arena));
    if (entry->pending) {
        leave(pruning, entry->path, "it looks unfinished by its name");
        return NULL;
    }
    const char *why = why_not(pruning, entry, &backup, &found);
    if (why != NULL) {
        leave(pruning, entry->path, why);
        return NULL;
    }
    PruneBackup known = {.path = entry->path, .size = entry->size_bytes};
    known.taken_at = backup->taken_at_stated ? backup->taken_at : entry->modified;
    recall(pruning, entry, backup, &known);
    *LIST_PUSH(pruning->arena, pruning->backups) = known;
    *LIST_PUSH(pruning->arena, pruning->seen) = found;
    return NULL;
}

static Err *look_around(Pruning *pruning) {
    DirectoryEntries entries;
    FileInfo info;
    TRY(file_info(pruning->arena, pruning->folder, &info));
    bool is_backup = false;
    if (info.kind == FILE_DIRECTORY)
        TRY(backup_recognise(pruning->arena, pruning->folder, &is_backup));
    if (info.kind != FILE_DIRECTORY || is_backup)
        return err_hint(pruning->arena,
                        err_new(pruning->arena, ERR_USAGE, "%s is not a folder of backups",
                                text_safe(pruning->arena, pruning->folder)),
                        "name the folder that the backups are in");
    TRY(directory_entries(pruning->arena, pruning->folder, backup_recognise, &entries));
    LIST_EACH (const DirectoryEntry, entry, entries)
        TRY(look_at(pruning, entry));
    return NULL;
}

/* Without its memory lifeboat does not know what was proved, and removes nothing. */
static Err *read_history(Pruning *pruning, const Config *config) {
    StoreSetup setup;
    Store *store = NULL;
    TRY(store_setup_to_look(pruning->arena, config, &setup));
    Err *err = store_open(pruning->arena, setup.directory, &store);
    if (err == NULL)
        err = store_runs(store, pruning->arena, pruning->target, TIME_NONE, &pruning->runs);
    return err == NULL ? NULL
                       : err_wrap(pruning->arena, err, "nothing is removed: earlier verifications are not known");
}

/* ---- removing ---- */

/* Moved out of sight whole, the attestation last; then deleted. What a kill leaves, the next run sweeps. */
static Err *remove_backup(Pruning *pruning, const PruneBackup *backup) {
    Arena *arena = pruning->arena;
    const char *name = file_base_name(arena, backup->path);
    const char *const paths[] = {backup->path, companion_globals(arena, backup->path),
                                 companion_attestation(arena, backup->path)};
    Partial *partial = NULL;
    struct stat found;
    TRY(interrupt_check(arena));
    TRY(partial_make(arena, pruning->folder, name, &partial));
    Err *err = NULL;
    for (size_t at = 0; at < sizeof(paths) / sizeof(paths[0]) && err == NULL; at++)
        if (at == 0 || (lstat(paths[at], &found) == 0 && S_ISREG(found.st_mode)))
            err =
                partial_move(arena, paths[at], file_join(arena, partial->directory, file_base_name(arena, paths[at])));
    Err *removal = partial_remove(arena, partial);
    err = err != NULL ? err : removal;
    pruning->removed += err == NULL;
    pruning->removed_bytes += err == NULL ? backup->size : 0;
    return err == NULL ? NULL : err_wrap(arena, err, "%s could not be removed", text_safe(arena, backup->path));
}

/* The oldest first: an interrupted run has removed what mattered least. */
static Err *remove_all(Pruning *pruning) {
    size_t swept;
    TRY(partial_sweep(pruning->arena, pruning->folder, &swept));
    for (size_t at = pruning->backups.count; at-- > 0;)
        if (pruning->backups.items[at].reason == PRUNE_REMOVE)
            TRY(remove_backup(pruning, &pruning->backups.items[at]));
    return NULL;
}

/* ---- telling ---- */

static void count(const Pruning *pruning, PruneReason reason, uint64_t *number, uint64_t *bytes) {
    *number = *bytes = 0;
    LIST_EACH (const PruneBackup, backup, pruning->backups) {
        *number += backup->reason == reason;
        *bytes += backup->reason == reason ? backup->size : 0;
    }
}

static void print_backup(const Pruning *pruning, const PruneBackup *backup) {
    Arena *arena = pruning->arena;
    const char *age = backup->taken_at == TIME_NONE     ? "unknown"
                      : backup->taken_at > pruning->now ? "future"
                                                        : time_length_text(arena, pruning->now - backup->taken_at);
    bool goes = backup->reason == PRUNE_REMOVE;
    fprintf(pruning->call->out, "  %-6s  %-16s %9s  %s%s%s\n", goes ? "remove" : "keep", age,
            file_size_text(arena, backup->size), text_safe(arena, file_base_name(arena, backup->path)),
            goes ? "" : ": ", goes ? "" : prune_plan_text(backup->reason));
}

static void print_summary(const Pruning *pruning, bool applied) {
    Arena *arena = pruning->arena;
    uint64_t number, bytes, unverified, ignored;
    count(pruning, PRUNE_REMOVE, &number, &bytes);
    count(pruning, PRUNE_UNVERIFIED, &unverified, &ignored);
    const char *what = check_count_text(arena, number, "backup");
    if (unverified > 0)
        terminal_fill(pruning->call->out,
                      arena_printf(arena,
                                   "Nothing is removed: of none of these is it known that it is good. Verify first, "
                                   "and let it be remembered: lifeboat verify %s",
                                   pruning->target[0] == '\0'
                                       ? arena_printf(arena, "--record %s", text_safe(arena, pruning->folder))
                                       : arena_printf(arena, "--target %s", text_safe(arena, pruning->target))),
                      0, pruning->call->terminal->width);
    else if (number == 0)
        fputs("Nothing to remove.\n", pruning->call->out);
    else if (applied)
        fprintf(pruning->call->out, "%s removed, %s.\n", what, file_size_text(arena, pruning->removed_bytes));
    else
        fprintf(pruning->call->out, "%s would be removed, %s. Do it: --apply\n", what, file_size_text(arena, bytes));
}

static void print_text(const Pruning *pruning, bool applied) {
    fprintf(pruning->call->out, "%s\n",
            terminal_paint(pruning->arena, pruning->call->terminal, TERMINAL_BOLD,
                           text_safe(pruning->arena, pruning->folder)));
    LIST_EACH (const PruneBackup, backup, pruning->backups)
        print_backup(pruning, backup);
    LIST_EACH (const LeftAlone, other, pruning->left_alone)
        fprintf(pruning->call->out, "  %-6s  %-16s %9s  %s: %s\n", "-", "", "", other->name, other->why);
    print_summary(pruning, applied);
}

static void print_json(const Pruning *pruning, bool applied) {
    json_t *document = json_start(pruning->arena, json_object());
    json_put_string(document, "schema", "lifeboat.prune/1");
    json_put_string(document, "path", pruning->folder);
    json_put_bool(document, "applied", applied);
    json_put_u64(document, "removed", pruning->removed);
    json_put_u64(document, "removed_bytes", pruning->removed_bytes);
    json_t *backups = json_put(document, "backups", json_array());
    LIST_EACH (const PruneBackup, backup, pruning->backups) {
        json_t *object = json_add(backups, json_object());
        json_put_string(object, "path", backup->path);
        json_put_time(object, "taken_at", backup->taken_at);
        json_put_u64(object, "size_bytes", backup->size);
        json_put_u64(object, "proof_level", (uint64_t)backup->level);
        json_put_bool(object, "failed", backup->failed);
        json_put_string(object, "action", backup->reason == PRUNE_REMOVE ? "remove" : "keep");
        json_put_string(object, "reason", prune_plan_id(backup->reason));
    }
    json_t *others = json_put(document, "left_alone", json_array());
    LIST_EACH (const LeftAlone, other, pruning->left_alone) {
        json_t *object = json_add(others, json_object());
        json_put_string(object, "name", other->name);
        json_put_string(object, "why", other->why);
    }
    fprintf(pruning->call->out, "%s\n", json_render(pruning->arena, document, false));
}

/* ---- the command ---- */

static Err *find_folder(Pruning *pruning, const Config *config) {
    CommandCall *call = pruning->call;
    const char *name = settings_text(call->settings, &one_target);
    pruning->target = name == NULL ? "" : name;
    if ((name != NULL) == (call->operand_count > 0))
        return err_hint(pruning->arena, err_new(pruning->arena, ERR_USAGE, "a folder or --target: give one of them"),
                        "lifeboat prune --keep 30d /var/backups/app");
    if (name == NULL) {
        pruning->folder = call->operands[0];
        return NULL;
    }
    Target target;
    TRY(target_load(pruning->arena, config, name, &target));
    pruning->folder = settings_text(target.settings, &target_path);
    return pruning->folder != NULL
               ? NULL
               : err_new(pruning->arena, ERR_CONFIG, "[target %s] has no path", text_safe(pruning->arena, name));
}

static Err *run(CommandCall *call) {
    Pruning pruning = {.call = call, .arena = call->arena, .now = time_now()};
    Config *config;
    uint64_t unverified, ignored;
    TRY(command_expect_operands(call, 0, 1));
    if (!settings_given(call->settings, &keep))
        return err_hint(call->arena, err_new(call->arena, ERR_USAGE, "how long backups are kept was not said"),
                        "--keep 30d");
    TRY(command_read_config(call, &config));
    TRY(find_folder(&pruning, config));
    TRY(read_history(&pruning, config));
    TRY(look_around(&pruning));
    prune_plan_decide(pruning.backups.items, pruning.backups.count, pruning.now,
                      settings_duration(call->settings, &keep));
    bool applied = settings_flag(call->settings, &apply);
    Err *err = applied ? remove_all(&pruning) : NULL;
    if (settings_flag(call->settings, &as_json))
        print_json(&pruning, applied);
    else if (err == NULL)
        print_text(&pruning, applied);
    count(&pruning, PRUNE_UNVERIFIED, &unverified, &ignored);
    *call->status = unverified > 0 ? EXIT_STATUS_UNKNOWN : EXIT_STATUS_OK;
    return err;
}

const Command cmd_prune = {
    .name = "prune",
    .group = COMMAND_GROUP_TAKE,
    .synopsis = "prune --keep AGE [DIRECTORY]",
    .summary = "remove old backups, never the ones that are needed",
    .detail =
        "Removes the backups of a folder that are older than AGE, each with its attestation and globals. Nothing is "
        "removed without --apply: it only says what would be.\n\n"
        "Never removed: the newest backup that was proved to restore (a verification that passed at level restored or "
        "above is remembered; when there is none, the newest that was read whole), the last two copies, and the last "
        "two "
        "that did not fail their verification. When no backup of the folder is known to be good nothing is removed, "
        "and "
        "the exit status is 2. Links, unfinished files, and whatever is not a backup by its content are left alone, "
        "and "
        "so is a script that does not say that pg_dump wrote it.",
    .examples = "$ lifeboat prune --keep 30d /var/backups/app\nWhat would go?\n"
                "$ lifeboat prune --keep 30d --target production --apply\nEvery night, after the verification.",
    .options = options,
    .run = run,
};
