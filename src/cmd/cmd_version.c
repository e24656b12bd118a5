/* SPDX-License-Identifier: PostgreSQL */
#include <curl/curl.h>
#include <jansson.h>
#include <libpq-fe.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <zstd.h>

#include "base/json.h"
#include "cmd/command.h"

static const Option as_json = {
    .name = "json",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "as JSON, with the versions of the libraries in use",
};

static const Option *const options[] = {&as_json, NULL};

static Err *run(CommandCall *call) {
    TRY(command_expect_operands(call, 0, 0));
    if (!settings_flag(call->settings, &as_json)) {
        fprintf(call->out, "lifeboat %s\n", LIFEBOAT_VERSION);
        return NULL;
    }
    json_t *document = json_start(call->arena, json_object());
    json_put_string(document, "version", LIFEBOAT_VERSION);
    json_t *libraries = json_put(document, "libraries", json_object());
    int libpq = PQlibVersion();
    json_put_string(libraries, "libpq", arena_printf(call->arena, "%d.%d", libpq / 10000, libpq % 10000));
    json_put_string(libraries, "openssl", OpenSSL_version(OPENSSL_VERSION_STRING));
    json_put_string(libraries, "curl", curl_version_info(CURLVERSION_NOW)->version);
    json_put_string(libraries, "sqlite", sqlite3_libversion());
    json_put_string(libraries, "zstd", ZSTD_versionString());
    json_put_string(libraries, "jansson", jansson_version_str());
    fprintf(call->out, "%s\n", json_render(call->arena, document, false));
    return NULL;
}

const Command cmd_version = {
    .name = "version",
    .group = COMMAND_GROUP_HELP,
    .synopsis = "version",
    .summary = "print lifeboat's version",
    .examples = "$ lifeboat version\nOne line, for people and scripts.\n$ lifeboat version --json\nFor a bug report.",
    .options = options,
    .run = run,
};
