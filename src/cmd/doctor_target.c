/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "cmd/backup.h"
#include "cmd/doctor.h"
#include "format/attest.h"
#include "source/directory.h"
#include "verdict/attested.h"

static const DirectoryEntry *newest_of(const DirectoryEntries *entries) {
    LIST_EACH (const DirectoryEntry, entry, *entries) {
        if (!entry->pending)
            return entry;
    }
    return NULL;
}

/* A file that cannot be read is no backup to us, and must not end the search for those that can. */
static Err *recognise(Arena *arena, const char *path, bool *out) {
    *out = false;
    const Err *err = backup_recognise(arena, path, out);
    return err != NULL && err->kind == ERR_INTERRUPTED ? err_copy(arena, err) : NULL;
}

static void report_newest(Doctor *doctor, const char *path, const DirectoryEntry *newest, size_t count) {
    Arena *arena = doctor->arena;
    const char *name = text_safe(arena, file_base_name(arena, newest->path));
    const char *size = file_size_text(arena, newest->size_bytes);
    const char *age = time_length_text(arena, time_real() - newest->modified);
    if (access(newest->path, R_OK) != 0)
        doctor_add(doctor, DOCTOR_PROBLEM, "backups", arena_printf(arena, "%s cannot be read by this user", name),
                   "run lifeboat as a user who may read the backups");
    else if (count == 1)
        doctor_add(doctor, DOCTOR_OK, "backups", arena_printf(arena, "backup %s, %s, written %s ago", name, size, age),
                   NULL);
    else
        doctor_add(doctor, DOCTOR_OK, "backups",
                   arena_printf(arena, "%zu backups in %s, the newest %s, %s, written %s ago", count,
                                text_safe(arena, path), name, size, age),
                   NULL);
}

static void look_at_folder(Doctor *doctor, const char *path) {
    Arena *arena = doctor->arena;
    DirectoryEntries entries = {0};
    const Err *err = directory_entries(arena, path, recognise, &entries);
    if (err != NULL) {
        doctor_add_error(doctor, DOCTOR_PROBLEM, "backups", err);
        return;
    }
    size_t count = 0;
    LIST_EACH (const DirectoryEntry, entry, entries) {
        count += !entry->pending;
    }
    const DirectoryEntry *newest = newest_of(&entries);
    if (newest != NULL)
        report_newest(doctor, path, newest, count);
    else
        doctor_add(doctor, DOCTOR_PROBLEM, "backups", arena_printf(arena, "no backup in %s", text_safe(arena, path)),
                   "look whether the backup job ran and where it writes, or correct `path`");
}

static void look_at_backups(Doctor *doctor, const char *path) {
    Arena *arena = doctor->arena;
    bool is_backup = false;
    FileInfo info = {0};
    const Err *err = file_info(arena, path, &info);
    if (err == NULL && info.kind != FILE_OTHER)
        err = backup_recognise(arena, path, &is_backup);
    if (err != NULL) {
        doctor_add_error(doctor, DOCTOR_PROBLEM, "backups", err);
        return;
    }
    DirectoryEntry single = {.path = path};
    if (is_backup && directory_measure(arena, path, &single.size_bytes, &single.modified) == NULL)
        report_newest(doctor, path, &single, 1);
    else if (info.kind == FILE_DIRECTORY)
        look_at_folder(doctor, path);
    else
        doctor_add(doctor, DOCTOR_PROBLEM, "backups",
                   arena_printf(arena, "%s is not a backup that lifeboat knows", text_safe(arena, path)),
                   "correct `path`, or see \"lifeboat inspect\"");
}

static void look_at_key(Doctor *doctor, const Target *target, const Option *row, bool private) {
    const char *path = settings_text(target->settings, row);
    const Err *err = path == NULL ? NULL : attest_check_key(doctor->arena, path, private);
    if (err != NULL)
        doctor_add_error(doctor, DOCTOR_PROBLEM, row->name, err);
    else if (path != NULL)
        doctor_add(doctor, DOCTOR_OK, row->name, arena_printf(doctor->arena, "%s", text_safe(doctor->arena, path)),
                   NULL);
}

void doctor_target(Doctor *doctor, const Target *target, int *server_major) {
    Arena *arena = doctor->arena;
    doctor->group = arena_printf(arena, "Target %s", target->name);
    const char *path = settings_text(target->settings, &target_path);
    if (path == NULL)
        doctor_add(doctor, DOCTOR_PROBLEM, "backups", "it is not said where the backups are",
                   arena_printf(arena, "path = PATH below [target %s]", target->name));
    else
        look_at_backups(doctor, path);
    look_at_key(doctor, target, &backup_sign_key, true);
    look_at_key(doctor, target, &attested_verify_key, false);
    const char *conninfo = settings_text(target->settings, settings_find(target->settings, "against"));
    if (conninfo != NULL)
        doctor_database(doctor, conninfo, server_major);
    else
        doctor_add(doctor, DOCTOR_WARNING, "database",
                   "there is no live database to compare with: row counts and structure are not compared",
                   arena_printf(arena, "against = CONNINFO below [target %s]", target->name));
    size_t count = 0;
    settings_list(target->settings, settings_find(target->settings, "critical"), &count);
    if (count == 0)
        doctor_add(
            doctor, DOCTOR_WARNING, "critical",
            "no critical tables are named: a backup without them would be found only by comparison",
            arena_printf(arena, "critical = TABLES below [target %s]; \"lifeboat init\" proposes them", target->name));
}
