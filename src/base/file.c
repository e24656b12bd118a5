/* SPDX-License-Identifier: PostgreSQL */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/list.h"

/* Directories nested deeper than this were not made by us. */
enum { FILE_DEEPEST = 200 };

static FileInfo info_from_stat(const struct stat *found) {
    FileKind kind = S_ISREG(found->st_mode) ? FILE_REGULAR : S_ISDIR(found->st_mode) ? FILE_DIRECTORY : FILE_OTHER;
    return (FileInfo){
        .kind = kind,
        .size = (uint64_t)found->st_size,
        .modified = (Time)found->st_mtim.tv_sec * TIME_SECOND + found->st_mtim.tv_nsec / 1000,
        .mode = found->st_mode & 07777,
        .owner = found->st_uid,
        .device = found->st_dev,
        .inode = found->st_ino,
    };
}

Err *file_info(Arena *arena, const char *path, FileInfo *out) {
    struct stat found;
    if (stat(path, &found) != 0)
        return err_errno(arena, errno, "cannot look at %s", text_safe(arena, path));
    *out = info_from_stat(&found);
    return NULL;
}

static void close_descriptor(void *what) {
    close((int)(intptr_t)what);
}

static Err *refuse_unless_regular(Arena *arena, const char *path, const struct stat *found) {
    const char *what = S_ISDIR(found->st_mode)    ? "a directory"
                       : S_ISFIFO(found->st_mode) ? "a FIFO (named pipe)"
                       : S_ISSOCK(found->st_mode) ? "a socket"
                                                  : "a device";
    if (S_ISREG(found->st_mode))
        return NULL;
    return err_new(arena, ERR_UNSUPPORTED, "%s is %s, not a regular file", text_safe(arena, path), what);
}

Err *file_open(Arena *arena, const char *path, int *descriptor, FileInfo *out) {
    struct stat found;
    /* Looked at before it is opened, because opening alone can hang (a FIFO) or act (a tape); and again afterwards,
     * because it may have been exchanged in between. */
    if (stat(path, &found) != 0)
        return err_errno(arena, errno, "cannot open %s", text_safe(arena, path));
    TRY(refuse_unless_regular(arena, path, &found));
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (opened < 0)
        return err_errno(arena, errno, "cannot open %s", text_safe(arena, path));
    arena_defer(arena, close_descriptor, (void *)(intptr_t)opened);
    if (fstat(opened, &found) != 0)
        return err_errno(arena, errno, "cannot look at %s", text_safe(arena, path));
    TRY(refuse_unless_regular(arena, path, &found));
    *descriptor = opened;
    if (out != NULL)
        *out = info_from_stat(&found);
    return NULL;
}

Err *file_read_at(Arena *arena, int descriptor, uint64_t offset, void *bytes, size_t size, size_t *got) {
    size_t done = 0;
    while (done < size) {
        uint64_t from = 0;
        if (__builtin_add_overflow(offset, done, &from) || from > INT64_MAX)
            return err_new(arena, ERR_DATA, "cannot read at byte %llu: no file is that large",
                           (unsigned long long)offset);
        ssize_t step = pread(descriptor, (char *)bytes + done, size - done, (off_t)from);
        if (step == 0)
            break;
        if (step < 0 && errno == EINTR)
            continue;
        if (step < 0)
            return err_errno(arena, errno, "cannot read at byte %llu", (unsigned long long)from);
        done += (size_t)step;
    }
    *got = done;
    return NULL;
}

Err *file_forward(void *forward, Text *piece) {
    FileForward *file = forward;
    size_t got = 0;
    TRY(file_read_at(file->arena, file->descriptor, file->at, file->piece, sizeof(file->piece), &got));
    file->at += got;
    *piece = (Text){.at = file->piece, .length = got};
    return NULL;
}

static Err *read_into(Arena *arena, const char *path, size_t maximum, Buf *buf) {
    int descriptor = 0;
    Arena *scratch = arena_child(arena);
    Err *err = file_open(scratch, path, &descriptor, NULL);
    char *bytes = arena_alloc(scratch, 64 * 1024);
    size_t got = 1;
    /* The size a file claims is not believed: /proc files claim 0, growing ones lie. */
    while (err == NULL && got > 0 && !buf->full) {
        err = file_read_at(scratch, descriptor, buf->length, bytes, 64 * 1024, &got);
        if (err == NULL)
            buf_append(buf, bytes, got);
    }
    if (err != NULL)
        err = err_copy(arena, err);
    else if (buf->full)
        err = err_new(arena, ERR_LIMIT, "%s is larger than the %s that is read of such a file", text_safe(arena, path),
                      file_size_text(arena, maximum));
    arena_free(scratch);
    return err;
}

Err *file_read_all(Arena *arena, const char *path, size_t maximum, Buf **out) {
    Buf *buf = buf_new(arena, maximum);
    TRY(read_into(arena, path, maximum, buf));
    *out = buf;
    return NULL;
}

static int write_all(int descriptor, Text bytes) {
    size_t done = 0;
    while (done < bytes.length) {
        ssize_t step = write(descriptor, bytes.at + done, bytes.length - done);
        if (step < 0 && errno == EINTR)
            continue;
        if (step < 0)
            return -1;
        done += (size_t)step;
    }
    return 0;
}

static const char *directory_of(Arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return ".";
    return slash == path ? "/" : arena_strndup(arena, path, (size_t)(slash - path));
}

/* The rename itself must survive a power cut. */
static void sync_directory(const char *directory) {
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    fsync(descriptor);
    close(descriptor);
}

Err *file_write_atomic(Arena *arena, const char *path, Text bytes, mode_t mode) {
    struct stat there;
    if (stat(path, &there) == 0) /* renaming over a device would put a file in its place, for everybody */
        TRY(refuse_unless_regular(arena, path, &there));
    char *temporary = arena_printf(arena, "%s.tmp.XXXXXX", path);
    int descriptor = mkostemp(temporary, O_CLOEXEC);
    if (descriptor < 0)
        return err_errno(arena, errno, "cannot write %s", text_safe(arena, path));
    bool written = fchmod(descriptor, mode) == 0 && write_all(descriptor, bytes) == 0 && fsync(descriptor) == 0;
    int number = errno;
    /* close reports what some network file systems kept back */
    if (close(descriptor) != 0 && written) {
        written = false;
        number = errno;
    }
    if (written && rename(temporary, path) != 0) {
        written = false;
        number = errno;
    }
    if (!written) {
        unlink(temporary);
        return err_errno(arena, number, "cannot write %s", text_safe(arena, path));
    }
    sync_directory(directory_of(arena, path));
    return NULL;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

Err *file_list(Arena *arena, const char *path, char ***names, size_t *count) {
    DIR *directory = opendir(path);
    if (directory == NULL)
        return err_errno(arena, errno, "cannot list %s", text_safe(arena, path));
    LIST(char *) found = {0};
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (entry == NULL)
            break;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            *LIST_PUSH(arena, found) = arena_strdup(arena, entry->d_name);
    }
    int number = errno;
    closedir(directory);
    if (number != 0)
        return err_errno(arena, number, "cannot list %s", text_safe(arena, path));
    if (found.count > 1)
        qsort(found.items, found.count, sizeof(char *), compare_names);
    *names = found.items;
    *count = found.count;
    return NULL;
}

Err *file_make_directories(Arena *arena, const char *path, mode_t mode) {
    char *partial = arena_strdup(arena, path);
    for (char *at = partial; *at != '\0'; at++) {
        if (at == partial || *at != '/')
            continue;
        *at = '\0';
        if (mkdir(partial, mode) != 0 && errno != EEXIST)
            return err_errno(arena, errno, "cannot make the directory %s", text_safe(arena, partial));
        *at = '/';
    }
    if (mkdir(partial, mode) != 0 && errno != EEXIST)
        return err_errno(arena, errno, "cannot make the directory %s", text_safe(arena, partial));
    struct stat found;
    if (stat(path, &found) == 0 && !S_ISDIR(found.st_mode))
        return err_new(arena, ERR_IO, "cannot make the directory %s: something else has that name",
                       text_safe(arena, path));
    return NULL;
}

/* Empties the directory of that descriptor, and closes it. 0 or an errno. */
static int empty_directory(int descriptor, int depth) {
    DIR *directory = depth > FILE_DEEPEST ? NULL : fdopendir(descriptor);
    if (directory == NULL) {
        int number = depth > FILE_DEEPEST ? ELOOP : errno;
        close(descriptor);
        return number;
    }
    int number = 0;
    for (const struct dirent *entry = NULL; number == 0 && (errno = 0, entry = readdir(directory)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int inner = openat(descriptor, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        if (inner >= 0)
            number = empty_directory(inner, depth + 1);
        else if (errno != ENOTDIR && errno != ELOOP)
            number = errno; /* a directory we may not open; anything else is unlinked below */
        if (number == 0 && unlinkat(descriptor, entry->d_name, inner >= 0 ? AT_REMOVEDIR : 0) != 0)
            number = errno == ENOENT ? 0 : errno;
    }
    closedir(directory);
    return number;
}

static bool may_be_removed(const char *path) {
    if (path[0] != '/' || strspn(path, "/.") == strlen(path))
        return false;
    return strstr(path, "/../") == NULL && !text_ends(text_of(path), "/..");
}

Err *file_remove_tree(Arena *arena, const char *path) {
    if (!may_be_removed(path))
        return err_new(arena, ERR_IO, "refusing to remove %s: not an absolute path of a directory of ours",
                       text_safe(arena, path));
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0)
        return err_errno(arena, errno, "cannot remove %s", text_safe(arena, path));
    int number = empty_directory(descriptor, 0);
    if (number == 0 && rmdir(path) != 0)
        number = errno;
    return number == 0 ? NULL : err_errno(arena, number, "cannot remove %s", text_safe(arena, path));
}

Err *file_free_space(Arena *arena, const char *path, uint64_t *out) {
    struct statvfs found;
    if (statvfs(path, &found) != 0)
        return err_errno(arena, errno, "cannot ask for the free space at %s", text_safe(arena, path));
    *out = (uint64_t)found.f_bavail * found.f_frsize;
    return NULL;
}

const char *file_join(Arena *arena, const char *directory, const char *name) {
    if (directory[0] == '\0' || name[0] == '/')
        return arena_strdup(arena, name);
    return arena_printf(arena, "%s%s%s", directory, text_ends(text_of(directory), "/") ? "" : "/", name);
}

const char *file_base_name(Arena *arena, const char *path) {
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    return start == end ? arena_strndup(arena, path, end) : arena_strndup(arena, path + start, end - start);
}

const char *file_size_text(Arena *arena, uint64_t bytes) {
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000)
        return arena_printf(arena, "%u byte%s", (unsigned)bytes, bytes == 1 ? "" : "s");
    double value = (double)bytes / 1000;
    size_t unit = 0;
    while (value >= 999.5) { /* so that 999,999 bytes are 1.0 MB and not 1000 kB */
        value /= 1000;
        unit++;
    }
    return arena_printf(arena, "%.*f %s", value < 9.95 ? 1 : 0, value, units[unit]);
}
