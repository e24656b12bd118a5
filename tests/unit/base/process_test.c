/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/process.h"
#include "base/time.h"

#define SHELL(script) ((const char *const[]){"sh", "-c", (script), NULL})

static ProcessResult run(Arena *arena, ProcessRequest request) {
    ProcessResult result = {0};
    const Err *err = process_run(arena, &request, &result);
    if (err != NULL)
        fail_msg("%s", err_text(arena, err));
    return result;
}

static bool is_alive(pid_t pid) {
    /* a zombie still answers kill(0): ask for its state */
    Arena *arena = arena_new();
    Buf *stat = NULL;
    const char *path = arena_printf(arena, "/proc/%d/stat", (int)pid);
    bool alive = file_read_all(arena, path, 4096, &stat) == NULL && strstr(stat->at, ") Z ") == NULL;
    arena_free(arena);
    return alive;
}

static bool dies_within(pid_t pid, int milliseconds) {
    for (; milliseconds > 0 && is_alive(pid); milliseconds -= 10)
        usleep(10000);
    return !is_alive(pid);
}

static void status_and_words_both_come_back(void **state) {
    static const struct {
        const char *script;
        int status, signal;
        const char *output, *errors;
    } cases[] = {
        {"echo out; echo err >&2", 0, 0, "out\n", "err\n"},
        {"echo warning: errors ignored >&2; exit 0", 0, 0, "", "warning: errors ignored\n"},
        {"exit 3", 3, 0, "", ""},
        {"kill -9 $$", -1, 9, "", ""},
        {"cat", 0, 0, "", ""}, /* standard input is empty, not ours */
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ProcessResult result = run(arena, (ProcessRequest){.arguments = SHELL(cases[i].script)});
        assert_int_equal(result.status, cases[i].status);
        assert_int_equal(result.signal, cases[i].signal);
        assert_false(result.timed_out);
        assert_string_equal(result.output->at, cases[i].output);
        assert_string_equal(result.errors->at, cases[i].errors);
    }
    arena_free(arena);
}

static void arguments_reach_the_program_as_they_are(void **state) {
    Arena *arena = arena_new();
    const char *const arguments[] = {"printf", "%s|", "a b", "$HOME", "; rm -rf", "'", "", NULL};
    ProcessResult result = run(arena, (ProcessRequest){.arguments = arguments});
    assert_string_equal(result.output->at, "a b|$HOME|; rm -rf|'||");
    arena_free(arena);
}

static void streams_larger_than_a_pipe_do_not_block(void **state) {
    Arena *arena = arena_new();
    const char *script = "head -c 3000000 /dev/zero | tr '\\0' e >&2 & head -c 3000000 /dev/zero | tr '\\0' o; wait; "
                         "echo end; echo END >&2";
    ProcessResult result =
        run(arena, (ProcessRequest){.arguments = SHELL(script), .deadline = 60 * TIME_SECOND, .keep = 1000});
    assert_int_equal(result.status, 0);
    assert_int_equal(result.output->length, 1000); /* the last ones */
    assert_int_equal(result.errors->length, 1000);
    assert_true(text_ends(buf_view(result.output), "oooend\n"));
    assert_true(text_ends(buf_view(result.errors), "eeeEND\n"));
    assert_true(arena_used(arena) < 200000);
    arena_free(arena);
}

static void the_deadline_ends_the_whole_group(void **state) {
    static const char *const scripts[] = {
        "sleep 1000 & echo $!; sleep 1000",
        "trap '' TERM; sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1; done' & sleep 1000; sleep 1000", /* deaf */
    };
    for (size_t i = 0; i < 2; i++) {
        Arena *arena = arena_new();
        ProcessResult result = run(arena, (ProcessRequest){.arguments = SHELL(scripts[i]), .deadline = 300 * 1000});
        assert_true(result.timed_out);
        assert_true(result.elapsed >= 300 * 1000 && result.elapsed < 10 * TIME_SECOND);
        int64_t grandchild = strtol(result.output->at, NULL, 10);
        assert_true(grandchild > 1);
        assert_true(dies_within((pid_t)grandchild, 2000));
        arena_free(arena);
    }
}

static void nothing_is_left_in_the_group(void **state) {
    Arena *arena = arena_new();
    ProcessResult result = run(arena, (ProcessRequest){.arguments = SHELL("sleep 1000 & echo $!")});
    assert_int_equal(result.status, 0);
    assert_true(result.elapsed < 5 * TIME_SECOND); /* the open pipe of the one left behind is not waited for */
    assert_true(dies_within((pid_t)strtol(result.output->at, NULL, 10), 2000));
    arena_free(arena);
}

static void children_die_with_us(void **state) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t middle = fork();
    if (middle == 0) {
        Arena *arena = arena_new();
        ProcessResult ignored;
        process_run(arena, &(ProcessRequest){.arguments = SHELL("echo $$; exec sleep 1000"), .output = ends[1]},
                    &ignored);
        _exit(0);
    }
    char bytes[32] = "";
    assert_true(read(ends[0], bytes, sizeof(bytes) - 1) > 0);
    pid_t child = (pid_t)strtol(bytes, NULL, 10);
    assert_true(is_alive(child));
    kill(middle, SIGKILL);
    waitpid(middle, NULL, 0);
    assert_true(dies_within(child, 2000));
    close(ends[0]);
    close(ends[1]);
}

static void an_interrupt_ends_the_child(void **state) {
    pid_t pid = fork();
    if (pid == 0) {
        fclose(stderr);
        interrupt_install();
        Arena *arena = arena_new();
        ProcessResult result;
        const Err *err =
            process_run(arena, &(ProcessRequest){.arguments = SHELL("kill -INT $PPID; sleep 1000")}, &result);
        _exit(err != NULL && err->kind == ERR_INTERRUPTED ? 0 : 1);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
}

static void what_cannot_be_started_is_an_error(void **state) {
    static const struct {
        const char *program, *directory, *user;
        ErrKind kind;
    } cases[] = {
        {"lifeboat-no-such-program", NULL, NULL, ERR_NOT_FOUND},
        {"/etc/passwd", NULL, NULL, ERR_NOT_FOUND},
        {"/", NULL, NULL, ERR_NOT_FOUND},
        {"true", "/nonexistent", NULL, ERR_NOT_FOUND},
        {"true", NULL, "no-such-user-here", ERR_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        ProcessResult result;
        const char *const arguments[] = {cases[i].program, NULL};
        ProcessRequest request = {.arguments = arguments, .directory = cases[i].directory, .user = cases[i].user};
        const Err *err = process_run(arena, &request, &result);
        if (err == NULL)
            fail_msg("case %zu was started", i);
        assert_int_equal(err->kind, cases[i].kind);
        arena_free(arena);
    }
}

static void programs_are_never_found_in_the_working_directory(void **state) {
    Arena *arena = arena_new();
    char directory[] = "/tmp/lifeboat-process-XXXXXX";
    assert_non_null(mkdtemp(directory));
    assert_null(file_write_atomic(arena, file_join(arena, directory, "pg_restore_fake"), TEXT("#!/bin/sh\n"), 0755));
    const char *path = arena_strdup(arena, getenv("PATH"));
    assert_int_equal(chdir(directory), 0);
    setenv("PATH", ":.:/usr/bin:/bin", 1);
    assert_null(process_find(arena, "pg_restore_fake"));
    assert_string_equal(process_find(arena, "./pg_restore_fake"), "./pg_restore_fake");
    setenv("PATH", arena_printf(arena, "%s:/bin", directory), 1);
    assert_non_null(process_find(arena, "pg_restore_fake"));
    setenv("PATH", path, 1);
    assert_int_equal(chdir("/"), 0);
    assert_null(file_remove_tree(arena, directory));
    arena_free(arena);
}

static void the_environment_is_ours_with_additions(void **state) {
    Arena *arena = arena_new();
    setenv("LIFEBOAT_KEPT", "kept", 1);
    setenv("LIFEBOAT_REPLACED", "old", 1);
    const char *const added[] = {"LIFEBOAT_REPLACED=new", "LIFEBOAT_ADDED=added", NULL};
    ProcessResult result =
        run(arena, (ProcessRequest){.arguments = SHELL("echo $LIFEBOAT_KEPT $LIFEBOAT_REPLACED $LIFEBOAT_ADDED; env | "
                                                       "grep -c LIFEBOAT_REPLACED; pwd"),
                                    .environment = added,
                                    .directory = "/usr"});
    assert_string_equal(result.output->at, "kept new added\n1\n/usr\n");
    arena_free(arena);
}

static void no_descriptor_is_inherited(void **state) {
    Arena *arena = arena_new();
    int leaking = open("/dev/null", O_RDONLY); /* deliberately without O_CLOEXEC, and far from what a shell opens */
    assert_int_equal(fcntl(leaking, F_DUPFD, 50), 50);
    ProcessResult result =
        run(arena, (ProcessRequest){.arguments = SHELL("for f in /proc/$$/fd/*; do echo ${f##*/}; done")});
    close(leaking);
    close(50);
    assert_non_null(strstr(result.output->at, "2\n"));
    assert_null(strstr(result.output->at, "50\n"));
    arena_free(arena);
}

static void another_user_can_be_become(void **state) {
    const struct passwd *nobody = getpwnam("nobody");
    if (geteuid() != 0 || nobody == NULL) {
        /* only root can; that anybody else is refused is what can be shown then */
        Arena *arena = arena_new();
        ProcessResult result;
        assert_non_null(process_run(arena, &(ProcessRequest){.arguments = SHELL("true"), .user = "root"}, &result));
        arena_free(arena);
        return;
    }
    Arena *arena = arena_new();
    ProcessResult result = run(arena, (ProcessRequest){.arguments = SHELL("id -un; id -G"), .user = "nobody"});
    const char *expected = arena_printf(arena, "nobody\n%u\n", (unsigned)nobody->pw_gid);
    assert_string_equal(result.output->at, expected);
    arena_free(arena);
}

static void collect_line(Text line, void *context) {
    buf_text(context, line);
    buf_byte(context, '|');
}

static void lines_of_errors_are_told_as_they_come(void **state) {
    Arena *arena = arena_new();
    Buf *lines = buf_new(arena, 1 << 20);
    run(arena, (ProcessRequest){.arguments = SHELL("printf 'one\\ntwo' >&2; sleep 0.1; printf ' more\\n\\nlast' >&2"),
                                .on_line = collect_line,
                                .context = lines});
    assert_string_equal(lines->at, "one|two more||last|");
    arena_free(arena);
}

typedef struct Said {
    pid_t writers[4];
    const char *lines[4];
    size_t count;
    Arena *arena;
} Said;

static void collect_line_of(pid_t writer, Text line, void *context) {
    Said *said = context;
    assert_true(said->count < 4);
    said->writers[said->count] = writer;
    said->lines[said->count++] = text_dup(said->arena, line);
}

static void what_two_processes_say_at_once_is_kept_apart(void **state) {
    Arena *arena = arena_new();
    Said said = {.arena = arena};
    ProcessResult result = run(
        arena, (ProcessRequest){.arguments = SHELL("(printf a1; sleep 0.2; printf 'a2\\n') >&2 & "
                                                   "(sleep 0.1; printf b1; sleep 0.2; printf 'b2\\nb3') >&2 & wait"),
                                .on_line_of = collect_line_of,
                                .context = &said});
    assert_string_equal(result.errors->at, "a1b1a2\nb2\nb3");
    assert_int_equal(said.count, 3);
    assert_string_equal(said.lines[0], "a1a2");
    assert_string_equal(said.lines[1], "b1b2");
    assert_string_equal(said.lines[2], "b3");
    assert_true(said.writers[0] != said.writers[1] && said.writers[1] == said.writers[2] && said.writers[0] > 1);
    arena_free(arena);
}

static void must_names_the_last_words(void **state) {
    static const struct {
        const char *script;
        int64_t deadline;
        const char *words;
    } cases[] = {
        {"echo first >&2; echo 'cannot open' >&2; exit 4", 0, "sh ended with exit status 4: \"cannot open\""},
        {"exit 1", 0, "sh ended with exit status 1"},
        {"kill -TERM $$", 0, "sh was ended by signal 15 (Terminated)"},
        {"printf '\\033[31mred' >&2; exit 2", 0, "\\x1b[31mred"},
        {"sleep 100", 100000, "sh was ended after"},
    };
    Arena *arena = arena_new();
    ProcessResult result;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ProcessRequest request = {.arguments = SHELL(cases[i].script), .deadline = cases[i].deadline};
        const Err *err = process_must(arena, &request, &result);
        assert_non_null(err);
        assert_int_equal(err->kind, ERR_PROCESS);
        if (strstr(err->message, cases[i].words) == NULL)
            fail_msg("%s", err->message);
    }
    assert_null(process_must(arena, &(ProcessRequest){.arguments = SHELL("true")}, &result));
    arena_free(arena);
}

static void servers_are_stopped_and_go_with_the_arena(void **state) {
    Arena *arena = arena_new(), *inner = arena_child(arena);
    Process *polite = NULL, *deaf = NULL, *forgotten = NULL, *gone = NULL;
    assert_null(process_start(arena, &(ProcessRequest){.arguments = SHELL("exec sleep 1000")}, &polite));
    assert_null(
        process_start(arena, &(ProcessRequest){.arguments = SHELL("trap '' INT; while :; do sleep 1; done")}, &deaf));
    assert_null(process_start(inner, &(ProcessRequest){.arguments = SHELL("exec sleep 1000")}, &forgotten));
    assert_null(process_start(arena, &(ProcessRequest){.arguments = SHELL("exit 0")}, &gone));
    assert_true(process_running(polite) && process_running(deaf) && process_running(forgotten));
    int64_t before = time_monotonic();
    process_stop(polite, SIGTERM, 10 * TIME_SECOND);
    assert_false(process_running(polite));
    process_stop(deaf, SIGINT, TIME_SECOND / 5);
    assert_false(process_running(deaf));
    assert_true(time_monotonic() - before < 5 * TIME_SECOND);
    pid_t pid = process_pid(forgotten);
    arena_free(inner);
    assert_false(is_alive(pid));
    for (int i = 0; i < 200 && process_running(gone); i++)
        usleep(10000);
    assert_false(process_running(gone));
    process_stop(gone, SIGTERM, TIME_SECOND);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_and_words_both_come_back),
        cmocka_unit_test(arguments_reach_the_program_as_they_are),
        cmocka_unit_test(streams_larger_than_a_pipe_do_not_block),
        cmocka_unit_test(the_deadline_ends_the_whole_group),
        cmocka_unit_test(nothing_is_left_in_the_group),
        cmocka_unit_test(children_die_with_us),
        cmocka_unit_test(an_interrupt_ends_the_child),
        cmocka_unit_test(what_cannot_be_started_is_an_error),
        cmocka_unit_test(programs_are_never_found_in_the_working_directory),
        cmocka_unit_test(the_environment_is_ours_with_additions),
        cmocka_unit_test(no_descriptor_is_inherited),
        cmocka_unit_test(another_user_can_be_become),
        cmocka_unit_test(lines_of_errors_are_told_as_they_come),
        cmocka_unit_test(what_two_processes_say_at_once_is_kept_apart),
        cmocka_unit_test(must_names_the_last_words),
        cmocka_unit_test(servers_are_stopped_and_go_with_the_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
