/* SPDX-License-Identifier: PostgreSQL */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "cmd/ask.h"
#include "cmd/command.h"
#include "cmd/critical.h"
#include "cmd/section.h"
#include "cmd/starter.h"
#include "cmd/target.h"
#include "inventory/live.h"
#include "notify/notify.h"

static const Option name = {.name = "name",
                            .type = OPTION_TEXT,
                            .argument = "NAME",
                            .fallback = "production",
                            .flag_only = true,
                            .summary = "name of the target"};
static const Option backups = {.name = "path",
                               .type = OPTION_PATH,
                               .argument = "PATH",
                               .flag_only = true,
                               .summary = "where the backups are: a file, or a folder of backups"};
static const Option against = {.name = "against",
                               .type = OPTION_SECRET,
                               .argument = "CONNINFO",
                               .may_be_flag = true,
                               .flag_only = true,
                               .summary = "the live database, to compare with and to find the critical tables in",
                               .detail = "Without a password: that belongs into ~/.pgpass or a service file."};
static const Option critical = {.name = "critical",
                                .type = OPTION_LIST,
                                .argument = "TABLES",
                                .flag_only = true,
                                .summary =
                                    "tables that must be in the backup, instead of those found in the live database"};
static const Option slack_url_file = {.name = "slack_url_file",
                                      .type = OPTION_PATH,
                                      .argument = "FILE",
                                      .flag_only = true,
                                      .summary = "file that holds the URL of a Slack incoming webhook"};
static const Option force = {.name = "force",
                             .type = OPTION_FLAG,
                             .flag_only = true,
                             .summary = "overwrite a configuration that is already there"};
static const Option *const options[] = {&name, &backups, &against, &critical, &slack_url_file, &force, NULL};

typedef struct Init {
    CommandCall *call;
    bool asks;
    const char *path;   /* of the configuration */
    const char *target; /* name */
    const char *backups, *conninfo, *slack_file;
    const char *secret;   /* a webhook URL that was typed, to be kept in slack_file */
    bool conninfo_secret; /* holds a password: goes into a file of its own */
    CriticalTables proposed;
    uint64_t considered;
    const char *critical; /* the list as it will stand */
    bool critical_found;  /* by us */
} Init;

static const char *default_path(Arena *arena) {
    const char *given = getenv("LIFEBOAT_CONFIG"), *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (given != NULL && given[0] != '\0')
        return given;
    if (geteuid() == 0)
        return "/etc/lifeboat/lifeboat.conf";
    if (xdg != NULL && xdg[0] == '/')
        return file_join(arena, xdg, "lifeboat/lifeboat.conf");
    return file_join(arena, home != NULL && home[0] == '/' ? home : ".", ".config/lifeboat/lifeboat.conf");
}

static Err *beside(Init *init, const char *suffix, const char **out) {
    Arena *arena = init->call->arena;
    Text path = text_of(init->path);
    const char *stem = text_dup(arena, text_ends(path, ".conf") ? text_slice(path, 0, path.length - 5) : path);
    *out = arena_printf(arena, "%s.%s", stem, suffix);
    return NULL;
}

static Err *take_flags(Init *init) {
    const Settings *settings = init->call->settings;
    Arena *arena = init->call->arena;
    const char *given = settings_text(settings, &command_config);
    init->path = given != NULL ? given : default_path(arena);
    init->target = settings_text(settings, &name);
    init->backups = settings_text(settings, &backups);
    init->conninfo = settings_text(settings, &against);
    init->slack_file = settings_text(settings, &slack_url_file);
    if (init->conninfo != NULL && live_conninfo_has_password(init->conninfo))
        return err_hint(
            arena, err_new(arena, ERR_USAGE, "--against holds a password, which every user of this machine can see"),
            "keep it in ~/.pgpass or a service file, or let \"lifeboat init\" ask on a terminal");
    size_t count = 0;
    const char *const *tables = settings_list(settings, &critical, &count);
    for (size_t i = 0; i < count; i++)
        init->critical = arena_printf(arena, "%s%s%s", i == 0 ? "" : init->critical, i == 0 ? "" : ", ", tables[i]);
    return NULL;
}

static Err *refuse_existing(Init *init) {
    Arena *arena = init->call->arena;
    if (access(init->path, F_OK) != 0 || settings_flag(init->call->settings, &force))
        return NULL;
    const char *shown = text_safe(arena, init->path);
    bool overwrite = false;
    if (init->asks)
        TRY(ask_yes(init->call, arena_printf(arena, "%s is already there. Overwrite it?", shown), false, &overwrite));
    if (overwrite)
        return NULL;
    return err_hint(arena, err_new(arena, ERR_USAGE, "%s is already there", shown),
                    "--force overwrites it, --config FILE writes another one");
}

static Err *check_name(Init *init) {
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    size_t length = strlen(init->target);
    if (length > 0 && length <= 64 && strspn(init->target, allowed) == length)
        return NULL;
    return err_new(init->call->arena, ERR_USAGE,
                   "a name is up to 64 letters, digits, dots, dashes and underscores, not %s",
                   text_quote(init->call->arena, text_of(init->target), 80));
}

static void warn(Init *init, const char *text) {
    const char *mark = terminal_mark(init->call->arena, init->call->terminal, TERMINAL_WARN);
    fprintf(init->call->out, "%s ", mark);
    terminal_fill_from(init->call->out, text, 2, init->call->terminal->width);
}

static Err *ask_backups(Init *init) {
    FileInfo info;
    TRY(ask_text(init->call, "Where are the backups (a file, or a folder of backups)", "/var/backups", &init->backups));
    const Err *err = file_info(init->call->arena, init->backups, &info);
    if (err != NULL)
        warn(init, arena_printf(init->call->arena, "%s: verification will fail until it is there.",
                                err_text(init->call->arena, err)));
    return NULL;
}

static Err *look_at_live(Init *init) {
    Arena *arena = init->call->arena;
    PGconn *connection = NULL;
    TRY(live_connect(arena, init->conninfo, &connection));
    return critical_find(arena, connection, &init->proposed, &init->considered);
}

static Err *ask_live(Init *init) {
    Arena *arena = init->call->arena;
    for (;;) {
        const char *answer = NULL;
        TRY(ask_text(init->call, "Live database to compare with (connection string, empty for none)", "", &answer));
        if (answer[0] == '\0')
            return NULL;
        init->conninfo = answer;
        init->conninfo_secret = live_conninfo_has_password(answer);
        const Err *err = look_at_live(init);
        if (err == NULL)
            return NULL;
        TRY(interrupt_check(arena));
        warn(init, err_text(arena, err));
        if (err_first_hint(err) != NULL)
            terminal_fill(init->call->out, arena_printf(arena, "Try: %s", err_first_hint(err)), 2,
                          init->call->terminal->width);
        bool keep = false;
        TRY(ask_yes(init->call, "Keep it all the same?", false, &keep));
        if (keep)
            return NULL;
        init->conninfo = NULL;
        init->conninfo_secret = false;
    }
}

static const char *joined(Arena *arena, const CriticalTables *tables) {
    const char *list = NULL;
    LIST_EACH (const CriticalTable, table, *tables) {
        list = list == NULL ? table->name : arena_printf(arena, "%s, %s", list, table->name);
    }
    return list;
}

static void show_proposed(Init *init) {
    FILE *out = init->call->out;
    fprintf(out, "Critical tables, of %llu in the database:\n", (unsigned long long)init->considered);
    LIST_EACH (const CriticalTable, table, init->proposed) {
        terminal_entry(out, table->name, table->reasons, 36, init->call->terminal->width);
    }
}

static Err *choose_critical(Init *init) {
    Arena *arena = init->call->arena;
    if (init->critical != NULL || init->proposed.count == 0)
        return NULL;
    init->critical = joined(arena, &init->proposed);
    init->critical_found = true;
    show_proposed(init);
    if (!init->asks)
        return NULL;
    const char *answer = NULL;
    TRY(ask_text(init->call, "Tables that must be in every backup (return takes these, or name others)", "these",
                 &answer));
    if (strcmp(answer, "these") != 0) {
        init->critical = answer;
        init->critical_found = false;
    }
    return NULL;
}

static Err *ask_slack(Init *init) {
    const char *url = "";
    TRY(ask_secret(init->call, "Slack incoming webhook for alerts (not shown; empty for none)", &url));
    if (url[0] == '\0')
        return NULL;
    init->secret = url;
    return beside(init, "slack-url", &init->slack_file);
}

static Err *gather(Init *init) {
    Arena *arena = init->call->arena;
    if (init->asks && !settings_given(init->call->settings, &name))
        TRY(ask_text(init->call, "Name of this database", init->target, &init->target));
    TRY(check_name(init));
    if (init->asks && init->backups == NULL)
        TRY(ask_backups(init));
    if (init->backups == NULL)
        return err_hint(arena, err_new(arena, ERR_USAGE, "where the backups are is not known"), "--path PATH");
    if (init->conninfo != NULL && init->critical == NULL)
        TRY(look_at_live(init));
    if (init->conninfo == NULL && init->asks)
        TRY(ask_live(init));
    TRY(choose_critical(init));
    if (init->asks && init->slack_file == NULL)
        TRY(ask_slack(init));
    return NULL;
}

static Err *set(Init *init, Starter *starter, StarterValue value) {
    Arena *arena = init->call->arena;
    const char *written = starter_value(arena, value.value);
    if (written == NULL)
        return err_new(arena, ERR_USAGE, "%s cannot stand in a configuration file: it holds a control character",
                       text_quote(arena, text_of(value.value), 100));
    value.value = written;
    *LIST_PUSH(arena, starter->values) = value;
    return NULL;
}

/* Relative to where the user stands, not to where the file will lie. */
static const char *absolute(Arena *arena, const char *path) {
    if (path[0] == '/')
        return path;
    char *here = getcwd(NULL, 0);
    const char *full = here == NULL ? path : file_join(arena, here, path);
    free(here);
    return full;
}

static const char *why_critical(Init *init) {
    Arena *arena = init->call->arena;
    const char *why =
        arena_printf(arena, "Chosen from the %llu tables of the live database by \"lifeboat init\" on %.10s:",
                     (unsigned long long)init->considered, time_text(arena, time_now()));
    LIST_EACH (const CriticalTable, table, init->proposed) {
        why = arena_printf(arena, "%s\n  %s: %s", why, table->name, table->reasons);
    }
    return why;
}

static Err *compose(Init *init, Starter *starter) {
    Arena *arena = init->call->arena;
    const char *file = NULL;
    starter->target = init->target;
    TRY(set(init, starter, (StarterValue){"target", "path", absolute(arena, init->backups), NULL, false}));
    if (init->conninfo != NULL && init->conninfo_secret) {
        TRY(beside(init, "against", &file));
        TRY(set(init, starter, (StarterValue){"target", "against_file", absolute(arena, file), NULL, false}));
    } else if (init->conninfo != NULL) {
        TRY(set(init, starter, (StarterValue){"target", "against", init->conninfo, NULL, false}));
    }
    if (init->critical != NULL)
        TRY(set(init, starter,
                (StarterValue){"target", "critical", init->critical, init->critical_found ? why_critical(init) : NULL,
                               false}));
    if (init->slack_file == NULL)
        return NULL;
    starter->channel = "slack";
    TRY(set(init, starter, (StarterValue){"notify", "type", "slack", NULL, false}));
    return set(init, starter, (StarterValue){"notify", "url_file", absolute(arena, init->slack_file), NULL, false});
}

/* The file is read as the next command will read it, before it takes the place of an old one. */
static Err *prove(Arena *arena, Text bytes, const char *path) {
    Config *config = NULL;
    Targets targets = {0};
    TRY(config_parse(arena, bytes, path, &config));
    TRY(section_validate(arena, config));
    TRY(target_load_all(arena, config, &targets));
    NotifyChannels channels = {0};
    return notify_channels(arena, config, &channels);
}

static Err *write_all(Init *init) {
    Arena *arena = init->call->arena;
    Starter starter = {0};
    const char *slash = strrchr(init->path, '/'), *file = NULL;
    Buf *out = buf_new(arena, 1 << 20);
    TRY(compose(init, &starter));
    starter_render(arena, &starter, out);
    if (slash != NULL && slash != init->path)
        TRY(file_make_directories(arena, arena_strndup(arena, init->path, (size_t)(slash - init->path)), 0755));
    if (init->secret != NULL)
        TRY(file_write_atomic(arena, init->slack_file, text_of(arena_printf(arena, "%s\n", init->secret)), 0600));
    if (init->conninfo_secret) {
        TRY(beside(init, "against", &file));
        TRY(file_write_atomic(arena, file, text_of(arena_printf(arena, "%s\n", init->conninfo)), 0600));
    }
    TRY(prove(arena, buf_view(out), init->path));
    return file_write_atomic(arena, init->path, buf_view(out), 0600);
}

static Err *run(CommandCall *call) {
    TRY(command_expect_operands(call, 0, 0));
    Init init = {.call = call, .asks = ask_possible(call)};
    TRY(take_flags(&init));
    TRY(refuse_existing(&init));
    TRY(gather(&init));
    TRY(write_all(&init));
    Arena *arena = call->arena;
    fprintf(call->out, "%s %s written.\n", terminal_mark(arena, call->terminal, TERMINAL_GOOD),
            text_safe(arena, init.path));
    fprintf(call->out, "\nNext: lifeboat doctor\n      lifeboat verify --target %s\n", init.target);
    return NULL;
}

const Command cmd_init = {
    .name = "init",
    .group = COMMAND_GROUP_SETUP,
    .synopsis = "init",
    .summary = "write a commented configuration; asks on a terminal, takes flags otherwise",
    .detail =
        "The file holds every setting there is with its explanation; what is not known yet is commented out. Given the "
        "live "
        "database, init proposes the tables that must be in every backup and says why: tables that others refer to, "
        "tables that "
        "hold much of the data, and tables with a telling name.\n\n"
        "Written is what --config or LIFEBOAT_CONFIG names, else /etc/lifeboat/lifeboat.conf for root and "
        "~/.config/lifeboat/lifeboat.conf for others. Secrets that are typed in go into files of their own (mode 600).",
    .examples = "$ lifeboat init\nAsks, on a terminal.\n"
                "$ lifeboat init --path /var/backups/app --against service=app\nWithout questions, for scripts.",
    .options = options,
    .run = run,
};
