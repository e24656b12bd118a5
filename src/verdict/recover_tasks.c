/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "base/text.h"
#include "check/check.h"
#include "pg/identifier.h"
#include "sandbox/origin.h"
#include "verdict/recover.h"

/* What a dump never holds, told from what this one does hold. */

typedef struct Tasks {
    Arena *arena;
    const Inventory *inventory;
    Recover *out;
} Tasks;

static void add(Tasks *tasks, const char *what, const char *how) {
    *LIST_PUSH(tasks->arena, tasks->out->tasks) = (RecoverTask){.what = what, .how = how};
}

static uint64_t rows_of(const Tasks *tasks, const char *schema, const char *name) {
    const InventoryTable *table = inventory_find_table(tasks->inventory, "", schema, name);
    return table == NULL || table->count == INVENTORY_UNKNOWN ? 0 : table->rows;
}

static bool has_extension(const Tasks *tasks, const char *name) {
    LIST_EACH (const InventoryExtension, extension, tasks->inventory->extensions)
        if (strcmp(extension->name, name) == 0)
            return true;
    return false;
}

static size_t count_kind(const Tasks *tasks, const char *kind) {
    size_t count = 0;
    LIST_EACH (const InventoryObject, object, tasks->inventory->objects)
        count += strcmp(object->kind, kind) == 0;
    return count;
}

/* "a, b and 3 more": for people. */
static const char *names_text(Arena *arena, const InventoryNames *names) {
    const char *text = "";
    for (size_t at = 0; at < names->count && at < 6; at++)
        text = arena_printf(arena, "%s%s%s", text, at == 0 ? "" : ", ",
                            text_safe(arena, identifier_quote(arena, names->items[at])));
    return names->count <= 6 ? text : arena_printf(arena, "%s and %zu more", text, names->count - 6);
}

static void of_roles(Tasks *tasks, const RecoverRequest *request) {
    Arena *arena = tasks->arena;
    const InventoryNames *made = &tasks->out->roles_made, *missing = &request->destination->missing_roles;
    if (made->count > 0)
        add(tasks, arena_printf(arena, "Roles made without login: %s", names_text(arena, made)),
            "a dump holds neither passwords nor memberships: ALTER ROLE name LOGIN; \\password name in psql; or psql "
            "with the globals (pg_dumpall --globals-only) of the old server");
    InventoryNames lacking = {0};
    LIST_EACH (const char *const, role, *missing) {
        bool is_made = false;
        for (size_t at = 0; at < made->count; at++)
            is_made |= strcmp(made->items[at], *role) == 0;
        if (!is_made)
            *LIST_PUSH(arena, lacking) = *role;
    }
    if (lacking.count > 0)
        add(tasks, arena_printf(arena, "Roles that could not be made: %s", names_text(arena, &lacking)),
            "their rights and ownerships are missing: make the roles with a role that may, and restore again");
    if (made->count == 0 && tasks->inventory->roles.count > 0)
        add(tasks, "Passwords of roles", "the server's own roles were used; their passwords are not touched");
}

static void of_platform(Tasks *tasks) {
    Arena *arena = tasks->arena;
    uint64_t objects = rows_of(tasks, "storage", "objects"), users = rows_of(tasks, "auth", "users");
    uint64_t jobs = rows_of(tasks, "cron", "job");
    if (objects > 0)
        add(tasks, arena_printf(arena, "Files of %s in storage", check_count_text(arena, objects, "object")),
            "a dump holds their names, not the files: copy the buckets from their own backup");
    if (users > 0)
        add(tasks, arena_printf(arena, "Sign-in of %s", check_count_text(arena, users, "user")),
            "sessions and keys are valid only with the old JWT secret: set the same one, or everybody signs in again");
    if (jobs > 0 || has_extension(tasks, "pg_cron"))
        add(tasks,
            jobs > 0 ? arena_printf(arena, "Cron jobs (%s in the backup)", check_number_text(arena, jobs))
                     : "Cron jobs",
            "they were not restored, so that none starts twice: schedule them again with cron.schedule when the old "
            "database is off");
    if (has_extension(tasks, "pgsodium") || has_extension(tasks, "supabase_vault") ||
        rows_of(tasks, "vault", "secrets") > 0)
        add(tasks, "Secrets of vault and pgsodium",
            "they are encrypted with the root key of the old server: bring its key, or enter the secrets anew");
    if (has_extension(tasks, "pg_net") || count_kind(tasks, "EVENT TRIGGER") > 0)
        add(tasks, "Web hooks and event triggers", "they work from now on: look where they point before traffic comes");
}

static void of_replication(Tasks *tasks) {
    if (count_kind(tasks, "SUBSCRIPTION") > 0)
        add(tasks, "Subscriptions", "they were not restored: create them anew when the old database is off");
    if (count_kind(tasks, "PUBLICATION") > 0)
        add(tasks, "Subscribers of publications",
            "publications are back, replication slots are not: refresh each subscriber");
    if (count_kind(tasks, "SERVER") > 0 || count_kind(tasks, "FOREIGN SERVER") > 0)
        add(tasks, "Foreign servers", "they point where they pointed before: look before they are used");
}

static void of_extensions(Tasks *tasks) {
    Arena *arena = tasks->arena;
    const Restore *restore = tasks->out->context->restore;
    InventoryNames absent = {0};
    for (size_t at = 0; restore != NULL && at < restore->absent_extensions.count; at++)
        *LIST_PUSH(arena, absent) = restore->absent_extensions.items[at];
    if (absent.count == 0)
        return;
    add(tasks, arena_printf(arena, "Extensions that the server lacks: %s", names_text(arena, &absent)),
        restore->stand_ins[0] == '\0'
            ? "what needs them is missing: install them on the server and restore again"
            : arena_printf(arena,
                           "columns of their types (%s) hold plain text for now, without their indexes and functions: "
                           "install them on the server and restore again",
                           restore->stand_ins));
}

static Err *of_database(Tasks *tasks, const RecoverRequest *request) {
    Origin origin;
    if (tasks->out->note[0] != '\0')
        add(tasks, "Locale of the database", tasks->out->note);
    TRY(origin_read(tasks->arena, request->backup, &origin));
    LIST_EACH (const char *const, setting, origin.settings)
        add(tasks, "A setting of the database", *setting);
    return NULL;
}

Err *recover_tasks(Arena *arena, const RecoverRequest *request, Recover *out) {
    Tasks tasks = {.arena = arena, .inventory = request->backup->inventory, .out = out};
    out->tasks.count = 0;
    of_extensions(&tasks);
    of_roles(&tasks, request);
    TRY(of_database(&tasks, request));
    of_platform(&tasks);
    of_replication(&tasks);
    add(&tasks, "Changes since the backup was taken", "they are not in it");
    add(&tasks, "The application", "point it at this database, and take a new backup of it");
    return NULL;
}
