/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/dump.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/text.h"
#include "base/thread.h"
#include "base/time.h"
#include "inventory/live.h"
#include "sandbox/dump_parts.h"
#include "sandbox/service.h"
#include "source/companion.h"

/* ---- names ---- */

static const char *safe_stem(Arena *arena, const char *name) {
    char *stem = arena_strdup(arena, name);
    for (char *at = stem; *at != '\0'; at++)
        if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') || *at == '-' ||
              *at == '_'))
            *at = '_';
    return stem[0] == '\0' ? "backup" : stem;
}

/* "20261123T050000Z": sorts by time. */
static const char *stamp(Arena *arena, Time when) {
    Buf *out = buf_new(arena, 32);
    for (const char *at = time_text(arena, when); *at != '\0' && *at != '.' && *at != 'Z'; at++)
        if (*at != '-' && *at != ':')
            buf_byte(out, *at);
    buf_byte(out, 'Z');
    return out->at;
}

static Err *refuse_existing(Arena *arena, const char *path) {
    struct stat found;
    if (path == NULL || (lstat(path, &found) != 0 && errno == ENOENT))
        return NULL;
    return err_hint(arena, err_new(arena, ERR_IO, "%s is there already", text_safe(arena, path)),
                    "nothing is ever overwritten: wait a second, or move it away");
}

static Err *name_files(Dumping *dumping) {
    Arena *arena = dumping->arena;
    const DumpRequest *request = dumping->request;
    Dump *out = dumping->out;
    const char *stem = safe_stem(arena, request->name != NULL ? request->name : out->database);
    out->format = request->as_directory ? "directory" : "custom";
    dumping->name =
        arena_printf(arena, "%s-%s%s", stem, stamp(arena, out->snapshot_at), request->as_directory ? "" : ".dump");
    out->path = file_join(arena, request->directory, dumping->name);
    out->attestation = companion_attestation(arena, out->path);
    out->globals = request->no_globals ? NULL : companion_globals(arena, out->path);
    TRY(refuse_existing(arena, out->path));
    TRY(refuse_existing(arena, out->attestation));
    return refuse_existing(arena, out->globals);
}

/* ---- the parts, two at a time ---- */

static void tell_counted(void *context, uint64_t done, uint64_t total) {
    Dumping *dumping = context;
    (void)total;
    atomic_store(&dumping->counted, done);
    dump_tools_tell(dumping);
}

static Err *take_inventory(Arena *arena, Dumping *dumping) {
    const LiveRequest live = {.conninfo = dumping->request->conninfo,
                              .jobs = dumping->request->jobs,
                              .digests = !dumping->request->no_digests,
                              .as_dump = true,
                              .time_zone = "UTC",
                              .snapshot = dumping->snapshot,
                              .client_encoding = dumping->encoding,
                              .statement_timeout = dumping->request->deadline,
                              .lock_timeout = DUMP_LOCK_PATIENCE,
                              .progress = tell_counted,
                              .context = dumping};
    int64_t began = time_monotonic();
    Err *err = live_inventory(arena, &live, &dumping->inventory);
    dumping->inventory_seconds = (double)(time_monotonic() - began) / (double)TIME_SECOND;
    return err == NULL ? NULL : err_wrap(arena, err, "the inventory could not be taken");
}

static Err *one_part(ThreadWorker *worker, size_t item, void *context) {
    Dumping *dumping = context;
    return item == 0 ? dump_tools_backup(worker->arena, dumping) : take_inventory(worker->arena, dumping);
}

/* Something that could not be counted cannot be attested, and is not dumped either as a rule. */
static Err *check_counts(Dumping *dumping) {
    LIST_EACH (const InventoryTable, table, dumping->inventory->tables)
        if (table->count == INVENTORY_UNKNOWN && table->has_data && table->kind == 'r' && !table->extension_owned)
            return err_hint(dumping->arena,
                            err_new(dumping->arena, ERR_SERVER, "%s could not be counted: %s",
                                    inventory_table_text(dumping->arena, table),
                                    text_safe(dumping->arena, table->unknown_why)),
                            "back up again when nobody alters tables");
    dumping->out->rows = inventory_total_rows(dumping->inventory);
    return NULL;
}

/* The session that held the snapshot must have lived until now, or the parts may speak of different instants. */
static Err *end_snapshot(Dumping *dumping) {
    PGresult *result = NULL;
    Err *err = live_query(dumping->arena, dumping->session, "COMMIT", NULL, &result);
    return err == NULL ? NULL : err_wrap(dumping->arena, err, "the session that held the snapshot was lost");
}

/* ---- reading back ---- */

static void tell_read(void *context, uint64_t done, uint64_t total) {
    const DumpRequest *request = ((Dumping *)context)->request;
    if (request->progress != NULL)
        request->progress(request->context, "reading", done, total);
}

static Err *other_than_attested(Arena *arena, const InventoryDifference *difference, size_t count) {
    const char *more = count > 1 ? arena_printf(arena, " (and %zu more)", count - 1) : "";
    return err_hint(arena,
                    err_new(arena, ERR_DATA, "the dump does not hold what the snapshot held: %s%s%s%s",
                            difference->name, difference->why != NULL ? ": " : "",
                            difference->why != NULL ? difference->why : "", more),
                    "a table was truncated or altered meanwhile: back up again when nobody does. If it happens again, "
                    "please report it");
}

/* Sequences are part of no snapshot: they went on between the inventory and the dump. What the dump holds is attested.
 */
static void settle_sequences(Inventory *inventory, const Inventory *dumped) {
    size_t at = 0; /* both lists are sorted by schema and name */
    LIST_EACH (InventorySequence, sequence, inventory->sequences) {
        int order = -1;
        for (; at < dumped->sequences.count && order < 0; at += order < 0) {
            const InventorySequence *other = &dumped->sequences.items[at];
            order = strcmp(other->schema, sequence->schema);
            order = order != 0 ? order : strcmp(other->name, sequence->name);
            if (order == 0 && other->known) {
                sequence->value = other->value;
                sequence->called = other->called;
            }
        }
    }
}

static Err *read_back(Dumping *dumping) {
    Arena *arena = dumping->arena;
    Backup *backup = NULL;
    InventoryDifferences differences;
    const BackupReadRequest read = {.jobs = dumping->request->jobs, .progress = tell_read, .context = dumping};
    TRY(backup_open(arena, dumping->written, &backup));
    TRY(backup_read(backup, &read));
    if (backup->defects.count > 0)
        return err_new(arena, ERR_DATA, "the dump does not read back: %s: %s", backup->defects.items[0].where,
                       backup->defects.items[0].message);
    settle_sequences(dumping->inventory, backup->inventory);
    attest_compare(arena, dumping->inventory, backup->inventory, &differences);
    return differences.count == 0 ? NULL : other_than_attested(arena, &differences.items[0], differences.count);
}

/* ---- putting it in place ---- */

static Err *sync_path(Arena *arena, const char *path) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return err_errno(arena, errno, "cannot open %s", text_safe(arena, path));
    int failed = fsync(descriptor) != 0 ? errno : 0;
    close(descriptor);
    return failed == 0 ? NULL : err_errno(arena, failed, "cannot write %s to disk", text_safe(arena, path));
}

static Err *sync_tree(Arena *arena, const char *path) {
    FileInfo info;
    TRY(file_info(arena, path, &info));
    if (info.kind == FILE_DIRECTORY) {
        char **names = NULL;
        size_t count = 0;
        TRY(file_list(arena, path, &names, &count));
        for (size_t at = 0; at < count; at++)
            TRY(sync_path(arena, file_join(arena, path, names[at])));
    }
    return sync_path(arena, path);
}

static Err *attest(Dumping *dumping) {
    Arena *arena = dumping->arena;
    Attest *attest = &dumping->attest;
    *attest = (Attest){.backup = dumping->name,
                       .format = dumping->out->format,
                       .tool_version = LIFEBOAT_VERSION,
                       .dump_version = dumping->tools->version,
                       .system_identifier = dumping->inventory->system_identifier,
                       .snapshot_lsn = dumping->out->snapshot_lsn,
                       .snapshot_at = dumping->out->snapshot_at,
                       .inventory = dumping->inventory};
    TRY(attest_list_files(arena, dumping->written, attest));
    LIST_EACH (const AttestFile, file, attest->files)
        dumping->out->size += file->size;
    TRY(attest_write(arena, companion_attestation(arena, dumping->written), attest, dumping->request->sign_key));
    dumping->out->key_id = attest->key_id;
    dumping->out->system_identifier = attest->system_identifier;
    dumping->out->digested = !dumping->request->no_digests;
    return NULL;
}

static Err *put_in_place(Dumping *dumping) {
    Arena *arena = dumping->arena;
    const Dump *out = dumping->out;
    TRY(interrupt_check(arena));
    if (out->globals != NULL) {
        TRY(partial_move(arena, dumping->written_globals, out->globals));
        dumping->placed_globals = true;
    }
    TRY(partial_move(arena, companion_attestation(arena, dumping->written), out->attestation));
    dumping->placed_attestation = true;
    TRY(partial_move(arena, dumping->written, out->path));
    dumping->placed_globals = dumping->placed_attestation = false; /* from here on they stay */
    return sync_path(arena, dumping->request->directory);
}

/* ---- from start to end ---- */

static void add_phase(Dumping *dumping, const char *name, double seconds) {
    *LIST_PUSH(dumping->arena, dumping->out->phases) = (DumpPhase){name, seconds};
}

static double since(int64_t began) {
    return (double)(time_monotonic() - began) / (double)TIME_SECOND;
}

static Err *write_all(Dumping *dumping) {
    Arena *arena = dumping->arena;
    TRY(service_write_in(arena, dumping->session, NULL, dumping->partial->directory, &dumping->service));
    if (dumping->out->globals != NULL) {
        TRY(dump_tools_globals(arena, dumping));
        if (chmod(dumping->written_globals, 0600) != 0) /* it may hold password hashes */
            return err_errno(arena, errno, "cannot protect %s", text_safe(arena, dumping->written_globals));
    }
    TRY(thread_run(arena, 2, 2, one_part, dumping));
    TRY(end_snapshot(dumping));
    TRY(check_counts(dumping));
    add_phase(dumping, "dump", dumping->dump_seconds);
    add_phase(dumping, "inventory", dumping->inventory_seconds);
    int64_t began = time_monotonic();
    TRY(read_back(dumping));
    add_phase(dumping, "read back", since(began));
    began = time_monotonic();
    TRY(sync_tree(arena, dumping->written));
    if (dumping->out->globals != NULL)
        TRY(sync_path(arena, dumping->written_globals));
    TRY(attest(dumping));
    add_phase(dumping, "attest", since(began));
    return put_in_place(dumping);
}

/* What was put in place before something failed is taken back. */
static void take_back(const Dumping *dumping) {
    if (dumping->placed_globals)
        unlink(dumping->out->globals);
    if (dumping->placed_attestation)
        unlink(dumping->out->attestation);
}

static Err *write_partial(Dumping *dumping) {
    Arena *arena = dumping->arena;
    TRY(partial_make(arena, dumping->request->directory, dumping->name, &dumping->partial));
    dumping->written = file_join(arena, dumping->partial->directory, dumping->name);
    dumping->written_globals = companion_globals(arena, dumping->written);
    Err *err = write_all(dumping);
    if (err != NULL)
        take_back(dumping);
    Err *removal = partial_remove(arena, dumping->partial);
    if (removal != NULL)
        log_warning("a temporary directory could not be removed", "error", err_text(arena, removal), NULL);
    return err;
}

Err *dump_take(Arena *arena, const DumpRequest *request, Dump **out) {
    Dump *dump = ARENA_NEW(arena, Dump);
    Dumping dumping = {.arena = arena, .request = request, .out = dump};
    *out = dump;
    dump->label = live_label(arena, request->conninfo);
    dump->snapshot_at = TIME_NONE;
    TRY(dump_source_open(&dumping));
    TRY(name_files(&dumping));
    if (request->dry_run)
        return NULL;
    TRY(partial_sweep(arena, request->directory, &dump->swept));
    return write_partial(&dumping);
}
