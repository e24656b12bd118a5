/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/side.h"

#include "base/file.h"
#include "base/log.h"
#include "base/thread.h"
#include "cmd/progress.h"
#include "inventory/live.h"
#include "inventory/saved.h"

const Option side_jobs = {
    .name = "jobs",
    .letter = 'j',
    .type = OPTION_INTEGER,
    .argument = "N",
    .minimum = 1,
    .maximum = 256,
    .flag_only = true,
    .summary = "threads and connections to read with [processors]",
};

const Option side_estimate_above = {
    .name = "estimate_above",
    .type = OPTION_SIZE,
    .argument = "SIZE",
    .fallback = "0",
    .flag_only = true,
    .summary = "of live tables larger than this take the statistics' word; 0 counts all",
    .detail = "An estimate is marked as one and never compared.",
};

const Option side_statement_timeout = {
    .name = "statement_timeout",
    .type = OPTION_DURATION,
    .argument = "TIME",
    .fallback = "30m",
    .flag_only = true,
    .summary = "give up on a live table that takes longer than this to read",
    .detail = "Its rows are then unknown. Nothing that lifeboat does in a database outlives this by more than seconds.",
};

const Option side_lock_timeout = {
    .name = "lock_timeout",
    .type = OPTION_DURATION,
    .argument = "TIME",
    .fallback = "5s",
    .flag_only = true,
    .summary = "give up on a live table that another session keeps locked for longer than this",
    .detail = "Its rows are then unknown. A migration waits behind lifeboat no longer than one table takes to read.",
};

SideReading side_reading(const Settings *settings) {
    bool jobs = settings_given(settings, &side_jobs);
    return (SideReading){.jobs = jobs ? (int)settings_integer(settings, &side_jobs) : thread_processors(),
                         .estimate_above = settings_size(settings, &side_estimate_above),
                         .statement_timeout = settings_duration(settings, &side_statement_timeout),
                         .lock_timeout = settings_duration(settings, &side_lock_timeout)};
}

void side_warn_of_password(const char *conninfo) {
    if (live_conninfo_has_password(conninfo))
        log_warning("a password on the command line can be read by others on this machine", "instead",
                    "keep it in ~/.pgpass, a file named by PGPASSFILE, or a service file", NULL);
}

static Err *not_a_side(Arena *arena, const char *operand) {
    const char *shown = text_quote(arena, text_of(operand), 200);
    FileInfo info;
    TRY(file_info(arena, operand, &info));
    if (info.kind == FILE_DIRECTORY)
        return err_hint(arena, err_new(arena, ERR_DATA, "%s is a folder, not one backup", shown),
                        "lifeboat list PATH shows the backups in it: name one of them");
    return err_hint(arena, err_new(arena, ERR_DATA, "%s is neither a backup nor a saved inventory", shown),
                    "give a dump of pg_dump or pg_dumpall, a connection string, or what inspect --json wrote");
}

Err *side_open(Arena *arena, const char *operand, Side *out) {
    *out = (Side){.operand = operand};
    if (live_conninfo_is(operand)) {
        side_warn_of_password(operand);
        out->kind = SIDE_LIVE;
        out->label = live_label(arena, operand);
        return NULL;
    }
    bool is_saved = false, is_backup = false;
    TRY(saved_recognise(arena, operand, &is_saved));
    out->label = text_safe(arena, file_base_name(arena, operand));
    if (is_saved) {
        out->kind = SIDE_SAVED;
        return saved_read(arena, operand, &out->inventory);
    }
    TRY(backup_recognise(arena, operand, &is_backup));
    if (!is_backup)
        return not_a_side(arena, operand);
    out->kind = SIDE_BACKUP;
    TRY(backup_open(arena, operand, &out->backup));
    out->inventory = out->backup->inventory;
    return NULL;
}

static void show_reading(void *progress, uint64_t done, uint64_t total) {
    progress_show(progress, "reading", done, total);
}

static void show_counting(void *progress, uint64_t done, uint64_t total) {
    progress_show(progress, "counting tables", done, total);
}

static Err *read_live(Arena *arena, Side *side, const SideReading *reading) {
    Progress *progress = progress_new(arena);
    LiveRequest request = {.conninfo = side->operand,
                           .jobs = reading->jobs,
                           .digests = reading->digests,
                           .estimate_above = reading->estimate_above,
                           .statement_timeout = reading->statement_timeout,
                           .lock_timeout = reading->lock_timeout,
                           .progress = show_counting,
                           .context = progress};
    const Side *other = reading->other;
    request.as_dump = other == NULL; /* kept for later, it will most likely meet a dump */
    if (other != NULL && other->kind == SIDE_BACKUP) {
        request.as_dump = true;
        request.client_encoding = other->backup->encoding[0] == '\0' ? NULL : other->backup->encoding;
    } else if (other != NULL && other->kind == SIDE_SAVED) {
        request.as_dump = other->inventory->time_zone[0] == '\0';
        request.time_zone = request.as_dump ? NULL : other->inventory->time_zone;
    }
    Err *err = live_inventory(arena, &request, &side->inventory);
    progress_clear(progress);
    return err;
}

static Err *read_backup(Arena *arena, Side *side, const SideReading *reading) {
    Progress *progress = progress_new(arena);
    const BackupReadRequest request = {.jobs = reading->jobs, .progress = show_reading, .context = progress};
    Err *err = backup_read(side->backup, &request);
    progress_clear(progress);
    side->backup->inventory->tables_only = side->backup->no_schema;
    side->inventory = side->backup->inventory;
    return err;
}

Err *side_read(Arena *arena, Side *side, const SideReading *reading) {
    if (side->kind == SIDE_LIVE)
        return read_live(arena, side, reading);
    return side->kind == SIDE_BACKUP ? read_backup(arena, side, reading) : NULL;
}

void side_print_defects(Arena *arena, const Side *side, size_t limit, FILE *out) {
    if (side->kind != SIDE_BACKUP)
        return;
    for (size_t at = 0; at < side->backup->defects.count && at < limit; at++) {
        const BackupDefect *defect = &side->backup->defects.items[at];
        fprintf(out, "  %s: %s\n", defect->where, defect->message);
    }
    if (side->backup->defects.count > limit)
        fprintf(out, "  ... and %zu more\n", side->backup->defects.count - limit);
}
