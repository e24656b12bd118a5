/* SPDX-License-Identifier: PostgreSQL */
#include "format/attest.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "base/text.h"
#include "inventory/saved.h"
#include "source/companion.h"

static const char schema_name[] = "lifeboat.attestation/1";

const char *attest_path(Arena *arena, const char *backup) {
    return companion_attestation(arena, backup);
}

/* ---- files ---- */

static Err *measure(Arena *arena, const char *path, const char *name, AttestFile *out) {
    FileInfo info;
    TRY(file_info(arena, path, &info));
    *out = (AttestFile){.name = name, .size = info.size};
    return hash_sha256_file(arena, path, &out->sha256);
}

static Err *add_file(Arena *arena, const char *path, const char *name, Attest *attest) {
    AttestFile file;
    TRY(interrupt_check(arena));
    TRY(measure(arena, path, name, &file));
    *LIST_PUSH(arena, attest->files) = file;
    return NULL;
}

static Err *add_globals(Arena *arena, const char *backup, Attest *attest) {
    const char *path = companion_globals(arena, backup);
    Err *err = measure(arena, path, file_base_name(arena, path), &attest->globals);
    if (err != NULL)
        attest->globals = (AttestFile){0};
    return err != NULL && err->kind == ERR_NOT_FOUND ? NULL : err;
}

Err *attest_list_files(Arena *arena, const char *backup, Attest *attest) {
    FileInfo info;
    const char *base = file_base_name(arena, backup);
    TRY(file_info(arena, backup, &info));
    TRY(add_globals(arena, backup, attest));
    if (info.kind != FILE_DIRECTORY)
        return add_file(arena, backup, base, attest);
    char **names = NULL;
    size_t count = 0;
    TRY(file_list(arena, backup, &names, &count));
    for (size_t at = 0; at < count; at++)
        TRY(add_file(arena, file_join(arena, backup, names[at]), file_join(arena, base, names[at]), attest));
    return NULL;
}

static void defect(Arena *arena, BackupDefects *out, BackupDefectKind kind, const char *name, const char *message) {
    *LIST_PUSH(arena, *out) = (BackupDefect){.kind = kind, .where = text_safe(arena, name), .message = message};
}

/* A backup may have been renamed since: names are compared below its own. */
static const char *inner_name(const char *name) {
    const char *slash = strchr(name, '/');
    return slash == NULL ? "" : slash + 1;
}

static int order_by_place(const void *a, const void *b) {
    return strcmp(inner_name(((const AttestFile *)a)->name), inner_name(((const AttestFile *)b)->name));
}

/* Files are listed, and read back, in the order of their names. */
static const AttestFile *find_inner(const Attest *attest, const AttestFile *file) {
    if (attest->files.count == 0)
        return NULL;
    return bsearch(file, attest->files.items, attest->files.count, sizeof(*file), order_by_place);
}

/* `known` is what the attestation says, `file` what is there. */
static void compare_file(Arena *arena, const AttestFile *known, const AttestFile *file, BackupDefects *out) {
    if (known->size != file->size)
        defect(arena, out, BACKUP_DEFECT_DECODE, file->name,
               arena_printf(arena, "it is %llu bytes and was %llu when the backup was taken",
                            (unsigned long long)file->size, (unsigned long long)known->size));
    else if (strcmp(known->sha256, file->sha256) != 0)
        defect(arena, out, BACKUP_DEFECT_DECODE, file->name,
               "its SHA-256 is not the one recorded when the backup was taken");
}

static const char was_there[] = "it was there when the backup was taken";

/* Globals that nobody attested may have been put there by hand. */
static void compare_globals(Arena *arena, const Attest *attest, const Attest *there, BackupDefects *out) {
    if (attest->globals.name != NULL && there->globals.name == NULL)
        defect(arena, out, BACKUP_DEFECT_MISSING, attest->globals.name, was_there);
    else if (attest->globals.name != NULL)
        compare_file(arena, &attest->globals, &there->globals, out);
}

Err *attest_check_files(Arena *arena, const Attest *attest, const char *backup, BackupDefects *out) {
    Attest there = {0};
    TRY(attest_list_files(arena, backup, &there));
    LIST_EACH (const AttestFile, file, there.files) {
        const AttestFile *known = find_inner(attest, file);
        if (known == NULL)
            defect(arena, out, BACKUP_DEFECT_UNEXPECTED, file->name, "the attestation knows no such file");
        else
            compare_file(arena, known, file, out);
    }
    LIST_EACH (const AttestFile, file, attest->files)
        if (find_inner(&there, file) == NULL)
            defect(arena, out, BACKUP_DEFECT_MISSING, file->name, was_there);
    compare_globals(arena, attest, &there, out);
    return NULL;
}

/* ---- keys and signatures ---- */

static void free_key(void *key) {
    EVP_PKEY_free(key);
}

static void free_digest(void *digest) {
    EVP_MD_CTX_free(digest);
}

static Err *read_key(Arena *arena, const char *path, bool private, EVP_PKEY **out) {
    FileInfo info;
    Buf *bytes;
    TRY(file_info(arena, path, &info));
    if (private && (info.mode & 077) != 0)
        return err_hint(arena, err_new(arena, ERR_CONFIG, "the signing key %s can be read by others", path),
                        "chmod 600 %s", path);
    TRY(file_read_all(arena, path, 65536, &bytes));
    BIO *memory = BIO_new_mem_buf(bytes->at, (int)bytes->length);
    EVP_PKEY *key =
        private ? PEM_read_bio_PrivateKey(memory, NULL, NULL, NULL) : PEM_read_bio_PUBKEY(memory, NULL, NULL, NULL);
    BIO_free(memory);
    if (key == NULL || EVP_PKEY_id(key) != EVP_PKEY_ED25519) {
        EVP_PKEY_free(key);
        return err_hint(
            arena,
            err_new(arena, ERR_CONFIG, "%s is no Ed25519 %s key in PEM form", path, private ? "private" : "public"),
            "openssl genpkey -algorithm ed25519 -out KEY; openssl pkey -in KEY -pubout -out KEY.pub");
    }
    arena_defer(arena, free_key, key);
    *out = key;
    return NULL;
}

Err *attest_check_key(Arena *arena, const char *path, bool private) {
    EVP_PKEY *key;
    return read_key(arena, path, private, &key);
}

static const char *key_id(Arena *arena, EVP_PKEY *key) {
    unsigned char raw[32];
    size_t length = sizeof(raw);
    if (EVP_PKEY_get_raw_public_key(key, raw, &length) != 1)
        return "";
    return arena_strndup(arena, hash_sha256_text(arena, (Text){.at = (const char *)raw, .length = length}), 16);
}

static Err *sign(Arena *arena, EVP_PKEY *key, const char *text, const char **out) {
    unsigned char raw[64];
    size_t length = sizeof(raw);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    arena_defer(arena, free_digest, digest);
    if (EVP_DigestSignInit(digest, NULL, NULL, NULL, key) != 1 ||
        EVP_DigestSign(digest, raw, &length, (const unsigned char *)text, strlen(text)) != 1)
        return err_new(arena, ERR_UNSUPPORTED, "the attestation could not be signed");
    unsigned char *encoded = arena_alloc(arena, 4 * ((length + 2) / 3) + 1);
    EVP_EncodeBlock(encoded, raw, (int)length);
    *out = (const char *)encoded;
    return NULL;
}

Err *attest_check_signature(Arena *arena, const Attest *attest, const char *public_key, bool *valid) {
    EVP_PKEY *key = NULL;
    unsigned char raw[96];
    *valid = false;
    TRY(read_key(arena, public_key, false, &key));
    if (attest->signature == NULL || strlen(attest->signature) != 88 ||
        EVP_DecodeBlock(raw, (const unsigned char *)attest->signature, 88) != 66)
        return NULL; /* 64 bytes are 88 characters of base64 */
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    arena_defer(arena, free_digest, digest);
    *valid =
        EVP_DigestVerifyInit(digest, NULL, NULL, NULL, key) == 1 &&
        EVP_DigestVerify(digest, raw, 64, (const unsigned char *)attest->signed_text, strlen(attest->signed_text)) == 1;
    return NULL;
}

/* ---- the document ---- */

static void put_file(json_t *object, const AttestFile *file) {
    json_put_string(object, "name", file->name);
    json_put_u64(object, "size", file->size);
    json_put_string(object, "sha256", file->sha256);
}

static json_t *document_of(Arena *arena, const Attest *attest) {
    json_t *document = json_start(arena, json_object());
    json_put_string(document, "schema", schema_name);
    json_put_string(document, "backup", attest->backup);
    json_put_string(document, "format", attest->format);
    json_put_string(document, "tool_version", attest->tool_version);
    json_put_string(document, "dump_version", attest->dump_version);
    json_put_string(document, "system_identifier", attest->system_identifier);
    json_put_string(document, "snapshot_lsn", attest->snapshot_lsn);
    json_put_time(document, "snapshot_at", attest->snapshot_at);
    json_t *files = json_put(document, "files", json_array());
    LIST_EACH (const AttestFile, file, attest->files)
        put_file(json_add(files, json_object()), file);
    if (attest->globals.name != NULL)
        put_file(json_put(document, "globals", json_object()), &attest->globals);
    json_put(document, "inventory", json_incref(saved_json(arena, attest->inventory)));
    return document;
}

Err *attest_write(Arena *arena, const char *path, Attest *attest, const char *key_path) {
    json_t *document = document_of(arena, attest);
    attest->signed_text = json_render(arena, document, true);
    if (key_path != NULL) {
        EVP_PKEY *key = NULL;
        TRY(read_key(arena, key_path, true, &key));
        attest->key_id = key_id(arena, key);
        TRY(sign(arena, key, attest->signed_text, &attest->signature));
        json_t *signature = json_put(document, "signature", json_object());
        json_put_string(signature, "algorithm", "ed25519");
        json_put_string(signature, "key_id", attest->key_id);
        json_put_string(signature, "value", attest->signature);
    }
    const char *text = arena_printf(arena, "%s\n", json_render(arena, document, false));
    return file_write_atomic(arena, path, text_of(text), 0644);
}

static Err *malformed(Arena *arena, const char *path, const char *what) {
    return err_hint(arena,
                    err_new(arena, ERR_DATA, "the attestation %s is malformed: %s", text_safe(arena, path), what),
                    "it was written when the backup was taken and cannot be made again: take a new backup");
}

static Err *read_file(Arena *arena, const char *path, const json_t *object, AttestFile *out) {
    *out = (AttestFile){.name = json_get_string(object, "name", NULL),
                        .size = json_get_u64(object, "size", UINT64_MAX),
                        .sha256 = json_get_string(object, "sha256", NULL)};
    if (out->name == NULL || out->sha256 == NULL || strlen(out->sha256) != 64 || out->size == UINT64_MAX)
        return malformed(arena, path, "a file without name, size or SHA-256");
    return NULL;
}

static Err *read_files(Arena *arena, const char *path, const json_t *document, Attest *attest) {
    size_t index;
    json_t *object;
    json_array_foreach(json_object_get(document, "files"), index, object) {
        AttestFile file;
        TRY(read_file(arena, path, object, &file));
        const AttestFile *before = attest->files.count == 0 ? NULL : &attest->files.items[attest->files.count - 1];
        if (before != NULL && order_by_place(before, &file) >= 0)
            return malformed(arena, path, "its files are not in order");
        *LIST_PUSH(arena, attest->files) = file;
    }
    const json_t *globals = json_object_get(document, "globals");
    if (globals != NULL)
        TRY(read_file(arena, path, globals, &attest->globals));
    return attest->files.count == 0 ? malformed(arena, path, "it lists no files") : NULL;
}

static Err *read_document(Arena *arena, const char *path, json_t *document, Attest *attest) {
    const char *schema = json_get_string(document, "schema", "");
    if (strcmp(schema, schema_name) != 0)
        return malformed(arena, path, "it does not say that it is one");
    *attest = (Attest){.backup = json_get_string(document, "backup", ""),
                       .format = json_get_string(document, "format", ""),
                       .tool_version = json_get_string(document, "tool_version", ""),
                       .dump_version = json_get_string(document, "dump_version", ""),
                       .system_identifier = json_get_string(document, "system_identifier", ""),
                       .snapshot_lsn = json_get_string(document, "snapshot_lsn", ""),
                       .snapshot_at = TIME_NONE};
    time_parse(text_of(json_get_string(document, "snapshot_at", "")), &attest->snapshot_at);
    TRY(read_files(arena, path, document, attest));
    Inventory *inventory = NULL;
    TRY(saved_parse(arena, json_object_get(document, "inventory"), &inventory));
    if (inventory->tables_only)
        return malformed(arena, path, "its inventory holds tables only");
    attest->inventory = inventory;
    const json_t *signature = json_object_get(document, "signature");
    if (signature != NULL) {
        attest->key_id = arena_strdup(arena, json_get_string(signature, "key_id", ""));
        attest->signature = arena_strdup(arena, json_get_string(signature, "value", ""));
        json_object_del(document, "signature");
    }
    attest->signed_text = json_render(arena, document, true);
    return NULL;
}

Err *attest_read(Arena *arena, const char *path, Attest **out) {
    json_t *document = NULL;
    Attest *attest = ARENA_NEW(arena, Attest);
    TRY(json_parse_file(arena, path, SAVED_MAXIMUM, &document));
    TRY(read_document(arena, path, document, attest));
    *out = attest;
    return NULL;
}
