/* SPDX-License-Identifier: PostgreSQL */
#include "format/archive.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "inventory/ddl.h"
#include "pg/copy.h"
#include "pg/sql.h"

#define QUARTER_HOUR (15 * TIME_MINUTE)
#define FURTHEST_EAST (14 * TIME_HOUR)
#define FURTHEST_WEST (-12 * TIME_HOUR)

/* What one thread keeps between members. */
typedef struct ArchiveThread {
    Copy *copy;
    XXH3_state_t *object; /* malloc'd: its alignment is more than an arena's */
    uint64_t objects, object_bytes;
    HashSum object_digest;
    bool unchecked; /* a stream without a checksum was read */
} ArchiveThread;

/* What archive_open gathers that is not kept. */
typedef struct Opening {
    Backup *backup;
    Archive *archive;
    Ddl *ddl;
    bool definitions, data, objects;
} Opening;

static const char *const not_read = "its data was not read";

/* The westernmost zone, in whole quarter hours, in which the local time is not later than the instant. */
static int64_t zone_before(Time local, Time instant) {
    int64_t difference = local - instant;
    int64_t quarters = difference / QUARTER_HOUR + (difference % QUARTER_HOUR > 0 ? 1 : 0);
    return quarters * QUARTER_HOUR;
}

/*
 * When the dump began. The header has the clock of the dumping host without its zone (pg_backup_archiver.c calls this a
 * mistake of its own), so it is read as UTC: right for most servers. A dump cannot begin after its file was last
 * written, so a later time proves a zone east of UTC, and the smallest possible shift is taken. West of UTC nothing can
 * be proved (a copy may have been written any time later), and the dump then seems up to 12 hours older than it is:
 * never younger.
 */
static Time begun(const TocHeader *header, Time written) {
    if (header->local_time <= written || written == TIME_NONE)
        return header->local_time;
    int64_t shift = zone_before(header->local_time, written);
    return shift <= FURTHEST_EAST ? header->local_time - shift : header->local_time;
}

static void set_taken_at(Backup *backup, const TocHeader *header) {
    if (header->local_time == TIME_NONE) {
        BackupDefect defect = {.kind = BACKUP_DEFECT_HEADER, .where = "header"};
        format_defect_add(backup, &defect, "the header states a creation date that does not exist");
        backup->taken_at = backup->modified;
        return;
    }
    backup->taken_at = begun(header, backup->modified);
    backup->taken_at_stated = true;
    const char *local = time_text(backup->arena, header->local_time);
    backup->taken_at_note =
        backup->taken_at == header->local_time
            ? arena_printf(backup->arena, "the header says %.19s, without a time zone; read as UTC", local)
            : arena_printf(
                  backup->arena,
                  "the header says %.19s, without a time zone, later than the file's last change; read as %d min "
                  "east of UTC",
                  local, (int)((header->local_time - backup->taken_at) / TIME_MINUTE));
}

void archive_anchor(Backup *backup, Time instant) {
    const TocHeader *header = &((const Archive *)backup->state)->header;
    if (header->local_time == TIME_NONE)
        return;
    int64_t zone = zone_before(header->local_time, instant);
    if (zone < FURTHEST_WEST || zone > FURTHEST_EAST)
        return;
    backup->taken_at = header->local_time - zone;
    backup->inventory->taken_at = backup->taken_at;
    backup->taken_at_note = NULL;
}

static void set_header(Backup *backup, const Archive *archive) {
    const TocHeader *header = &archive->header;
    set_taken_at(backup, header);
    backup->compression = header->compression;
    backup->server_version = header->server_version;
    backup->dump_version = header->dump_version;
    backup->server_major = format_major(header->server_version);
    backup->dump_major = format_major(header->dump_version);
    backup->archive_version = arena_printf(backup->arena, "1.%d", header->minor);
    backup->database = header->database;
    Inventory *inventory = backup->inventory;
    inventory->taken_at = backup->taken_at;
    inventory->server_version = backup->server_version;
    inventory->server_major = backup->server_major;
    inventory->database = backup->database;
}

static void toc_defect(Backup *backup, const TocEntry *entry, const char *message) {
    BackupDefect defect = {.kind = BACKUP_DEFECT_HEADER, .where = "table of contents"};
    format_defect_add(backup, &defect, "entry %" PRIu64 " (%s): %s", entry->id,
                      text_quote(backup->arena, text_of(entry->desc), 60), message);
}

/* "COPY t (a, b) FROM stdin": how many values a row has. pg_dump leaves the list out for a table without columns. */
static int64_t columns_of(Opening *opening, const TocEntry *entry) {
    DdlTarget target = {0};
    bool read = ddl_data_entry_target(opening->ddl, entry->schema, text_of(entry->copy), &target);
    if (read && target.from_stdin && target.plain)
        return target.width >= 0 ? target.width : COPY_COLUMNS_UNKNOWN;
    toc_defect(opening->backup, entry, "its COPY statement is not one that pg_dump writes");
    return COPY_COLUMNS_UNKNOWN;
}

static void add_table_data(Opening *opening, const TocEntry *entry, ArchiveEntry *added) {
    Backup *backup = opening->backup;
    added->content = entry->copy[0] != '\0' ? ARCHIVE_COPY : ARCHIVE_INSERTS;
    added->columns = added->content == ARCHIVE_COPY ? columns_of(opening, entry) : COPY_COLUMNS_UNKNOWN;
    backup->insert_style |= added->content == ARCHIVE_INSERTS;
    InventoryTable *table = inventory_table(backup->inventory, "", entry->schema, entry->tag);
    if (table->has_data)
        toc_defect(backup, entry, "a second entry with data for the same table");
    else
        added->table = 0; /* found after sealing */
    table->has_data = true;
    table->count = INVENTORY_UNKNOWN;
    table->unknown_why = not_read;
    added->where = inventory_table_text(backup->arena, table);
}

static void add_data(Opening *opening, const TocEntry *entry) {
    Arena *arena = opening->backup->arena;
    ArchiveEntry *added = LIST_PUSH(arena, opening->archive->entries);
    *added = (ArchiveEntry){.id = entry->id,
                            .content = ARCHIVE_OTHER,
                            .schema = arena_strdup(arena, entry->schema),
                            .name = arena_strdup(arena, entry->tag),
                            .table = SIZE_MAX,
                            .place = entry->place,
                            .offset = entry->offset,
                            .file = arena_strdup(arena, entry->file)};
    opening->data = true;
    if (strcmp(entry->desc, "TABLE DATA") == 0) {
        add_table_data(opening, entry, added);
    } else if (strcmp(entry->desc, "BLOBS") == 0) {
        added->content = ARCHIVE_OBJECTS;
        added->where = "large objects";
        opening->objects = true;
    } else {
        toc_defect(opening->backup, entry, "has data, but is neither a table nor large objects");
        added->where = text_quote(arena, text_of(entry->tag), 100);
    }
}

/* Up to PostgreSQL 16 one BLOB entry for each large object; since 17 one BLOB METADATA for many, an oid a line. */
static uint64_t promised_objects(const TocEntry *entry) {
    if (strcmp(entry->desc, "BLOB") == 0)
        return 1;
    if (strcmp(entry->desc, "BLOB METADATA") != 0)
        return 0;
    uint64_t lines = 0;
    for (const char *at = entry->definition; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    return lines;
}

/* An entry that defines something: not a setting, and no large object, which a dump of data alone names as well. */
static bool defines(const TocEntry *entry) {
    static const char *const others[] = {"ENCODING", "STDSTRINGS", "SEARCHPATH",   "DATABASE", "DATABASE PROPERTIES",
                                         "BLOB",     "BLOBS",      "BLOB METADATA"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strcmp(entry->desc, others[i]) == 0)
            return false;
    }
    return entry->section == TOC_PRE_DATA || entry->section == TOC_POST_DATA;
}

/* Data where the entry says there is none, or none where it says there is: pg_dump writes neither. */
static void check_place(Opening *opening, const TocEntry *entry) {
    bool placed =
        opening->archive->header.format == TOC_CUSTOM ? entry->place != TOC_PLACE_NONE : entry->file[0] != '\0';
    if (placed && !entry->has_data)
        toc_defect(opening->backup, entry, "has no data, but a place for it");
    if (!placed && entry->has_data)
        toc_defect(opening->backup, entry, "has data, but no place for it");
}

static void add_entry(Opening *opening, const TocEntry *entry) {
    ddl_apply_entry(opening->ddl, &(DdlEntry){.desc = entry->desc,
                                              .schema = entry->schema,
                                              .tag = entry->tag,
                                              .owner = entry->owner,
                                              .definition = entry->definition,
                                              .drop = entry->drop});
    opening->archive->objects_promised += promised_objects(entry);
    opening->definitions |= defines(entry);
    opening->data |= entry->section == TOC_DATA;
    check_place(opening, entry);
    if (entry->has_data)
        add_data(opening, entry);
}

static int compare_ids(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

/* Identifiers name data blocks, so two entries with data and one identifier cannot both be read. */
static void check_identifiers(Backup *backup, const Archive *archive) {
    Arena *scratch = arena_new();
    uint64_t *ids = ARENA_ARRAY(scratch, uint64_t, archive->entries.count);
    for (size_t i = 0; i < archive->entries.count; i++)
        ids[i] = archive->entries.items[i].id;
    if (archive->entries.count > 1)
        qsort(ids, archive->entries.count, sizeof(*ids), compare_ids);
    for (size_t i = 1; i < archive->entries.count; i++) {
        BackupDefect defect = {.kind = BACKUP_DEFECT_HEADER, .where = "table of contents"};
        if (ids[i] == ids[i - 1])
            format_defect_add(backup, &defect, "two entries with data have the same identifier, %" PRIu64, ids[i]);
    }
    arena_free(scratch);
}

static void find_tables(Backup *backup, Archive *archive) {
    const Inventory *inventory = backup->inventory;
    LIST_EACH (ArchiveEntry, entry, archive->entries) {
        if (entry->table == SIZE_MAX)
            continue;
        const InventoryTable *table = inventory_find_table(inventory, "", entry->schema, entry->name);
        entry->table = table == NULL ? SIZE_MAX : (size_t)(table - inventory->tables.items);
    }
}

static void conclude(Opening *opening) {
    Backup *backup = opening->backup;
    Archive *archive = opening->archive;
    archive->standard_strings = ddl_standard_strings(opening->ddl);
    backup->encoding = arena_strdup(backup->arena, ddl_encoding(opening->ddl));
    backup->inventory->encoding = backup->encoding;
    backup->no_schema = opening->data && !opening->definitions;
    backup->no_data = backup->inventory->tables.count > 0 && !opening->data;
    backup->excludes_large_objects = archive->objects_promised > 0 && !opening->objects;
    inventory_seal(backup->inventory);
    find_tables(backup, archive);
    check_identifiers(backup, archive);
}

/* Everything that an entry says but the place of its data, which is known only when the data is written. */
static HashSum entry_digest(Arena *scratch, const TocEntry *entry) {
    const char *const strings[] = {entry->tag,    entry->desc,  entry->definition, entry->drop,         entry->copy,
                                   entry->schema, entry->owner, entry->tablespace, entry->access_method};
    Buf *buf = buf_new(scratch, SIZE_MAX / 2);
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
        buf_append(buf, strings[i], strlen(strings[i]) + 1);
    buf_printf(buf, "%" PRIu64 " %d %" PRIu32 " %" PRIu32 " %d %d %" PRIu64, entry->id, entry->has_data,
               entry->catalogue, entry->oid, entry->section, entry->relkind, entry->needs);
    return hash_row(buf->at, buf->length);
}

static Err *read_entries(Opening *opening, Toc *toc) {
    for (;;) {
        const TocEntry *entry;
        TRY(toc_next(toc, &entry));
        if (entry == NULL)
            return NULL;
        Arena *scratch = arena_new();
        hash_sum_add(&opening->archive->toc_digest, entry_digest(scratch, entry));
        arena_free(scratch);
        add_entry(opening, entry);
    }
}

static void keep_header(Arena *arena, TocHeader *header) {
    header->database = arena_strdup(arena, header->database);
    header->server_version = arena_strdup(arena, header->server_version);
    header->dump_version = arena_strdup(arena, header->dump_version);
}

Err *archive_open(Backup *backup, const ArchiveBytes *bytes) {
    Archive *archive = ARENA_NEW(backup->arena, Archive);
    Arena *scratch = arena_child(backup->arena);
    Toc *toc = toc_new(scratch, bytes->more, bytes->context, bytes->size);
    TRY(toc_header(toc, &archive->header));
    archive->toc_begin = toc_offset(toc) - (uint64_t)archive->header.integer_size - 1;
    keep_header(backup->arena, &archive->header);
    backup->state = archive;
    set_header(backup, archive);
    Opening opening = {.backup = backup, .archive = archive, .ddl = ddl_new(scratch, backup->inventory)};
    TRY(read_entries(&opening, toc));
    archive->toc_end = toc_offset(toc);
    conclude(&opening);
    arena_free(scratch);
    return NULL;
}

static Err *compare_entries(const Archive *archive, Toc *toc, uint64_t *places, bool *same) {
    HashSum digest = {0};
    size_t data = 0;
    TRY(toc_again(toc, &archive->header));
    for (;;) {
        const TocEntry *entry;
        TRY(toc_next(toc, &entry));
        if (entry == NULL)
            break;
        Arena *scratch = arena_new();
        hash_sum_add(&digest, entry_digest(scratch, entry));
        arena_free(scratch);
        if (!entry->has_data)
            continue;
        if (data == archive->entries.count || archive->entries.items[data].id != entry->id ||
            entry->place != TOC_PLACE_KNOWN)
            return NULL;
        places[data++] = entry->offset;
    }
    *same = data == archive->entries.count && hash_sum_equal(digest, archive->toc_digest);
    return NULL;
}

Err *archive_second_toc(const Backup *backup, const ArchiveBytes *bytes, uint64_t *places, bool *out) {
    Arena *scratch = arena_new();
    Toc *toc = toc_new(scratch, bytes->more, bytes->context, bytes->size);
    *out = false;
    Err *err = compare_entries(backup->state, toc, places, out);
    *out = *out && toc_offset(toc) == bytes->size;
    err = err == NULL || err_is(err, ERR_DATA) || err_is(err, ERR_LIMIT) ? NULL : err_copy(backup->arena, err);
    arena_free(scratch);
    return err;
}

static void release_object(void *state) {
    XXH3_freeState(state);
}

Err *archive_start(FormatThread *thread) {
    ArchiveThread *state = ARENA_NEW(thread->scratch, ArchiveThread);
    state->copy = copy_new(thread->scratch);
    state->object = XXH3_createState();
    arena_defer(thread->scratch, release_object, state->object);
    thread->state = state;
    return NULL;
}

void archive_merge(FormatThread *thread) {
    const ArchiveThread *state = thread->state;
    Inventory *inventory = thread->reading->backup->inventory;
    inventory->large_objects += state->objects;
    inventory->large_object_bytes += state->object_bytes;
    hash_sum_add(&inventory->large_object_digest, state->object_digest);
    thread->reading->backup->unchecked |= state->unchecked;
}

static InventoryTable *table_of(FormatThread *thread, const ArchiveEntry *entry) {
    if (entry->table == SIZE_MAX)
        return NULL;
    return &thread->reading->backup->inventory->tables.items[entry->table];
}

static void defect_in(FormatThread *thread, const ArchiveEntry *entry, BackupDefectKind kind, const char *message) {
    BackupDefect defect = {
        .kind = kind, .where = entry->where, .table = entry->table == SIZE_MAX ? NULL : entry->where};
    format_defect(thread, &defect, "%s", message);
}

void archive_defect(FormatThread *thread, const ArchiveEntry *entry, const UnpackDamage *damage) {
    defect_in(thread, entry, damage->kind, damage->message);
}

/* What is wrong with the stored bytes as the format found it, or else with the stream; NULL when nothing is. */
static const UnpackDamage *damage_of(FormatThread *thread, const UnpackDamage *stored) {
    ArchiveThread *state = thread->state;
    const UnpackDamage *damage = stored->message != NULL ? stored : unpack_damage(thread->unpack);
    state->unchecked |= !unpack_checked(thread->unpack);
    return damage->message == NULL ? NULL : damage;
}

/* Adds that as a defect; false when nothing is wrong. */
static bool report_damage(FormatThread *thread, const ArchiveEntry *entry, const UnpackDamage *stored) {
    const UnpackDamage *damage = damage_of(thread, stored);
    if (damage != NULL)
        archive_defect(thread, entry, damage);
    return damage != NULL;
}

static void set_unknown(FormatThread *thread, const ArchiveEntry *entry, const char *why) {
    InventoryTable *table = table_of(thread, entry);
    if (table == NULL)
        return;
    table->count = INVENTORY_UNKNOWN;
    table->unknown_why = why;
}

static bool only_newlines(Text text) {
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] != '\n')
            return false;
    }
    return true;
}

static BackupDefectKind kind_of(CopyProblem problem) {
    return problem == COPY_CUT || problem == COPY_NO_END ? BACKUP_DEFECT_TRUNCATED : BACKUP_DEFECT_COPY;
}

static void set_copied(FormatThread *thread, const ArchiveEntry *entry, const CopyResult *result) {
    InventoryTable *table = table_of(thread, entry);
    if (table == NULL)
        return;
    table->count = INVENTORY_EXACT;
    table->rows = result->rows;
    table->bytes = result->bytes;
    table->digest = result->digest;
    table->digested = true;
}

static void judge_copy(FormatThread *thread, const ArchiveEntry *entry, const CopyResult *result, bool trailing) {
    if (result->problem != COPY_FINE)
        defect_in(thread, entry, kind_of(result->problem), copy_problem_text(thread->arena, result, entry->columns));
    if (trailing)
        defect_in(thread, entry, BACKUP_DEFECT_UNEXPECTED, "there are bytes after the end of its rows");
    if (result->ended)
        set_copied(thread, entry, result);
    else
        set_unknown(thread, entry,
                    arena_printf(thread->arena, "its data ends too early, after %" PRIu64 " rows", result->rows));
}

static Err *read_copy(FormatThread *thread, const ArchiveEntry *entry, const UnpackDamage *stored) {
    Copy *copy = ((ArchiveThread *)thread->state)->copy;
    bool ended = false, trailing = false;
    copy_start(copy, entry->columns);
    for (;;) {
        Text plain;
        size_t used = 0;
        TRY(unpack_next(thread->unpack, &plain));
        if (plain.length == 0)
            break;
        thread->member->raw_bytes += plain.length;
        if (!ended)
            copy_feed(copy, plain, &used, &ended);
        trailing = trailing || (ended && !only_newlines(text_slice(plain, used, plain.length)));
    }
    const CopyResult *result = copy_finish(copy);
    if (report_damage(thread, entry, stored))
        set_unknown(thread, entry,
                    arena_printf(thread->arena, "its data is damaged after %" PRIu64 " rows", result->rows));
    else
        judge_copy(thread, entry, result, trailing);
    return NULL;
}

/* INSERT statements of one table. */
typedef struct Inserts {
    uint64_t rows;
    bool uncounted; /* rows from a query: pg_dump never writes that */
    bool foreign;   /* something other than an INSERT */
} Inserts;

static Err *on_insert(void *context, const SqlInsert *insert) {
    Inserts *inserts = context;
    inserts->rows += insert->rows;
    inserts->uncounted |= !insert->counted;
    return NULL;
}

static Err *on_statement(void *context, const SqlStatement *statement) {
    ((Inserts *)context)->foreign = true;
    return NULL;
}

static Err *on_command(void *context, const SqlStatement *command, bool inside) {
    ((Inserts *)context)->foreign = true;
    return NULL;
}

static Err *on_comment(void *context, const SqlStatement *comment) {
    return NULL;
}

static Err *on_copy(void *context, Text bytes, size_t *used, bool *ended) {
    ((Inserts *)context)->foreign = true;
    *used = bytes.length;
    *ended = false;
    return NULL;
}

static void judge_inserts(FormatThread *thread, const ArchiveEntry *entry, const Inserts *inserts, const SqlEnd *end) {
    if (end->open != SQL_OPEN_NOTHING)
        defect_in(thread, entry, BACKUP_DEFECT_TRUNCATED,
                  arena_printf(thread->arena, "its INSERT statements end %s", sql_open_text(end->open)));
    if (inserts->foreign || inserts->uncounted)
        defect_in(thread, entry, BACKUP_DEFECT_COPY, "its data holds something other than INSERT ... VALUES");
    if (end->open != SQL_OPEN_NOTHING || inserts->uncounted) {
        set_unknown(thread, entry, "its INSERT statements are not whole");
        return;
    }
    InventoryTable *table = table_of(thread, entry);
    if (table == NULL)
        return;
    table->count = INVENTORY_EXACT;
    table->rows = inserts->rows;
    table->undigested_why = "the rows are INSERT statements, whose text differs from COPY's";
}

static Err *feed_inserts(FormatThread *thread, Sql *sql, SqlEnd *end) {
    for (;;) {
        Text plain;
        TRY(unpack_next(thread->unpack, &plain));
        if (plain.length == 0)
            return sql_finish(sql, end);
        thread->member->raw_bytes += plain.length;
        TRY(sql_feed(sql, plain));
    }
}

static Err *read_inserts(FormatThread *thread, const ArchiveEntry *entry, const UnpackDamage *stored) {
    const Archive *archive = thread->reading->backup->state;
    Inserts inserts = {0};
    SqlSink sink = {.context = &inserts,
                    .statement = on_statement,
                    .insert = on_insert,
                    .command = on_command,
                    .comment = on_comment,
                    .copy = on_copy};
    Arena *scratch = arena_child(thread->scratch);
    Sql *sql = sql_new(scratch, &sink);
    sql_standard_strings(sql, archive->standard_strings);
    SqlEnd end = {0};
    TRY(feed_inserts(thread, sql, &end));
    if (report_damage(thread, entry, stored))
        set_unknown(thread, entry,
                    arena_printf(thread->arena, "its data is damaged after %" PRIu64 " rows", inserts.rows));
    else
        judge_inserts(thread, entry, &inserts, &end);
    arena_free(scratch);
    return NULL;
}

static Err *read_other(FormatThread *thread, const ArchiveEntry *entry, const UnpackDamage *stored) {
    Text plain;
    do {
        TRY(unpack_next(thread->unpack, &plain));
        thread->member->raw_bytes += plain.length;
    } while (plain.length > 0);
    report_damage(thread, entry, stored);
    return NULL;
}

Err *archive_read_data(FormatThread *thread, const ArchiveEntry *entry, const UnpackDamage *damage) {
    switch (entry->content) {
    case ARCHIVE_COPY:
        return read_copy(thread, entry, damage);
    case ARCHIVE_INSERTS:
        return read_inserts(thread, entry, damage);
    case ARCHIVE_OBJECTS:
    case ARCHIVE_OTHER:
        return read_other(thread, entry, damage);
    }
    return NULL;
}

static void begin_object(ArchiveThread *state, uint32_t oid) {
    char digits[16];
    size_t at = sizeof(digits);
    digits[--at] = ':';
    do {
        digits[--at] = (char)('0' + oid % 10);
        oid /= 10;
    } while (oid > 0);
    XXH3_128bits_reset(state->object);
    XXH3_128bits_update(state->object, digits + at, sizeof(digits) - at);
}

static void end_object(ArchiveThread *state, uint64_t bytes) {
    XXH128_hash_t hash = XXH3_128bits_digest(state->object);
    hash_sum_add(&state->object_digest, (HashSum){.low = hash.low64, .high = hash.high64});
    state->objects++;
    state->object_bytes += bytes;
}

void archive_empty_object(FormatThread *thread, uint32_t oid) {
    begin_object(thread->state, oid);
    end_object(thread->state, 0);
}

Err *archive_read_object(FormatThread *thread, uint32_t oid, const UnpackDamage *damage) {
    ArchiveThread *state = thread->state;
    uint64_t bytes = 0;
    begin_object(state, oid);
    for (;;) {
        Text plain;
        TRY(unpack_next(thread->unpack, &plain));
        if (plain.length == 0)
            break;
        bytes += plain.length;
        XXH3_128bits_update(state->object, plain.at, plain.length);
    }
    thread->member->raw_bytes += bytes;
    const UnpackDamage *found = damage_of(thread, damage);
    if (found == NULL) {
        end_object(state, bytes);
        return NULL;
    }
    BackupDefect defect = {.kind = found->kind, .where = arena_printf(thread->arena, "large object %" PRIu32, oid)};
    format_defect(thread, &defect, "%s", found->message);
    return NULL;
}

void archive_unreadable(Backup *backup, const ArchiveEntry *entry, const char *why) {
    if (entry->table == SIZE_MAX)
        return;
    InventoryTable *table = &backup->inventory->tables.items[entry->table];
    table->count = INVENTORY_UNKNOWN;
    table->unknown_why = why;
}

void archive_finish(Backup *backup) {
    const Archive *archive = backup->state;
    Inventory *inventory = backup->inventory;
    inventory->large_objects_known = inventory->large_objects_digested = true;
    BackupDefect defect = {.kind = BACKUP_DEFECT_MISSING, .where = "large objects"};
    /* With --section=data nothing is promised: the names are in the section before. */
    bool promised = archive->objects_promised > 0 && !backup->excludes_large_objects;
    if (promised && inventory->large_objects != archive->objects_promised) {
        inventory->large_objects_known = inventory->large_objects_digested = false;
        format_defect_add(backup, &defect,
                          "the table of contents names %" PRIu64 " large objects, %" PRIu64 " could be read",
                          archive->objects_promised, inventory->large_objects);
    }
    backup->read_whole = true;
}
