/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/buf.h"
#include "check/check_table.h"

static const CheckFinding tools_older = {
    .id = "tools-too-old",
    .severity = CHECK_WARNING,
    .title = "The PostgreSQL tools installed here are older than the backup",
    .means = "pg_restore refuses archives of a newer version, and older servers do not know all settings of a newer "
             "dump. In an emergency this machine could not restore the backup.",
    .action = "Install the tools of the backup's version or newer (on Debian: apt install postgresql-client-NN), or "
              "note on which machine it can be restored. If this machine is not meant for it: accept = tools-too-old.",
    .acceptable = true};

static const CheckFinding extension_unavailable = {
    .id = "extension-unavailable",
    .severity = CHECK_NOTICE,
    .title = "The PostgreSQL installed here lacks extensions that the backup needs",
    .means = "A restore into the server installed on this machine would stop at CREATE EXTENSION, and at every table "
             "that uses its types.",
    .action = "Install the extension's package (on Debian: apt search postgresql-NN), or plan to restore where it is, "
              "such as a new project of the same platform."};

static const CheckFinding roles_missing = {.id = "roles-not-in-dump",
                                           .severity = CHECK_NOTICE,
                                           .title = "The backup refers to roles that it does not create",
                                           .means = "pg_dump never writes roles. On an empty server, ownership, grants "
                                                    "and policies that name them fail unless they are created first.",
                                           .action = "Keep a dump of the roles beside the backup: pg_dumpall "
                                                     "--globals-only -f globals.sql, and load it before restoring."};

static const CheckFinding *const findings[] = {&tools_older, &extension_unavailable, &roles_missing, NULL};

/* Names for one line: the first ten, then how many more. */
static const char *name_list(Arena *arena, const InventoryNames *names) {
    Buf *buf = buf_new(arena, 4096);
    for (size_t at = 0; at < names->count && at < 10; at++)
        buf_printf(buf, "%s%s", at > 0 ? ", " : "", text_safe(arena, names->items[at]));
    if (names->count > 10)
        buf_printf(buf, " and %zu more", names->count - 10);
    return buf->full ? check_count_text(arena, names->count, "name") : buf->at;
}

static bool holds(const InventoryNames *names, const char *name) {
    for (size_t at = 0; at < names->count; at++)
        if (strcmp(names->items[at], name) == 0)
            return true;
    return false;
}

/* Every server has these. */
static bool is_built_in_role(const char *name) {
    return strcmp(name, "postgres") == 0 || strcmp(name, "public") == 0 || strncmp(name, "pg_", 3) == 0;
}

static bool stands_beside(const CheckContext *context, const char *name) {
    if (context->globals == NULL)
        return false;
    LIST_EACH (const InventoryRole, role, context->globals->roles)
        if (role->defined && strcmp(role->name, name) == 0)
            return true;
    return false;
}

static void look_at_roles(CheckContext *context, CheckResult *result) {
    InventoryNames absent = {0};
    LIST_EACH (const InventoryRole, role, context->backup->inventory->roles) {
        if (role->referenced && !role->defined && !is_built_in_role(role->name) && !stands_beside(context, role->name))
            *LIST_PUSH(context->arena, absent) = role->name;
    }
    if (absent.count > 0)
        check_report(context, result, &roles_missing, "roles", "The backup refers to %s that it does not create: %s",
                     check_count_text(context->arena, absent.count, "role"), name_list(context->arena, &absent));
}

static void look_at_extensions(CheckContext *context, CheckResult *result) {
    InventoryNames absent = {0};
    LIST_EACH (const InventoryExtension, extension, context->backup->inventory->extensions) {
        if (!holds(&context->extensions, extension->name) && !holds(&absent, extension->name))
            *LIST_PUSH(context->arena, absent) = extension->name;
    }
    if (context->extensions.count > 0 && absent.count > 0)
        check_report(context, result, &extension_unavailable, "extensions",
                     "The PostgreSQL installed here lacks %s that the backup needs: %s",
                     check_count_text(context->arena, absent.count, "extension"), name_list(context->arena, &absent));
}

static void run(CheckContext *context, CheckResult *result) {
    Arena *arena = context->arena;
    const Backup *backup = context->backup;
    if (check_blind(context, result))
        return;
    int needed = backup->dump_major > backup->server_major ? backup->dump_major : backup->server_major;
    result->expected =
        needed == 0 ? "tools that can restore it" : arena_printf(arena, "tools of PostgreSQL %d or newer", needed);
    look_at_roles(context, result);
    look_at_extensions(context, result);
    if (context->tools_major == 0) {
        check_skip(context, result, "no PostgreSQL tools are installed here");
        return;
    }
    result->observed = arena_printf(arena, "PostgreSQL %d is installed", context->tools_major);
    if (needed > context->tools_major) {
        Finding *finding = check_report(context, result, &tools_older, "",
                                        "The backup needs PostgreSQL %d to restore, version %d is installed here",
                                        needed, context->tools_major);
        finding->expected = result->expected;
        finding->found = result->observed;
    }
    check_pass(result);
}

const Check check_restorability = {
    .id = "restorability",
    .title = "This machine could restore it",
    .subject = "Whether this machine could restore it",
    .explain = "The PostgreSQL tools installed here are not older than the backup, the extensions it needs can be "
               "installed, and the roles it refers to are named. These are facts read without restoring: only a "
               "restore proves that it restores.",
    .level = 3,
    .findings = findings,
    .run = run};
