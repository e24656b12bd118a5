/* SPDX-License-Identifier: PostgreSQL */
#include "format/archive_files.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A list of large objects is read whole: 30 bytes for each of ten million. */
#define OBJECT_LIST_MAXIMUM ((size_t)300 << 20)

/* What a FormatMember is. */
typedef struct Stored {
    const ArchiveFile *file;
    const UnpackMethod *method;
    const ArchiveEntry *entry; /* NULL: a large object */
    uint32_t oid;
} Stored;

typedef struct Plan {
    Backup *backup;
    ArchiveFiles *files;
    LIST(Stored) stored;
} Plan;

static int by_name(const void *left, const void *right) {
    const ArchiveFile *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : a->at < b->at ? -1 : a->at > b->at;
}

static void unexpected(Backup *backup, const char *name, const char *what) {
    BackupDefect defect = {.kind = BACKUP_DEFECT_UNEXPECTED, .where = text_quote(backup->arena, text_of(name), 200)};
    format_defect_add(backup, &defect, "%s", what);
}

void archive_files_ready(Backup *backup, ArchiveFiles *files) {
    if (files->list.count > 1)
        qsort(files->list.items, files->list.count, sizeof(ArchiveFile), by_name);
    for (size_t i = 1; i < files->list.count; i++) {
        if (strcmp(files->list.items[i].name, files->list.items[i - 1].name) != 0)
            continue;
        unexpected(backup, files->list.items[i].name, "a second file of this name");
        files->list.items[i].used = true;
    }
}

/* The first of that name. */
static ArchiveFile *find_exactly(const ArchiveFiles *files, const char *name) {
    size_t low = 0, high = files->list.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(files->list.items[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < files->list.count && strcmp(files->list.items[low].name, name) == 0 ? &files->list.items[low] : NULL;
}

ArchiveFile *archive_files_find(ArchiveFiles *files, const char *name, const UnpackMethod **method) {
    /* In the order in which pg_restore tries them (compress_io.c). */
    static const UnpackMethod *const methods[] = {&unpack_none, &unpack_gzip, &unpack_lz4, &unpack_zstd};
    size_t tried = files->directory == NULL ? 1 : sizeof(methods) / sizeof(methods[0]);
    char full[512];
    if (strlen(name) > 256)
        return NULL;
    for (size_t i = 0; i < tried; i++) {
        Text suffix = text_of(methods[i]->suffix);
        size_t length = strlen(name);
        memcpy(full, name, length);
        memcpy(full + length, suffix.at, suffix.length);
        full[length + suffix.length] = '\0';
        ArchiveFile *found = find_exactly(files, full);
        if (found != NULL) {
            *method = methods[i];
            return found;
        }
    }
    return NULL;
}

/* A name that stays inside the backup. */
static bool is_plain_name(const char *name) {
    return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

static void missing(Plan *plan, const ArchiveEntry *entry, const char *where, const char *name) {
    Backup *backup = plan->backup;
    BackupDefect defect = {
        .kind = BACKUP_DEFECT_MISSING, .where = where, .table = entry->table == SIZE_MAX ? NULL : entry->where};
    format_defect_add(backup, &defect, "its file %s is missing", text_quote(backup->arena, text_of(name), 200));
    archive_unreadable(backup, entry, "its data is missing");
}

static void plan_file(Plan *plan, const ArchiveEntry *entry, const char *name, uint32_t oid) {
    Arena *arena = plan->backup->arena;
    const UnpackMethod *method = &unpack_none;
    bool object = entry->content == ARCHIVE_OBJECTS;
    const char *where = object ? arena_printf(arena, "large object %" PRIu32, oid) : entry->where;
    ArchiveFile *file = is_plain_name(name) ? archive_files_find(plan->files, name, &method) : NULL;
    if (file == NULL) {
        missing(plan, entry, where, name);
        return;
    }
    if (file->used || !file->regular) {
        unexpected(plan->backup, name, file->used ? "a second entry names this file" : "is no regular file");
        archive_unreadable(plan->backup, entry, "its file is not its own");
        return;
    }
    file->used = true;
    *LIST_PUSH(arena, plan->stored) =
        (Stored){.file = file, .method = method, .entry = object ? NULL : entry, .oid = oid};
}

/* "70001 blob_70001.dat" */
static bool parse_object_line(Arena *arena, Text line, uint32_t *oid, const char **name) {
    Text rest, number = text_cut(line, ' ', &rest);
    uint64_t value;
    if (!text_to_u64(number, &value) || value == 0 || value > UINT32_MAX || rest.length == 0)
        return false;
    *oid = (uint32_t)value;
    *name = text_dup(arena, rest);
    return strlen(*name) == rest.length;
}

static Err *open_file(Arena *arena, const ArchiveFiles *files, const ArchiveFile *file, int *descriptor) {
    FileInfo info;
    *descriptor = files->descriptor;
    if (files->directory == NULL)
        return NULL;
    return file_open(arena, file_join(arena, files->directory, file->name), descriptor, &info);
}

static Err *read_list(Arena *scratch, const ArchiveFiles *files, const ArchiveFile *file, Text *out) {
    int descriptor;
    size_t got;
    TRY(open_file(scratch, files, file, &descriptor));
    if (file->size > OBJECT_LIST_MAXIMUM)
        return err_new(scratch, ERR_LIMIT, "the list of large objects is too long (%" PRIu64 " bytes)", file->size);
    char *bytes = arena_alloc(scratch, (size_t)file->size);
    TRY(file_read_at(scratch, descriptor, file->at, bytes, (size_t)file->size, &got));
    *out = (Text){bytes, got};
    return NULL;
}

static void plan_objects(Plan *plan, const ArchiveEntry *entry, Text list) {
    Arena *arena = plan->backup->arena;
    BackupDefect defect = {.kind = BACKUP_DEFECT_HEADER, .where = entry->where};
    while (list.length > 0) {
        bool whole = text_find(list, '\n') >= 0;
        Text line = text_cut(list, '\n', &list);
        uint32_t oid;
        const char *name;
        if (whole && parse_object_line(arena, line, &oid, &name))
            plan_file(plan, entry, name, oid);
        else
            format_defect_add(plan->backup, &defect, "a line of %s is damaged: %s",
                              text_quote(arena, text_of(entry->file), 100), text_quote(arena, line, 100));
    }
}

/* Directory format names the list in the entry. Tar writes the name of a data file there, which does not exist; its
 * list is blobs.toc, since 1.16 blobs_ID.toc. */
static const char *object_list_name(const Plan *plan, const ArchiveEntry *entry) {
    const Archive *archive = plan->backup->state;
    if (plan->files->directory != NULL)
        return entry->file;
    return archive->header.minor < 16 ? "blobs.toc"
                                      : arena_printf(plan->backup->arena, "blobs_%" PRIu64 ".toc", entry->id);
}

static Err *plan_object_list(Plan *plan, const ArchiveEntry *entry) {
    const char *name = object_list_name(plan, entry);
    ArchiveFile *file = is_plain_name(name) ? find_exactly(plan->files, name) : NULL;
    if (file == NULL || !file->regular) {
        missing(plan, entry, entry->where, name);
        return NULL;
    }
    file->used = true;
    Arena *scratch = arena_child(plan->backup->arena);
    Text list;
    TRY(read_list(scratch, plan->files, file, &list));
    plan_objects(plan, entry, list);
    arena_free(scratch);
    return NULL;
}

static void left_over(Backup *backup, const ArchiveFiles *files) {
    LIST_EACH (ArchiveFile, file, files->list) {
        if (!file->used)
            unexpected(backup, file->name, "nothing in the table of contents names this file");
    }
}

static Err *read_stored(FormatThread *thread, FormatMember *member) {
    const Plan *plan = thread->reading->context;
    const Stored *stored = member->what;
    Arena *scratch = arena_child(thread->scratch);
    UnpackDamage damage = {0};
    FormatRange range = {.thread = thread, .at = stored->file->at, .end = stored->file->at + stored->file->size};
    TRY(open_file(scratch, plan->files, stored->file, &range.descriptor));
    unpack_start(thread->unpack, stored->method, format_range_next, &range);
    if (stored->entry != NULL)
        TRY(archive_read_data(thread, stored->entry, &damage));
    else if (stored->file->size == 0 && stored->method != &unpack_gzip)
        archive_empty_object(thread,
                             stored->oid); /* pg_dump writes an empty gzip stream, but no empty zstd or LZ4 frame */
    else
        TRY(archive_read_object(thread, stored->oid, &damage));
    arena_free(scratch);
    return NULL;
}

static FormatMember *members_of(const Plan *plan) {
    FormatMember *members = ARENA_ARRAY(plan->backup->arena, FormatMember, plan->stored.count);
    for (size_t i = 0; i < plan->stored.count; i++)
        members[i] = (FormatMember){.size = plan->stored.items[i].file->size, .what = &plan->stored.items[i]};
    return members;
}

Err *archive_files_read(Backup *backup, const BackupReadRequest *request, ArchiveFiles *files) {
    const Archive *archive = backup->state;
    Plan plan = {.backup = backup, .files = files};
    LIST_EACH (ArchiveEntry, entry, archive->entries) {
        if (entry->content == ARCHIVE_OBJECTS)
            TRY(plan_object_list(&plan, entry));
        else
            plan_file(&plan, entry, entry->file, 0);
    }
    FormatReading reading = {.backup = backup,
                             .request = request,
                             .total = backup->size_bytes,
                             .context = &plan,
                             .start = archive_start,
                             .member = read_stored,
                             .merge = archive_merge};
    TRY(format_read_members(&reading, members_of(&plan), plan.stored.count));
    left_over(backup, files);
    archive_finish(backup);
    return NULL;
}
