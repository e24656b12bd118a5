/* SPDX-License-Identifier: PostgreSQL */
#include "base/contain.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/text.h"

/* What the child tells the parent, in memory that both have. A chain of errors is kept link by link. */
enum { CONTAIN_LINKS = 16, CONTAIN_WORDS = 4096 };

typedef struct Link {
    ErrKind kind;
    bool hinted;
    char message[CONTAIN_WORDS], hint[CONTAIN_WORDS];
} Link;

typedef struct Shared {
    bool finished;
    int status;
    int links;
    Link link[CONTAIN_LINKS];
} Shared;

static void keep(char *to, const char *from) {
    size_t length = strnlen(from, CONTAIN_WORDS - 1);
    memcpy(to, from, length);
    to[length] = '\0';
}

static void tell(Shared *shared, const Err *err, int status) {
    for (; err != NULL && shared->links < CONTAIN_LINKS; err = err->cause) {
        Link *link = &shared->link[shared->links++];
        link->kind = err->kind;
        keep(link->message, err->message);
        link->hinted = err->hint != NULL;
        keep(link->hint, link->hinted ? err->hint : "");
    }
    shared->status = status;
    shared->finished = true;
}

static Err *told(Arena *arena, const Shared *shared) {
    Err *err = NULL;
    for (int at = shared->links - 1; at >= 0; at--) {
        const Link *link = &shared->link[at];
        Err *outer = err_new(arena, link->kind, "%s", link->message);
        outer->cause = err;
        if (link->hinted)
            outer->hint = arena_strdup(arena, link->hint);
        err = outer;
    }
    return err;
}

static _Noreturn void run_child(Shared *shared, pid_t parent, ContainWork work, void *context) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    /* A group of its own: the parent passes the first interrupt on, once; progress may still go to the terminal. */
    setpgid(0, 0);
    signal(SIGTTOU, SIG_IGN);
    interrupt_quiet();
    Arena *arena = arena_new();
    int status = 0;
    Err *err = work(arena, context, &status);
    tell(shared, err, status);
    arena_free(arena);
    fflush(NULL);
    _exit(0);
}

/* The first interrupt is passed on and the child given time to end cleanly; a second one ends both (interrupt.c). */
static int wait_for(pid_t child) {
    int ended = 0, descriptor = pidfd_open(child, 0);
    bool passed_on = false;
    for (;;) {
        pid_t got = waitpid(child, &ended, WNOHANG);
        if (got == child || (got < 0 && errno != EINTR))
            break;
        if (interrupt_requested() && !passed_on) {
            passed_on = true;
            kill(child, SIGTERM);
        }
        struct pollfd watch = {.fd = descriptor, .events = POLLIN};
        poll(&watch, 1, 100);
    }
    if (descriptor >= 0)
        close(descriptor);
    return ended;
}

static const char *how_it_ended(Arena *arena, int ended) {
    if (!WIFSIGNALED(ended))
        return arena_printf(arena, "ended early with status %d", WEXITSTATUS(ended));
    const char *words = sigdescr_np(WTERMSIG(ended));
    return arena_printf(arena, "ended by signal %d (%s)", WTERMSIG(ended), words == NULL ? "unknown" : words);
}

Err *contain_run(Arena *arena, ContainWork work, void *context, ContainResult *out) {
    *out = (ContainResult){0};
    Shared *shared = mmap(NULL, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return err_errno(arena, errno, "cannot make memory to share with a child process");
    fflush(NULL); /* or the child would print what waits here a second time */
    pid_t parent = getpid(), child = fork();
    if (child == 0)
        run_child(shared, parent, work, context);
    Err *err = child < 0 ? err_errno(arena, errno, "cannot start a child process") : NULL;
    int ended = err == NULL ? wait_for(child) : 0;
    out->finished = shared->finished && WIFEXITED(ended) && WEXITSTATUS(ended) == 0;
    out->status = shared->status;
    if (err == NULL && !out->finished)
        out->died = how_it_ended(arena, ended);
    if (out->finished)
        err = told(arena, shared);
    munmap(shared, sizeof(Shared));
    return err;
}
