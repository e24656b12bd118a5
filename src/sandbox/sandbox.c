/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "sandbox/confine.h"
#include "sandbox/leftover.h"

static const int64_t start_patience = 60 * TIME_SECOND;
static const uint64_t mebibyte = 1024 * 1024;

/* Headroom beyond what the database needs: a fresh cluster, its WAL before it is recycled, sorts of index builds. */
static const uint64_t disk_headroom = UINT64_C(256) * 1024 * 1024;

static Err *check_disk(Arena *arena, const char *parent, uint64_t needed) {
    uint64_t available = 0;
    TRY(file_free_space(arena, parent, &available));
    if (needed > UINT64_MAX - disk_headroom || available < needed + disk_headroom)
        return err_hint(arena,
                        err_new(arena, ERR_LIMIT, "restoring needs about %s in %s, but only %s is free there",
                                file_size_text(arena, needed + disk_headroom), parent,
                                file_size_text(arena, available)),
                        "free some space, or name another place in LIFEBOAT_SANDBOX_DIR");
    return NULL;
}

/* Root hands the server to an ordinary user, because PostgreSQL refuses to run as root. */
static Err *choose_user(Arena *arena, const char **user, uid_t *uid, gid_t *gid) {
    *user = NULL;
    *uid = geteuid();
    *gid = getegid();
    if (*uid != 0)
        return NULL;
    static const char *const candidates[] = {"postgres", "nobody"};
    for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
        const struct passwd *entry = getpwnam(candidates[i]);
        if (entry != NULL && entry->pw_uid != 0) {
            *user = candidates[i];
            *uid = entry->pw_uid;
            *gid = entry->pw_gid;
            return NULL;
        }
    }
    return err_hint(arena, err_new(arena, ERR_NOT_FOUND, "no ordinary user to run the sandbox server as"),
                    "create an operating system user named postgres, or do not run lifeboat as root");
}

static Err *make_directory(Sandbox *sandbox, const char *parent, uid_t uid, gid_t gid) {
    Arena *arena = sandbox->arena;
    char *path = arena_printf(arena, "%s/%sXXXXXX", parent, LEFTOVER_PREFIX);
    if (strlen(path) + sizeof("/.s.PGSQL.5432") > sizeof(((struct sockaddr_un *)0)->sun_path))
        return err_hint(arena, err_new(arena, ERR_LIMIT, "the path %s is too long for a Unix socket", parent),
                        "name a shorter directory in LIFEBOAT_SANDBOX_DIR");
    if (mkdtemp(path) == NULL)
        return err_errno(arena, errno, "cannot make a sandbox in %s", parent);
    sandbox->directory = path;
    sandbox->socket = path;
    sandbox->log = file_join(arena, path, "server.log");
    sandbox->start_log = file_join(arena, path, "start.log");
    TRY(leftover_mark(arena, path, &sandbox->marker));
    if (geteuid() == 0 && chown(path, uid, gid) != 0)
        return err_errno(arena, errno, "cannot give %s to user %s", path, sandbox->user);
    return NULL;
}

static Err *init_cluster(Sandbox *sandbox) {
    Arena *arena = sandbox->arena;
    const char *data = file_join(arena, sandbox->directory, "data");
    ProcessResult result = {0};
    const ProcessRequest request = {
        .arguments = (const char *const[]){tools_program(arena, sandbox->tools, "initdb"), "--pgdata", data,
                                           "--username", SANDBOX_SUPERUSER, "--auth", "trust", "--encoding", "UTF8",
                                           "--locale", "C", "--no-sync", NULL},
        .directory = sandbox->directory,
        .user = sandbox->user,
        .deadline = start_patience,
    };
    Err *err = process_must(arena, &request, &result);
    return err == NULL ? NULL : err_wrap(arena, err, "cannot make a sandbox cluster");
}

static uint64_t clamp(uint64_t value, uint64_t least, uint64_t most) {
    return value < least ? least : value > most ? most : value;
}

static uint64_t machine_memory(void) {
    struct sysinfo info;
    return sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit : 1024 * mebibyte;
}

static void add_setting(Arena *arena, ConfineArguments *out, const char *setting) {
    *LIST_PUSH(arena, *out) = "-c";
    *LIST_PUSH(arena, *out) = setting;
}

/* Safety first (nothing may reach the world), then speed (nothing in it must survive a crash). */
static void server_settings(Sandbox *sandbox, ConfineArguments *out) {
    static const char *const fixed[] = {
        "listen_addresses=",
        "port=5432",
        "archive_mode=off",
        "wal_level=minimal",
        "max_wal_senders=0",
        "shared_preload_libraries=",
        "session_preload_libraries=",
        "local_preload_libraries=",
        "max_logical_replication_workers=0",
        "fsync=off",
        "full_page_writes=off",
        "synchronous_commit=off",
        "autovacuum=off",
        "max_wal_size=32GB",
        "checkpoint_timeout=1h",
        "max_connections=40",
        "logging_collector=on",
        "log_filename=server.log",
        "log_file_mode=0600",
        "log_rotation_age=0",
        "log_rotation_size=0",
        "log_min_messages=warning",
        "log_min_error_statement=panic",
        "log_timezone=UTC",
        "timezone=UTC",
        "unix_socket_permissions=0700",
        "max_parallel_maintenance_workers=1",
    };
    Arena *arena = sandbox->arena;
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
        add_setting(arena, out, fixed[i]);
    uint64_t memory = machine_memory() / mebibyte;
    add_setting(arena, out, arena_printf(arena, "log_directory=%s", sandbox->directory));
    add_setting(arena, out, arena_printf(arena, "unix_socket_directories=%s", sandbox->socket));
    add_setting(arena, out, arena_printf(arena, "shared_buffers=%luMB", (unsigned long)clamp(memory / 8, 32, 1024)));
    add_setting(arena, out,
                arena_printf(arena, "maintenance_work_mem=%luMB", (unsigned long)clamp(memory / 32, 64, 512)));
}

static Err *start_server(Sandbox *sandbox, uint64_t memory) {
    Arena *arena = sandbox->arena;
    ConfineArguments arguments = {0};
    /* prlimit (util-linux) bounds what one server process may allocate, so that a hostile function costs a backend, not
     * the machine. */
    if (process_find(arena, "prlimit") != NULL) {
        *LIST_PUSH(arena, arguments) = "prlimit";
        *LIST_PUSH(arena, arguments) = arena_printf(arena, "--data=%llu", (unsigned long long)memory);
        *LIST_PUSH(arena, arguments) = "--core=0";
        *LIST_PUSH(arena, arguments) = "--";
    }
    const char *program = tools_program(arena, sandbox->tools, "postgres");
    if (sandbox->confined) {
        const ConfineRequest confine = {.program = program, .writable = sandbox->directory};
        confine_arguments(arena, &confine, &arguments);
    }
    *LIST_PUSH(arena, arguments) = program;
    *LIST_PUSH(arena, arguments) = "-D";
    *LIST_PUSH(arena, arguments) = file_join(arena, sandbox->directory, "data");
    server_settings(sandbox, &arguments);
    *LIST_PUSH(arena, arguments) = NULL;
    int log = open(sandbox->start_log, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (log < 0)
        return err_errno(arena, errno, "cannot write %s", sandbox->start_log);
    const ProcessRequest request = {
        .arguments = arguments.items, .user = sandbox->user, .directory = sandbox->directory, .output = log};
    Err *err = process_start(arena, &request, &sandbox->server);
    close(log);
    return err;
}

static Err *await_ready(Sandbox *sandbox) {
    Arena *arena = sandbox->arena;
    const char *conninfo = sandbox_conninfo(arena, sandbox, "postgres", SANDBOX_SUPERUSER);
    int64_t began = time_monotonic();
    while (time_monotonic() - began < start_patience) {
        TRY(interrupt_check(arena));
        if (!process_running(sandbox->server))
            return err_new(arena, ERR_PROCESS, "the sandbox server did not start: %s",
                           sandbox_last_words(arena, sandbox));
        if (PQping(conninfo) == PQPING_OK)
            return NULL;
        usleep(20 * 1000);
    }
    return err_new(arena, ERR_TIMEOUT, "the sandbox server did not answer within a minute: %s",
                   sandbox_last_words(arena, sandbox));
}

static void close_with_arena(void *what) {
    Sandbox *sandbox = what;
    Err *err = sandbox_close(sandbox);
    if (err != NULL)
        log_error("sandbox not removed", "directory", sandbox->directory, "error", err->message, NULL);
}

static Err *bring_up(Sandbox *sandbox, const SandboxRequest *request, const char *parent) {
    Arena *arena = sandbox->arena;
    uid_t uid;
    gid_t gid;
    TRY(choose_user(arena, &sandbox->user, &uid, &gid));
    TRY(make_directory(sandbox, parent, uid, gid));
    if (request->unconfined)
        sandbox->confinement = "not confined: asked not to (Unix socket only, no TCP)";
    else
        TRY(confine_probe(arena, sandbox->user, tools_program(arena, sandbox->tools, "postgres"), &sandbox->confined,
                          &sandbox->confinement));
    TRY(init_cluster(sandbox));
    uint64_t memory = request->memory != 0 ? request->memory : clamp(machine_memory() / 4, 0, 4096 * mebibyte);
    TRY(start_server(sandbox, memory));
    return await_ready(sandbox);
}

Err *sandbox_make(Arena *arena, const SandboxRequest *request, Sandbox **out) {
    int64_t began = time_monotonic();
    const char *parent = leftover_parent(request->parent);
    size_t swept = 0;
    TRY(sandbox_sweep(arena, parent, &swept));
    if (swept > 0)
        log_info("removed sandboxes of runs that were killed", "parent", parent, NULL);
    TRY(check_disk(arena, parent, request->bytes_needed));
    Sandbox *sandbox = ARENA_NEW(arena, Sandbox);
    *sandbox = (Sandbox){.arena = arena, .marker = -1};
    TRY(tools_server(arena, request->bindir, request->least_major, &sandbox->tools));
    arena_defer(arena, close_with_arena, sandbox);
    Err *err = bring_up(sandbox, request, parent);
    if (err != NULL) {
        Err *left = sandbox_close(sandbox);
        if (left != NULL)
            log_error("sandbox not removed", "directory", sandbox->directory, "error", left->message, NULL);
        return err;
    }
    sandbox->seconds = (double)(time_monotonic() - began) / (double)TIME_SECOND;
    *out = sandbox;
    return NULL;
}

const char *sandbox_conninfo(Arena *arena, const Sandbox *sandbox, const char *database, const char *role) {
    /* Names come from dumps: quoted as libpq wants, backslash and quote escaped. */
    Buf *buf = buf_new(arena, 64 * 1024);
    const char *const pairs[][2] = {{"host", sandbox->socket}, {"port", "5432"}, {"dbname", database}, {"user", role}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        buf_printf(buf, "%s%s='", i == 0 ? "" : " ", pairs[i][0]);
        for (const char *at = pairs[i][1]; *at != '\0'; at++) {
            if (*at == '\'' || *at == '\\')
                buf_byte(buf, '\\');
            buf_byte(buf, *at);
        }
        buf_byte(buf, '\'');
    }
    buf_string(buf, " sslmode=disable gssencmode=disable application_name=lifeboat");
    return buf->at;
}

Err *sandbox_close(Sandbox *sandbox) {
    if (sandbox->closed || sandbox->kept)
        return NULL;
    sandbox->closed = true;
    if (sandbox->server != NULL)
        process_stop(sandbox->server, SIGQUIT, 5 * TIME_SECOND);
    if (sandbox->directory == NULL)
        return NULL;
    Err *err = leftover_remove(sandbox->arena, sandbox->directory);
    if (sandbox->marker >= 0)
        close(sandbox->marker);
    sandbox->marker = -1;
    return err == NULL ? NULL
                       : err_wrap(sandbox->arena, err, "the sandbox %s was not removed completely", sandbox->directory);
}

/* Started again on its own, as confined as before: what the dump brought may still act when it is looked at. */
static Err *start_kept(Sandbox *sandbox, const char *data) {
    Arena *arena = sandbox->arena;
    const char *program = tools_program(arena, sandbox->tools, "postgres");
    ConfineArguments arguments = {0};
    /* The shell stays until the server has a session of its own: what is left in its group when it ends is killed. */
    static const char *const detach[] = {"sh", "-c", "setsid --fork \"$@\"; sleep 2", "sh"};
    for (size_t i = 0; i < sizeof(detach) / sizeof(detach[0]); i++)
        *LIST_PUSH(arena, arguments) = detach[i];
    if (sandbox->confined) {
        const ConfineRequest confine = {.program = program, .outlives = true, .writable = sandbox->directory};
        confine_arguments(arena, &confine, &arguments);
    }
    *LIST_PUSH(arena, arguments) = program;
    *LIST_PUSH(arena, arguments) = "-D";
    *LIST_PUSH(arena, arguments) = data;
    server_settings(sandbox, &arguments);
    *LIST_PUSH(arena, arguments) = NULL;
    /* What ALTER SYSTEM wrote is not obeyed: it could name programs to run. */
    TRY(file_write_atomic(arena, file_join(arena, data, "postgresql.auto.conf"), text_of(""), 0644));
    ProcessResult result = {0};
    const ProcessRequest request = {.arguments = arguments.items,
                                    .directory = sandbox->directory,
                                    .user = sandbox->user,
                                    .deadline = start_patience};
    TRY(process_must(arena, &request, &result));
    const char *conninfo = sandbox_conninfo(arena, sandbox, "postgres", SANDBOX_SUPERUSER);
    for (int64_t began = time_monotonic(); time_monotonic() - began < start_patience;) {
        TRY(interrupt_check(arena));
        if (PQping(conninfo) == PQPING_OK)
            return NULL;
        usleep(20 * 1000);
    }
    return err_new(arena, ERR_TIMEOUT, "the sandbox server did not start again: %s",
                   sandbox_last_words(arena, sandbox));
}

Err *sandbox_keep(Sandbox *sandbox, const char **how_to_remove) {
    Arena *arena = sandbox->arena;
    const char *data = file_join(arena, sandbox->directory, "data");
    const char *control = tools_program(arena, sandbox->tools, "pg_ctl");
    process_stop(sandbox->server, SIGINT, 30 * TIME_SECOND);
    TRY(leftover_kill(arena, sandbox->directory));
    TRY(start_kept(sandbox, data));
    TRY(leftover_keep(arena, sandbox->directory));
    sandbox->kept = true;
    *how_to_remove = arena_printf(
        arena, "%s%s%s stop -m immediate -D %s; rm -rf %s", sandbox->user == NULL ? "" : "runuser -u ",
        sandbox->user == NULL ? "" : sandbox->user,
        arena_printf(arena, "%s%s", sandbox->user == NULL ? "" : " -- ", control), data, sandbox->directory);
    return NULL;
}

Err *sandbox_sweep(Arena *arena, const char *parent, size_t *swept) {
    uid_t uid;
    gid_t gid;
    const char *user;
    TRY(choose_user(arena, &user, &uid, &gid));
    return leftover_sweep(arena, leftover_parent(parent), uid, swept);
}

static Text read_log(Arena *arena, const char *path) {
    Buf *log = NULL;
    Err *err = path == NULL ? NULL : file_read_all(arena, path, 16 * mebibyte, &log);
    return err == NULL && log != NULL ? text_trim(buf_view(log)) : (Text){0};
}

const char *sandbox_last_words(Arena *arena, const Sandbox *sandbox) {
    Text words = read_log(arena, sandbox->log);
    if (words.length == 0) /* it failed before it opened its log */
        words = read_log(arena, sandbox->start_log);
    if (words.length == 0)
        return "it left no message";
    return text_quote(arena, text_slice(words, words.length > 400 ? words.length - 400 : 0, words.length), 400);
}
