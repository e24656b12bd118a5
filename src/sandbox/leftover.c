/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/leftover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"

static const char marker_name[] = "lifeboat-sandbox.marker";
static const char marker_text[] = "A throw-away PostgreSQL of lifeboat. It is removed when its owner is gone.\n";
static const char kept_text[] = "A throw-away PostgreSQL of lifeboat, kept on request.\n";

const char *leftover_parent(const char *given) {
    if (given != NULL)
        return given;
    const char *named = getenv("LIFEBOAT_SANDBOX_DIR");
    return named != NULL && named[0] != '\0' ? named : "/var/tmp";
}

static Err *write_all(Arena *arena, int descriptor, const char *text, const char *path) {
    size_t length = strlen(text);
    if (write(descriptor, text, length) != (ssize_t)length)
        return err_errno(arena, errno, "cannot write %s", path);
    return NULL;
}

Err *leftover_mark(Arena *arena, const char *directory, int *descriptor) {
    const char *path = file_join(arena, directory, marker_name);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_errno(arena, errno, "cannot write %s", path);
    *descriptor = fd;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return err_errno(arena, errno, "cannot lock %s", path);
    return write_all(arena, fd, marker_text, path);
}

Err *leftover_keep(Arena *arena, const char *directory) {
    return file_write_atomic(arena, file_join(arena, directory, marker_name), text_of(kept_text), 0600);
}

/* PostgreSQL's processes have the data directory as their working directory. */
static bool works_in(const char *process, const char *directory) {
    char link[64], target[PATH_MAX];
    int length = snprintf(link, sizeof(link), "/proc/%s/cwd", process);
    if (length < 0 || (size_t)length >= sizeof(link))
        return false;
    ssize_t got = readlink(link, target, sizeof(target) - 1);
    if (got <= 0)
        return false;
    target[got] = '\0';
    size_t prefix = strlen(directory);
    return strncmp(target, directory, prefix) == 0 && (target[prefix] == '\0' || target[prefix] == '/');
}

/* Kills what works there; returns how many processes were found. */
static size_t kill_once(const char *directory) {
    size_t found = 0;
    DIR *processes = opendir("/proc");
    if (processes == NULL)
        return 0;
    for (const struct dirent *entry = readdir(processes); entry != NULL; entry = readdir(processes)) {
        char *end = NULL;
        long pid = strtol(entry->d_name, &end, 10);
        if (pid <= 1 || *end != '\0' || pid == getpid() || !works_in(entry->d_name, directory))
            continue;
        found++;
        kill((pid_t)pid, SIGKILL);
    }
    closedir(processes);
    return found;
}

Err *leftover_kill(Arena *arena, const char *directory) {
    char *resolved = realpath(directory, NULL);
    if (resolved == NULL)
        return NULL;
    const char *path = arena_strdup(arena, resolved);
    free(resolved);
    int64_t began = time_monotonic();
    while (kill_once(path) > 0) {
        if (time_monotonic() - began > 10 * TIME_SECOND)
            return err_new(arena, ERR_TIMEOUT, "processes in %s do not end", directory);
        usleep(10 * 1000);
    }
    return NULL;
}

Err *leftover_remove(Arena *arena, const char *directory) {
    TRY(leftover_kill(arena, directory));
    return file_remove_tree(arena, directory);
}

/* True when the directory is provably ours and its owner is dead; then the marker is locked by us. */
static bool is_abandoned(Arena *arena, const char *directory, uid_t uid, int *marker) {
    struct stat info;
    if (lstat(directory, &info) != 0 || !S_ISDIR(info.st_mode))
        return false;
    if (info.st_uid != uid && info.st_uid != geteuid())
        return false;
    int fd = open(file_join(arena, directory, marker_name), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return false;
    char text[sizeof(marker_text)] = {0};
    ssize_t got = pread(fd, text, sizeof(text) - 1, 0);
    bool ours = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink == 1 &&
                got == (ssize_t)sizeof(marker_text) - 1 && memcmp(text, marker_text, sizeof(marker_text) - 1) == 0;
    if (!ours || flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return false;
    }
    *marker = fd;
    return true;
}

Err *leftover_sweep(Arena *arena, const char *parent, uid_t uid, size_t *swept) {
    char **names = NULL;
    size_t count = 0;
    *swept = 0;
    TRY(file_list(arena, parent, &names, &count));
    for (size_t i = 0; i < count; i++) {
        int marker = -1;
        const char *directory = file_join(arena, parent, names[i]);
        if (strncmp(names[i], LEFTOVER_PREFIX, strlen(LEFTOVER_PREFIX)) != 0 ||
            !is_abandoned(arena, directory, uid, &marker))
            continue;
        Err *err = leftover_remove(arena, directory);
        close(marker);
        if (err == NULL)
            (*swept)++;
        else /* it does not stand in the way of a new one */
            log_warning("cannot remove an abandoned sandbox", "directory", directory, "error", err->message, NULL);
    }
    return NULL;
}
