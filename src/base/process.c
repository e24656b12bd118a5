/* SPDX-License-Identifier: PostgreSQL */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/list.h"
#include "base/time.h"

extern char **environ;

enum {
    PROCESS_TICK_MS = 20,
    PROCESS_KEEP = 1 << 20,
    PROCESS_LINE = 8192,
    PROCESS_GROUPS = 256,
    PROCESS_LAST_READS = 64, /* of 16 KiB: more than a pipe holds */
};

/* Time a group gets between SIGTERM and SIGKILL: pg_restore uses it to cancel its queries. */
#define PROCESS_PATIENCE (2 * TIME_SECOND)

typedef struct User {
    bool change;
    uid_t uid;
    gid_t gid;
    gid_t groups[PROCESS_GROUPS];
    int group_count;
} User;

/* Everything the child needs, made ready before the fork: between fork and exec only async-signal-safe calls are
 * allowed. */
typedef struct Launch {
    const char *program;
    char *const *arguments;
    char *const *environment;
    const char *directory;
    User user;
    int input, output, errors; /* descriptors for 0, 1, 2 */
    int report;                /* written to when exec fails */
    pid_t parent;
} Launch;

struct Process {
    pid_t pid;
    bool reaped;
};

static bool is_program(const char *path) {
    struct stat found;
    return stat(path, &found) == 0 && S_ISREG(found.st_mode) && access(path, X_OK) == 0;
}

const char *process_find(Arena *arena, const char *program) {
    if (strchr(program, '/') != NULL)
        return is_program(program) ? arena_strdup(arena, program) : NULL;
    const char *path = getenv("PATH");
    Text rest = text_of(path != NULL ? path : "/usr/local/bin:/usr/bin:/bin");
    while (rest.length > 0) {
        Text directory = text_cut(rest, ':', &rest);
        /* An empty or relative entry means the working directory, where a backup may have put anything. */
        if (!text_starts(directory, "/"))
            continue;
        const char *candidate = arena_printf(arena, "%.*s/%s", TEXT_ARG(directory), program);
        if (is_program(candidate))
            return candidate;
    }
    return NULL;
}

static Err *find_user(Arena *arena, const char *name, User *out) {
    struct passwd entry, *found = NULL;
    char *scratch = arena_alloc(arena, 16384);
    int failed = getpwnam_r(name, &entry, scratch, 16384, &found);
    if (found == NULL)
        return failed != 0 ? err_errno(arena, failed, "cannot look up the user %s", text_safe(arena, name))
                           : err_new(arena, ERR_NOT_FOUND, "there is no user %s", text_safe(arena, name));
    *out = (User){.change = true, .uid = entry.pw_uid, .gid = entry.pw_gid, .group_count = PROCESS_GROUPS};
    if (getgrouplist(name, entry.pw_gid, out->groups, &out->group_count) < 0)
        return err_new(arena, ERR_LIMIT, "the user %s is in too many groups", text_safe(arena, name));
    return NULL;
}

static bool same_variable(const char *a, const char *b) {
    size_t length = strcspn(a, "=");
    return strncmp(a, b, length) == 0 && b[length] == '=';
}

static char **merge_environment(Arena *arena, const char *const *added) {
    LIST(char *) merged = {0};
    for (char **ours = environ; ours != NULL && *ours != NULL; ours++) {
        bool replaced = false;
        for (size_t i = 0; added != NULL && added[i] != NULL; i++)
            replaced = replaced || same_variable(added[i], *ours);
        if (!replaced)
            *LIST_PUSH(arena, merged) = *ours;
    }
    for (size_t i = 0; added != NULL && added[i] != NULL; i++)
        *LIST_PUSH(arena, merged) = arena_strdup(arena, added[i]);
    *LIST_PUSH(arena, merged) = NULL;
    return merged.items;
}

static bool become(const User *user) {
    return !user->change || (setgroups((size_t)user->group_count, user->groups) == 0 && setgid(user->gid) == 0 &&
                             setuid(user->uid) == 0);
}

static _Noreturn void run_child(const Launch *launch) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    bool ready = become(&launch->user);
    /* After the change of user, which would clear it; and the parent may already be gone. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != launch->parent)
        _exit(127);
    ready = ready && (launch->directory == NULL || chdir(launch->directory) == 0);
    ready = ready && dup2(launch->input, 0) >= 0 && dup2(launch->output, 1) >= 0 && dup2(launch->errors, 2) >= 0;
    if (ready) {
        /* Libraries open descriptors too: nothing of ours may be inherited but 0, 1, 2. */
        close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
        execve(launch->program, launch->arguments, launch->environment);
    }
    int number = errno;
    ssize_t ignored = write(launch->report, &number, sizeof(number));
    (void)ignored;
    _exit(127);
}

/* Forks and waits until the program runs; an errno when it could not be started. */
static int launch_child(Launch *launch, pid_t *pid) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0)
        return errno;
    launch->report = report[1];
    launch->parent = getpid();
    *pid = fork();
    if (*pid == 0)
        run_child(launch);
    int number = *pid < 0 ? errno : 0;
    close(report[1]);
    if (*pid > 0) {
        setpgid(*pid, *pid); /* both sides do it: whoever comes first */
        ssize_t got = 0;
        int failure = 0;
        do {
            got = read(report[0], &failure, sizeof(failure));
        } while (got < 0 && errno == EINTR);
        if (got == (ssize_t)sizeof(failure)) {
            number = failure;
            while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
                continue;
        }
    }
    close(report[0]);
    return number;
}

static Err *prepare(Arena *arena, const ProcessRequest *request, Launch *launch) {
    const char *name = request->arguments[0];
    launch->program = process_find(arena, name);
    if (launch->program == NULL)
        return err_hint(arena, err_new(arena, ERR_NOT_FOUND, "the program %s was not found", text_safe(arena, name)),
                        "install it, or put its directory into PATH");
    LIST(char *) arguments = {0};
    for (size_t i = 0; request->arguments[i] != NULL; i++)
        *LIST_PUSH(arena, arguments) = arena_strdup(arena, request->arguments[i]);
    *LIST_PUSH(arena, arguments) = NULL;
    launch->arguments = arguments.items;
    launch->environment = merge_environment(arena, request->environment);
    launch->directory = request->directory;
    if (request->user != NULL)
        TRY(find_user(arena, request->user, &launch->user));
    return NULL;
}

static void close_if_open(int *descriptor) {
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

/* --- collecting --- */

/* An unfinished line. */
typedef struct Line {
    pid_t writer; /* 0: whoever writes to the pipe */
    size_t length;
    char bytes[PROCESS_LINE];
} Line;

typedef struct Stream {
    int descriptor; /* our end of the pipe, -1 when closed */
    Arena *arena;
    Buf *kept;
    size_t keep;
    LIST(Line *) lines; /* of each writer, for on_line and on_line_of */
    void (*on_line)(Text line, void *context);
    void (*on_line_of)(pid_t writer, Text line, void *context);
    void *context;
} Stream;

static void keep_bytes(Stream *stream, const char *bytes, size_t length) {
    if (length > stream->keep) {
        bytes += length - stream->keep;
        length = stream->keep;
    }
    if (stream->kept->length + length > 2 * stream->keep) {
        size_t rest = stream->keep - length;
        memmove(stream->kept->at, stream->kept->at + stream->kept->length - rest, rest);
        stream->kept->length = rest;
    }
    buf_append(stream->kept, bytes, length);
}

static void keep_last(Stream *stream) {
    Buf *kept = stream->kept;
    if (kept->length <= stream->keep)
        return;
    memmove(kept->at, kept->at + kept->length - stream->keep, stream->keep + 1);
    kept->length = stream->keep;
}

static void finish_line(Stream *stream, Line *line) {
    const Text text = {.at = line->bytes, .length = line->length};
    if (stream->on_line_of != NULL)
        stream->on_line_of(line->writer, text, stream->context);
    else
        stream->on_line(text, stream->context);
    line->length = 0;
}

static Line *line_of(Stream *stream, pid_t writer) {
    LIST_EACH (Line *, known, stream->lines) {
        if ((*known)->writer == writer)
            return *known;
    }
    Line *line = ARENA_NEW(stream->arena, Line);
    line->writer = writer;
    *LIST_PUSH(stream->arena, stream->lines) = line;
    return line;
}

static void tell_lines(Stream *stream, pid_t writer, const char *bytes, size_t length) {
    if (stream->on_line == NULL && stream->on_line_of == NULL)
        return;
    Line *line = line_of(stream, writer);
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n') {
            finish_line(stream, line);
            continue;
        }
        if (line->length == PROCESS_LINE)
            finish_line(stream, line); /* longer than any line worth reading: given in pieces */
        line->bytes[line->length++] = bytes[i];
    }
}

/* Reads what one writer wrote. A socket with SO_PASSCRED never joins the words of two processes, and says whose they
 * are. */
static ssize_t read_words(const Stream *stream, char *bytes, size_t room, pid_t *writer) {
    *writer = 0;
    if (stream->on_line_of == NULL)
        return read(stream->descriptor, bytes, room);
    union {
        struct cmsghdr header; /* for its alignment */
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec piece = {.iov_base = bytes, .iov_len = room};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
    ssize_t got = recvmsg(stream->descriptor, &message, MSG_CMSG_CLOEXEC);
    for (struct cmsghdr *at = CMSG_FIRSTHDR(&message); got > 0 && at != NULL; at = CMSG_NXTHDR(&message, at)) {
        struct ucred sender;
        if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_CREDENTIALS)
            continue;
        memcpy(&sender, CMSG_DATA(at), sizeof(sender));
        *writer = sender.pid;
    }
    return got;
}

/* Takes what is there now; false when the pipe is empty or at its end. */
static bool take_some(Stream *stream) {
    char bytes[16384];
    if (stream->descriptor < 0)
        return false;
    pid_t writer;
    ssize_t got = read_words(stream, bytes, sizeof(bytes), &writer);
    if (got > 0) {
        keep_bytes(stream, bytes, (size_t)got);
        tell_lines(stream, writer, bytes, (size_t)got);
        return true;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return false;
    close_if_open(&stream->descriptor);
    return false;
}

/* What is still in the pipe. A daemon that kept it open makes us neither wait nor read for ever. */
static void take_rest(Stream *stream) {
    for (int i = 0; i < PROCESS_LAST_READS && take_some(stream); i++)
        continue;
}

static void open_stream(Stream *stream, Arena *arena, const ProcessRequest *request) {
    stream->arena = arena;
    stream->keep = request->keep == 0 ? PROCESS_KEEP : request->keep;
    stream->kept = buf_new(arena, 2 * stream->keep);
    stream->descriptor = -1;
}

/* --- running --- */

typedef struct Run {
    pid_t pid;
    int exit_descriptor; /* readable once the child has ended; -1 where the kernel has none, then the tick notices */
    Stream output, errors;
    int64_t started;
    int64_t deadline; /* monotonic, 0 for none */
    int64_t kill_at;  /* monotonic: when patience after SIGTERM ends, 0 before */
    bool interrupted, timed_out;
    bool cleaning_up;
} Run;

static void wait_for_words(Run *run) {
    struct pollfd polled[] = {{.fd = run->output.descriptor, .events = POLLIN},
                              {.fd = run->errors.descriptor, .events = POLLIN},
                              {.fd = run->exit_descriptor, .events = POLLIN}};
    poll(polled, 3, PROCESS_TICK_MS);
    take_some(&run->output);
    take_some(&run->errors);
}

static void press(Run *run) {
    int64_t now = time_monotonic();
    if (run->kill_at != 0) {
        if (now >= run->kill_at)
            kill(-run->pid, SIGKILL);
        return;
    }
    run->interrupted = interrupt_requested() && !run->cleaning_up;
    run->timed_out = !run->interrupted && run->deadline != 0 && now >= run->deadline;
    if (run->interrupted || run->timed_out) {
        kill(-run->pid, SIGTERM);
        kill(-run->pid, SIGCONT); /* a stopped process cannot hear SIGTERM */
        run->kill_at = now + PROCESS_PATIENCE;
    }
}

static bool has_ended(pid_t pid) {
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

static void reap(pid_t pid, ProcessResult *out) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    out->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    out->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void watch(Run *run, ProcessResult *out) {
    while (!has_ended(run->pid)) {
        wait_for_words(run);
        press(run);
    }
    /* Before reaping, while the process id is still ours: nothing the child left in its group stays behind. */
    kill(-run->pid, SIGKILL);
    take_rest(&run->output);
    take_rest(&run->errors);
    LIST_EACH (Line *, line, run->errors.lines) {
        if ((*line)->length > 0)
            finish_line(&run->errors, *line);
    }
    reap(run->pid, out);
    keep_last(&run->output);
    keep_last(&run->errors);
    out->elapsed = time_monotonic() - run->started;
    out->timed_out = run->timed_out;
    out->output = run->output.kept;
    out->errors = run->errors.kept;
}

static int make_pipe(Stream *stream, int *child_end) {
    int ends[2];
    if (stream->on_line_of == NULL) {
        if (pipe2(ends, O_CLOEXEC) != 0)
            return errno;
    } else if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0 ||
               setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int)) != 0) {
        return errno;
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    stream->descriptor = ends[0];
    *child_end = ends[1];
    return 0;
}

Err *process_run(Arena *arena, const ProcessRequest *request, ProcessResult *out) {
    Launch launch = {.input = -1, .output = -1, .errors = -1};
    if (!request->cleaning_up)
        TRY(interrupt_check(arena));
    TRY(prepare(arena, request, &launch));
    Run *run = ARENA_NEW(arena, Run);
    run->cleaning_up = request->cleaning_up;
    open_stream(&run->output, arena, request);
    open_stream(&run->errors, arena, request);
    run->errors.on_line = request->on_line;
    run->errors.on_line_of = request->on_line_of;
    run->errors.context = request->context;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC), own_output = -1;
    int number = null < 0 ? errno : make_pipe(&run->errors, &launch.errors);
    if (number == 0 && request->output == 0)
        number = make_pipe(&run->output, &own_output);
    launch.input = request->input != 0 ? request->input : null;
    launch.output = request->output != 0 ? request->output : own_output;
    run->started = time_monotonic();
    if (number == 0)
        number = launch_child(&launch, &run->pid);
    close_if_open(&null);
    close_if_open(&own_output);
    close_if_open(&launch.errors);
    if (number == 0) {
        run->deadline = request->deadline == 0 ? 0 : run->started + request->deadline;
        *out = (ProcessResult){0};
        run->exit_descriptor = pidfd_open(run->pid, 0);
        watch(run, out);
        close_if_open(&run->exit_descriptor);
    }
    close_if_open(&run->output.descriptor);
    close_if_open(&run->errors.descriptor);
    if (number != 0)
        return err_errno(arena, number, "cannot start %s", text_safe(arena, request->arguments[0]));
    if (run->interrupted)
        return err_new(arena, ERR_INTERRUPTED, "%s was stopped on request", text_safe(arena, request->arguments[0]));
    return NULL;
}

/* The last line that says something. */
static Text last_words(const Buf *errors) {
    Text rest = text_trim(buf_view(errors));
    size_t from = rest.length;
    while (from > 0 && rest.at[from - 1] != '\n')
        from--;
    return text_slice(rest, from, rest.length);
}

Err *process_must(Arena *arena, const ProcessRequest *request, ProcessResult *out) {
    TRY(process_run(arena, request, out));
    if (out->status == 0)
        return NULL;
    const char *name = text_safe(arena, request->arguments[0]);
    Text words = last_words(out->errors);
    const char *said = words.length == 0 ? "" : arena_printf(arena, ": %s", text_quote(arena, words, 300));
    if (out->timed_out)
        return err_new(arena, ERR_PROCESS, "%s was ended after %s%s", name, time_length_text(arena, out->elapsed),
                       said);
    if (out->signal != 0)
        return err_new(arena, ERR_PROCESS, "%s was ended by signal %d (%s)%s", name, out->signal,
                       sigdescr_np(out->signal), said);
    return err_new(arena, ERR_PROCESS, "%s ended with exit status %d%s", name, out->status, said);
}

/* --- long-running children --- */

static void stop_for_good(void *what) {
    process_stop(what, SIGTERM, PROCESS_PATIENCE);
}

Err *process_start(Arena *arena, const ProcessRequest *request, Process **out) {
    Launch launch = {0};
    TRY(prepare(arena, request, &launch));
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0)
        return err_errno(arena, errno, "cannot open /dev/null");
    launch.input = request->input != 0 ? request->input : null;
    launch.output = launch.errors = request->output != 0 ? request->output : null;
    Process *process = ARENA_NEW(arena, Process);
    int number = launch_child(&launch, &process->pid);
    close(null);
    if (number != 0)
        return err_errno(arena, number, "cannot start %s", text_safe(arena, request->arguments[0]));
    arena_defer(arena, stop_for_good, process);
    *out = process;
    return NULL;
}

pid_t process_pid(const Process *process) {
    return process->pid;
}

bool process_running(Process *process) {
    if (!process->reaped && has_ended(process->pid)) {
        ProcessResult ignored;
        kill(-process->pid, SIGKILL);
        reap(process->pid, &ignored);
        process->reaped = true;
    }
    return !process->reaped;
}

void process_stop(Process *process, int signal, int64_t patience) {
    if (!process_running(process))
        return;
    kill(process->pid, signal);
    int64_t until = time_monotonic() + patience;
    while (process_running(process) && time_monotonic() < until)
        poll(NULL, 0, PROCESS_TICK_MS);
    if (!process->reaped) {
        ProcessResult ignored;
        kill(-process->pid, SIGKILL);
        reap(process->pid, &ignored);
        process->reaped = true;
    }
}
