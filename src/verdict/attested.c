/* SPDX-License-Identifier: PostgreSQL */
#include "verdict/attested.h"

#include "base/file.h"
#include "source/companion.h"

const Option attested_verify_key = {
    .name = "verify_key",
    .type = OPTION_PATH,
    .argument = "FILE",
    .summary = "Ed25519 public key (PEM) that attestations must be signed with",
    .detail =
        "The public half of the key that lifeboat backup signs with (sign_key): openssl pkey -in KEY -pubout -out "
        "FILE. With it a backup without an attestation, without a signature, or signed by another key fails."};

Err *attested_validate(Arena *arena, const Settings *settings) {
    const char *key = settings_text(settings, &attested_verify_key);
    return key == NULL ? NULL : attest_check_key(arena, key, false);
}

/* A script of roles, as pg_dumpall --globals-only writes it. One that cannot be read counts as none: the roles are then
 * missing, and that is said. */
static Err *read_globals(Arena *arena, const char *path, CheckContext *context) {
    Backup *globals = NULL;
    Err *err = backup_open(arena, companion_globals(arena, path), &globals);
    if (err == NULL)
        err = backup_read(globals, &(BackupReadRequest){.jobs = 1});
    if (err == NULL && globals->read_whole)
        context->globals = globals->inventory;
    return err != NULL && err->kind == ERR_INTERRUPTED ? err : NULL;
}

static Err *look(Arena *arena, const char *path, CheckContext *context) {
    Attest *attest = NULL;
    TRY(attest_read(arena, companion_attestation(arena, path), &attest));
    if (context->verify_key != NULL)
        TRY(attest_check_signature(arena, attest, context->verify_key, &context->signature_valid));
    TRY(attest_check_files(arena, attest, path, &context->attestation_files));
    context->attestation = attest;
    return NULL;
}

Err *attested_look(Arena *arena, const char *path, CheckContext *context) {
    TRY(read_globals(arena, path, context));
    context->verify_key = settings_text(context->settings, &attested_verify_key);
    Err *err = look(arena, path, context);
    if (err != NULL && err->kind == ERR_INTERRUPTED)
        return err;
    FileInfo info;
    bool absent = err != NULL && file_info(arena, companion_attestation(arena, path), &info) != NULL &&
                  err->kind == ERR_NOT_FOUND;
    context->attestation_error = absent ? NULL : err;
    return NULL;
}
