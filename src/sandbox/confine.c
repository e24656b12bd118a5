/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/confine.h"

#include <sys/stat.h>

#include "base/process.h"
#include "base/text.h"
#include "base/time.h"

static void add(Arena *arena, ConfineArguments *out, const char *const *words) {
    for (; *words != NULL; words++)
        *LIST_PUSH(arena, *out) = *words;
}

/* Directories that hold programs, people's files and services' sockets: in the confinement they are empty. A path that
 * is a link (merged /usr makes /bin one) is reached through its target. */
static const char *const masked[] = {"/bin",   "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin",
                                     "/etc",   "/home", "/root",    "/var",      "/srv",           "/mnt",
                                     "/media", "/run",  "/boot"};

/* What the C library and PostgreSQL read below /etc. */
static const char *const kept[] = {"/etc/ld.so.cache",   "/etc/passwd",    "/etc/group",
                                   "/etc/nsswitch.conf", "/etc/localtime", "/etc/postgresql-common",
                                   "/etc/ld.so.conf",    "/etc/timezone"};

static bool is_real_directory(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

void confine_arguments(Arena *arena, const ConfineRequest *request, ConfineArguments *out) {
    add(arena, out,
        (const char *const[]){"bwrap", "--unshare-net", "--unshare-pid", "--unshare-ipc", "--die-with-parent",
                              "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", NULL});
    for (size_t i = 0; i < sizeof(masked) / sizeof(masked[0]); i++) {
        if (is_real_directory(masked[i]))
            add(arena, out, (const char *const[]){"--tmpfs", masked[i], NULL});
    }
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        add(arena, out, (const char *const[]){"--ro-bind-try", kept[i], kept[i], NULL});
    /* After the masks, because either may lie below one of them. */
    if (request->readable != NULL)
        add(arena, out, (const char *const[]){"--ro-bind", request->readable, request->readable, NULL});
    if (request->writable != NULL)
        add(arena, out,
            (const char *const[]){"--bind", request->writable, request->writable, "--chdir", request->writable, NULL});
    add(arena, out, (const char *const[]){"--", NULL});
}

Err *confine_probe(Arena *arena, const char *user, const char *program, bool *works, const char **sentence) {
    *works = false;
    if (process_find(arena, "bwrap") == NULL) {
        *sentence = "not confined: bubblewrap is not installed (Unix socket only, no TCP)";
        return NULL;
    }
    ConfineArguments arguments = {0};
    const ConfineRequest confine = {.readable = program};
    confine_arguments(arena, &confine, &arguments);
    *LIST_PUSH(arena, arguments) = program;
    *LIST_PUSH(arena, arguments) = "--version";
    *LIST_PUSH(arena, arguments) = NULL;
    ProcessResult result = {0};
    const ProcessRequest request = {
        .arguments = arguments.items, .user = user, .deadline = 10 * TIME_SECOND, .directory = "/"};
    Err *err = process_run(arena, &request, &result);
    if (err != NULL) {
        if (err_is(err, ERR_INTERRUPTED))
            return err;
        *sentence = arena_printf(arena, "not confined: bubblewrap does not start (%s)", err_text(arena, err));
        return NULL;
    }
    *works = result.status == 0;
    if (*works)
        *sentence = "no network, no programs to run, private /tmp, read-only root (bubblewrap)";
    else
        *sentence = arena_printf(arena, "not confined: bubblewrap says %s (Unix socket only, no TCP)",
                                 text_quote(arena, text_trim(buf_view(result.errors)), 120));
    return NULL;
}
