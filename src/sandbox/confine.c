/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/confine.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "base/process.h"
#include "base/text.h"
#include "base/time.h"

static void add(Arena *arena, ConfineArguments *out, const char *const *words) {
    for (; *words != NULL; words++)
        *LIST_PUSH(arena, *out) = *words;
}

/* Of the root's directories these stay: libraries (/nix and /gnu are roots of their own for them) and what bubblewrap
 * makes anew. Every other one is empty in the confinement: people's files, services' sockets, other disks. A name that
 * is a link (merged /usr makes /bin one) is reached through its target. */
static const char *const shown[] = {"usr", "lib", "lib32", "lib64", "libx32", "nix", "gnu", "dev", "proc", "tmp"};

/* Programs below them. */
static const char *const masked[] = {"/usr/bin", "/usr/sbin", "/usr/games", "/usr/local/bin", "/usr/local/sbin"};

/* What the C library and PostgreSQL read below /etc. */
static const char *const kept[] = {"/etc/ld.so.cache",   "/etc/passwd",    "/etc/group",
                                   "/etc/nsswitch.conf", "/etc/localtime", "/etc/postgresql-common",
                                   "/etc/ld.so.conf",    "/etc/timezone"};

static bool is_real_directory(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool is_shown(const char *name) {
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        if (strcmp(shown[i], name) == 0)
            return true;
    return false;
}

static void hide_root(Arena *arena, ConfineArguments *out) {
    DIR *root = opendir("/");
    for (const struct dirent *entry = root == NULL ? NULL : readdir(root); entry != NULL; entry = readdir(root)) {
        const char *path = arena_printf(arena, "/%s", entry->d_name);
        if (entry->d_name[0] != '.' && !is_shown(entry->d_name) && is_real_directory(path))
            add(arena, out, (const char *const[]){"--tmpfs", path, NULL});
    }
    if (root != NULL)
        closedir(root);
}

/* A PostgreSQL that is not the system's has its libraries and shared files beside its programs (prefix/bin,
 * prefix/lib), or in a whole system's tree (root/usr/lib/postgresql/17/bin, root/usr/lib, root/usr/share). */
static void show_installation(Arena *arena, const char *program, ConfineArguments *out) {
    static const char *const beside[] = {"lib", "lib64", "share"};
    static const char *const tree[] = {"lib", "lib64", "usr/lib", "usr/lib64", "usr/share"};
    const char *debian = strstr(program, "/usr/lib/postgresql/");
    Text root = debian != NULL ? (Text){.at = program, .length = (size_t)(debian - program)} : text_of(program);
    for (int up = 0; debian == NULL && up < 2; up++)
        while (root.length > 0 && root.at[--root.length] != '/')
            continue;
    if (root.length == 0 || text_is(root, "/usr"))
        return;
    size_t count = debian != NULL ? sizeof(tree) / sizeof(tree[0]) : sizeof(beside) / sizeof(beside[0]);
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(arena, "%.*s/%s", TEXT_ARG(root), debian != NULL ? tree[i] : beside[i]);
        add(arena, out, (const char *const[]){"--ro-bind-try", path, path, NULL});
    }
}

void confine_arguments(Arena *arena, const ConfineRequest *request, ConfineArguments *out) {
    add(arena, out,
        (const char *const[]){"bwrap", "--unshare-net", "--unshare-ipc", "--ro-bind", "/", "/", "--dev", "/dev",
                              "--proc", "/proc", "--tmpfs", "/tmp", NULL});
    if (!request->outlives)
        add(arena, out, (const char *const[]){"--unshare-pid", "--die-with-parent", NULL});
    hide_root(arena, out);
    for (size_t i = 0; i < sizeof(masked) / sizeof(masked[0]); i++) {
        if (is_real_directory(masked[i]))
            add(arena, out, (const char *const[]){"--tmpfs", masked[i], NULL});
    }
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        add(arena, out, (const char *const[]){"--ro-bind-try", kept[i], kept[i], NULL});
    /* After the masks, because they may lie below one of them. */
    show_installation(arena, request->program, out);
    add(arena, out, (const char *const[]){"--ro-bind", request->program, request->program, NULL});
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
    const ConfineRequest confine = {.program = program};
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
