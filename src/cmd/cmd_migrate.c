/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/command.h"
#include "inventory/live.h"
#include "store/store.h"

static const Option dry_run = {
    .name = "dry_run",
    .letter = 'n',
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "change nothing, say which migrations are missing",
};

static const Option print = {
    .name = "print",
    .type = OPTION_FLAG,
    .flag_only = true,
    .summary = "print the SQL instead, for psql or a web editor",
};

static const Option *const options[] = {&dry_run, &print, NULL};

/* The configured store, or the database given; `configured` tells which. */
static Err *choose_database(const CommandCall *call, StoreSetup *setup, bool *configured) {
    Config *config = NULL;
    *configured = call->operand_count == 0;
    if (!*configured) {
        setup->postgres = call->operands[0];
        if (!live_conninfo_has_password(setup->postgres))
            return NULL;
        return err_hint(
            call->arena,
            err_new(call->arena, ERR_USAGE, "a password in an argument can be seen by every user of this machine"),
            "leave it out and set PGPASSFILE, or put the connection string into [store] postgres_file");
    }
    TRY(command_read_config(call, &config));
    TRY(store_setup(call->arena, config, setup));
    if (setup->postgres != NULL)
        return NULL;
    return err_hint(
        call->arena, err_new(call->arena, ERR_CONFIG, "the configuration names no PostgreSQL store"),
        "set postgres_file in the [store] section, or give the database: lifeboat migrate postgresql://user@host/db");
}

/* Runs that waited for the table need not wait for the next verification. */
static Err *deliver_waiting(const CommandCall *call, const StoreSetup *setup) {
    Store *store = NULL;
    size_t delivered = 0, waiting = 0;
    TRY(store_open(call->arena, setup->directory, &store));
    Err *err = store_deliver(store, call->arena, setup->postgres, &delivered, &waiting);
    if (delivered > 0)
        fprintf(call->out, "%s %zu run%s that waited %s delivered.\n",
                terminal_mark(call->arena, call->terminal, TERMINAL_GOOD), delivered, delivered == 1 ? "" : "s",
                delivered == 1 ? "was" : "were");
    return err;
}

static void print_result(const CommandCall *call, const char *where, const char *applied, bool dry) {
    TerminalMark kind = dry && *applied != '\0' ? TERMINAL_WARN : TERMINAL_GOOD;
    const char *mark = terminal_mark(call->arena, call->terminal, kind);
    if (*applied == '\0')
        fprintf(call->out, "%s %s is up to date.\n", mark, where);
    else if (dry)
        fprintf(call->out, "%s %s lacks %s. Nothing was changed.\n\nNext: lifeboat migrate\n", mark, where, applied);
    else
        fprintf(call->out, "%s %s: applied %s.\n", mark, where, applied);
}

static Err *run(CommandCall *call) {
    StoreSetup setup = {0};
    const char *applied = NULL;
    bool configured = false;
    TRY(command_expect_operands(call, 0, 1));
    if (settings_flag(call->settings, &print)) {
        for (const StoreMigration *migration = store_migrations; migration->name != NULL; migration++)
            fprintf(call->out, "%s%s", migration == store_migrations ? "" : "\n", migration->sql);
        return NULL;
    }
    bool dry = settings_flag(call->settings, &dry_run);
    TRY(choose_database(call, &setup, &configured));
    TRY(store_migrate(call->arena, setup.postgres, dry, &applied));
    print_result(call, live_label(call->arena, setup.postgres), applied, dry);
    return configured && !dry ? deliver_waiting(call, &setup) : NULL;
}

const Command cmd_migrate = {
    .name = "migrate",
    .group = COMMAND_GROUP_SETUP,
    .synopsis = "migrate [CONNINFO]",
    .summary = "make the table backup_verification_log in the PostgreSQL store",
    .detail =
        "Applies what is missing of db/migrations, in one transaction, to the database named by `postgres` in the "
        "[store] "
        "section, or to the one given. It may be run any number of times. The role needs CREATE on the schema; it "
        "then owns the table. Runs that waited for the configured database are delivered afterwards.\n\nRow-level "
        "security is switched on and no policy is made, so that only the owner and "
        "roles with BYPASSRLS see rows; Supabase's anon and authenticated lose every right on the table.",
    .examples = "$ lifeboat migrate --dry-run\nSays what is missing.\n$ lifeboat migrate\nDoes it.\n"
                "$ lifeboat migrate --print | psql app\nThe same by psql; or paste it into Supabase's SQL editor.",
    .options = options,
    .run = run,
};
