/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "check/check.h"
#include "cmd/command.h"
#include "cmd/exit_status.h"
#include "cmd/target.h"
#include "format/backup.h"
#include "source/directory.h"
#include "store/store.h"

static const Option one_target = {
    .name = "target",
    .letter = 't',
    .type = OPTION_TEXT,
    .argument = "NAME",
    .flag_only = true,
    .summary = "the backups of this target of the configuration",
};

static const Option as_json = {
    .name = "json",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "as JSON (schema lifeboat.list/1)",
};

static const Option *const options[] = {&one_target, &as_json, NULL};

/* One backup found. */
typedef struct Found {
    DirectoryEntry entry;
    const char *id;
    const Backup *backup; /* its front, or NULL */
    const char *problem;  /* why it could not be opened, printable */
    const StoreRun *run;  /* newest verification of it, or NULL */
} Found;

/* One place that was looked at. */
typedef struct Place {
    const char *target; /* "" when a path was given */
    const char *path;
    LIST(Found) backups; /* newest first */
} Place;

typedef struct Listing {
    CommandCall *call;
    LIST(Place) places;
    StoreRuns runs;
    const char *no_history; /* why the store could not be asked, or NULL */
    Time now;
} Listing;

/* A file that cannot be looked at is shown, with the reason: it may be the backup one is looking for. */
static Err *recognise(Arena *arena, const char *path, bool *out) {
    Err *err = backup_recognise(arena, path, out);
    if (err == NULL || err->kind == ERR_INTERRUPTED)
        return err;
    *out = true;
    return NULL;
}

/* The newest run that verified this file as it is now: a newer file under an old name has no verdict yet. */
static const StoreRun *run_of(const Listing *listing, const Found *found) {
    LIST_EACH (const StoreRun, run, listing->runs) {
        if (strcmp(run->backup_id, found->id) == 0 && run->backup_size == found->entry.size_bytes &&
            run->finished_at >= found->entry.modified)
            return run;
    }
    return NULL;
}

static Err *add_backup(Listing *listing, Place *place, const DirectoryEntry *entry) {
    Arena *arena = listing->call->arena;
    Found found = {.entry = *entry, .id = file_base_name(arena, entry->path)};
    Backup *backup = NULL;
    Err *err = entry->pending ? NULL : backup_open(arena, entry->path, &backup);
    if (err != NULL && err->kind == ERR_INTERRUPTED)
        return err;
    found.backup = backup;
    found.problem = err == NULL ? NULL : err_text(arena, err);
    found.run = run_of(listing, &found);
    *LIST_PUSH(arena, place->backups) = found;
    return NULL;
}

static Time time_of(const Found *found) {
    bool stated = found->backup != NULL && found->backup->taken_at_stated;
    return stated ? found->backup->taken_at : found->entry.modified;
}

/* A copy has its own file time: what the backup states about itself counts. */
static int order_newest_first(const void *a, const void *b) {
    Time left = time_of(a), right = time_of(b);
    return left != right ? (left > right ? -1 : 1) : strcmp(((const Found *)b)->id, ((const Found *)a)->id);
}

/* A folder of backups, or one backup. */
static Err *look_at(Listing *listing, const char *target, const char *path) {
    Arena *arena = listing->call->arena;
    Place place = {.target = target, .path = path};
    DirectoryEntries entries = {0};
    FileInfo info;
    bool is_backup = false;
    TRY(file_info(arena, path, &info));
    TRY(recognise(arena, path, &is_backup));
    if (is_backup || info.kind != FILE_DIRECTORY) {
        DirectoryEntry entry = {.path = path};
        TRY(directory_measure(arena, path, &entry.size_bytes, &entry.modified));
        if (is_backup)
            *LIST_PUSH(arena, entries) = entry;
    } else {
        TRY(directory_entries(arena, path, recognise, &entries));
    }
    LIST_EACH (const DirectoryEntry, entry, entries)
        TRY(add_backup(listing, &place, entry));
    if (place.backups.count > 1)
        qsort(place.backups.items, place.backups.count, sizeof(Found), order_newest_first);
    *LIST_PUSH(arena, listing->places) = place;
    return NULL;
}

static Err *look_at_targets(Listing *listing, const Config *config, const char *name) {
    Arena *arena = listing->call->arena;
    Targets targets = {0};
    if (name != NULL)
        TRY(target_load(arena, config, name, LIST_PUSH(arena, targets)));
    else
        TRY(target_load_all(arena, config, &targets));
    if (targets.count == 0)
        return err_hint(arena, err_new(arena, ERR_USAGE, "no path was given, and the configuration names no target"),
                        "lifeboat list /path/to/backups");
    LIST_EACH (const Target, target, targets) {
        const char *path = settings_text(target->settings, &target_path);
        if (path == NULL)
            return err_new(arena, ERR_CONFIG, "[target %s] has no path", text_safe(arena, target->name));
        TRY(look_at(listing, target->name, path));
    }
    return NULL;
}

/* Without a history the list is still of use: the reason is told instead of the verdicts. */
static Err *read_history(Listing *listing, const Config *config) {
    Arena *arena = listing->call->arena;
    StoreSetup setup;
    Store *store = NULL;
    const char *target = settings_text(listing->call->settings, &one_target);
    TRY(store_setup(arena, config, &setup));
    Err *err = store_open(arena, setup.directory, &store);
    if (err == NULL)
        err = store_runs(store, arena, target == NULL ? "" : target, TIME_NONE, &listing->runs);
    if (err != NULL && err->kind == ERR_INTERRUPTED)
        return err;
    listing->no_history = err == NULL ? NULL : err_text(arena, err);
    return NULL;
}

/* ---- for people ---- */

static const char *age_text(const Listing *listing, const Found *found) {
    int64_t age = listing->now - time_of(found);
    return age < 0 ? "future" : time_length_text(listing->call->arena, age);
}

static const char *format_text(Arena *arena, const Found *found) {
    if (found->entry.pending)
        return "unfinished";
    if (found->backup == NULL)
        return "unreadable";
    bool packed = strcmp(found->backup->compression, "none") != 0;
    return arena_printf(arena, "%s%s%s", found->backup->format, packed ? " " : "",
                        packed ? found->backup->compression : "");
}

static const char *verdict_text(const Found *found) {
    return found->run == NULL ? "-" : found->run->verdict;
}

static TerminalStyle verdict_style(const Found *found) {
    static const struct {
        const char *verdict;
        TerminalStyle style;
    } styles[] = {
        {"pass", TERMINAL_GREEN}, {"warn", TERMINAL_YELLOW}, {"fail", TERMINAL_RED}, {"unknown", TERMINAL_YELLOW}};
    for (size_t at = 0; found->run != NULL && at < sizeof(styles) / sizeof(styles[0]); at++)
        if (strcmp(styles[at].verdict, found->run->verdict) == 0)
            return styles[at].style;
    return TERMINAL_DIM;
}

static void print_found(const Listing *listing, const Found *found) {
    const CommandCall *call = listing->call;
    Arena *arena = call->arena;
    const char *verdict = verdict_text(found);
    /* padded here: escape sequences count as columns for printf */
    fprintf(call->out, "  %-16s %9s  %-14s  %s%*s  %s\n", age_text(listing, found),
            file_size_text(arena, found->entry.size_bytes), format_text(arena, found),
            terminal_paint(arena, call->terminal, verdict_style(found), verdict), 7 - text_width(verdict), "",
            text_safe(arena, found->id));
    if (found->problem != NULL)
        terminal_fill(call->out, found->problem, 4, call->terminal->width);
}

static size_t count_whole(const Place *place) {
    size_t count = 0;
    LIST_EACH (const Found, found, place->backups)
        count += !found->entry.pending;
    return count;
}

static void print_place(const Listing *listing, const Place *place) {
    const CommandCall *call = listing->call;
    Arena *arena = call->arena;
    size_t whole = count_whole(place);
    const char *where = text_safe(arena, place->path);
    const char *title =
        place->target[0] == '\0' ? where : arena_printf(arena, "%s: %s", text_safe(arena, place->target), where);
    fprintf(call->out, "%s\n", terminal_paint(arena, call->terminal, TERMINAL_BOLD, title));
    if (whole == 0)
        fprintf(call->out, "  %s no backup here\n", terminal_mark(arena, call->terminal, TERMINAL_UNKNOWN));
    if (place->backups.count > 0)
        fprintf(call->out, "  %-16s %9s  %-14s  %-7s  %s\n", "age", "size", "format", "verdict", "name");
    LIST_EACH (const Found, found, place->backups)
        print_found(listing, found);
}

static void print_text(const Listing *listing) {
    const CommandCall *call = listing->call;
    for (size_t at = 0; at < listing->places.count; at++) {
        if (at > 0)
            fputc('\n', call->out);
        print_place(listing, &listing->places.items[at]);
    }
    if (listing->no_history != NULL)
        fprintf(call->out, "\n%s no verdicts: %s\n", terminal_mark(call->arena, call->terminal, TERMINAL_UNKNOWN),
                listing->no_history);
}

/* ---- for programs ---- */

static void put_found(json_t *array, const Found *found) {
    json_t *object = json_add(array, json_object());
    const Backup *backup = found->backup;
    json_put_string(object, "id", found->id);
    json_put_string(object, "path", found->entry.path);
    json_put_u64(object, "size_bytes", found->entry.size_bytes);
    json_put_time(object, "modified", found->entry.modified);
    json_put_time(object, "taken_at", time_of(found));
    json_put_bool(object, "pending", found->entry.pending);
    json_put_string(object, "format", backup == NULL ? NULL : backup->format);
    json_put_string(object, "compression", backup == NULL ? NULL : backup->compression);
    json_put_string(object, "database", backup == NULL ? NULL : backup->database);
    json_put_string(object, "problem", found->problem);
    json_put_string(object, "verdict", found->run == NULL ? NULL : found->run->verdict);
    json_put_string(object, "run_id", found->run == NULL ? NULL : found->run->run_id);
    json_put_time(object, "verified_at", found->run == NULL ? TIME_NONE : found->run->finished_at);
}

static void print_json(const Listing *listing) {
    json_t *document = json_start(listing->call->arena, json_object());
    json_put_string(document, "schema", "lifeboat.list/1");
    json_put_string(document, "no_history", listing->no_history);
    json_t *places = json_put(document, "places", json_array());
    LIST_EACH (const Place, place, listing->places) {
        json_t *object = json_add(places, json_object());
        json_put_string(object, "target", place->target);
        json_put_string(object, "path", place->path);
        json_t *backups = json_put(object, "backups", json_array());
        LIST_EACH (const Found, found, place->backups)
            put_found(backups, found);
    }
    fprintf(listing->call->out, "%s\n", json_render(listing->call->arena, document, false));
}

static Err *run(CommandCall *call) {
    TRY(command_expect_operands(call, 0, 1));
    Listing listing = {.call = call, .now = time_now()};
    Config *config = NULL;
    const char *target = settings_text(call->settings, &one_target);
    if (target != NULL && call->operand_count > 0)
        return err_new(call->arena, ERR_USAGE, "a path and --target: give one of them");
    TRY(command_read_config(call, &config));
    TRY(read_history(&listing, config));
    if (call->operand_count > 0)
        TRY(look_at(&listing, "", call->operands[0]));
    else
        TRY(look_at_targets(&listing, config, target));
    if (settings_flag(call->settings, &as_json))
        print_json(&listing);
    else
        print_text(&listing);
    LIST_EACH (const Place, place, listing.places) {
        if (count_whole(place) == 0)
            *call->status = EXIT_STATUS_UNKNOWN;
    }
    return NULL;
}

const Command cmd_list = {
    .name = "list",
    .group = COMMAND_GROUP_LOOK,
    .synopsis = "list [PATH]",
    .summary = "list the backups of a folder or target, newest first",
    .detail =
        "What is a backup is told from its content. Age is the time since the dump began where the backup states it, "
        "else since the file changed. The verdict is that of the last verification of the file as it is now; a dash "
        "means that "
        "it has not been verified. Files that look unfinished by their name are listed as such.\n\n"
        "Without PATH and --target, the backups of every target of the configuration.\n\n"
        "The exit status is 0, or 2 when a place holds no backup.",
    .examples = "$ lifeboat list /var/backups/app\nWhat is there, how old, and was it verified?\n"
                "$ lifeboat list --target production --json\nFor a script.",
    .options = options,
    .run = run,
};
