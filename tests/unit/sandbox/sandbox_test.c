/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "sandbox/sandbox.h"

/* Every test makes its sandboxes in a directory of its own and looks there for what was left behind. */
static Arena *arena;
static char parent[64];

static int set_up(void **state) {
    (void)state;
    arena = arena_new();
    strcpy(parent, "/var/tmp/lbtest-XXXXXX");
    return mkdtemp(parent) == NULL || chmod(parent, 0755) != 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(arena);
    return rmdir(parent); /* fails when something is left in it */
}

static void must(Err *err) {
    if (err != NULL)
        fail_msg("%s", err_text(arena, err));
}

static size_t leftovers(void) {
    char **names = NULL;
    size_t count = 0;
    must(file_list(arena, parent, &names, &count));
    return count;
}

static char *ask(const Sandbox *sandbox, const char *sql) {
    PGconn *connection = PQconnectdb(sandbox_conninfo(arena, sandbox, "postgres", SANDBOX_SUPERUSER));
    assert_int_equal(PQstatus(connection), CONNECTION_OK);
    PGresult *result = PQexec(connection, sql);
    char *answer = arena_strdup(arena, PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) > 0
                                           ? PQgetvalue(result, 0, 0)
                                           : PQresultErrorMessage(result));
    PQclear(result);
    PQfinish(connection);
    return answer;
}

static void make_ask_and_close(void **state) {
    (void)state;
    Sandbox *sandbox = NULL;
    must(sandbox_make(arena, &(SandboxRequest){.parent = parent}, &sandbox));
    assert_true(sandbox->seconds < 15);
    assert_string_equal(ask(sandbox, "SELECT current_user"), SANDBOX_SUPERUSER);
    assert_string_equal(ask(sandbox, "SHOW listen_addresses"), "");
    assert_string_equal(ask(sandbox, "SHOW archive_mode"), "off");
    assert_string_equal(ask(sandbox, "SELECT count(*)::text FROM pg_roles WHERE rolname = 'postgres'"), "0");
    assert_int_equal(leftovers(), 1);
    must(sandbox_close(sandbox));
    assert_int_equal(leftovers(), 0);
    must(sandbox_close(sandbox));
}

/* Inside a chroot or an unprivileged container the kernel refuses new namespaces to everybody. */
static bool machine_can_confine(void) {
    ProcessResult result = {0};
    must(process_run(
        arena,
        &(ProcessRequest){.arguments = (const char *const[]){"bwrap", "--unshare-net", "--unshare-pid", "--ro-bind",
                                                             "/", "/", "--proc", "/proc", "true", NULL},
                          .user = geteuid() == 0 ? "postgres" : NULL,
                          .directory = "/"},
        &result));
    return result.status == 0;
}

/* What a hostile superuser tries, and the same against an unconfined sandbox as control. Where confinement is
 * impossible the sandbox must say so. */
static void confined_reaches_nothing(void **state) {
    (void)state;
    static const char program[] = "COPY (SELECT 1) TO PROGRAM 'cat >/dev/null'";
    static const char secret[] = "SELECT pg_read_file('/etc/hostname')";
    const bool possible = machine_can_confine();
    for (int confined = 0; confined < 2; confined++) {
        Sandbox *sandbox = NULL;
        must(sandbox_make(arena, &(SandboxRequest){.parent = parent, .unconfined = !confined}, &sandbox));
        assert_int_equal(sandbox->confined, confined && possible);
        if (confined && !possible)
            assert_non_null(strstr(sandbox->confinement, "not confined: bubblewrap says"));
        const char *ran = ask(sandbox, program), *read = ask(sandbox, secret);
        if (sandbox->confined) {
            assert_non_null(strstr(ran, "ERROR"));
            assert_non_null(strstr(read, "No such file"));
        } else {
            assert_string_equal(ran, "");
            assert_null(strstr(read, "ERROR"));
        }
        must(sandbox_close(sandbox));
    }
}

static void freed_with_its_arena(void **state) {
    (void)state;
    Arena *work = arena_child(arena);
    Sandbox *sandbox = NULL;
    must(sandbox_make(work, &(SandboxRequest){.parent = parent}, &sandbox));
    arena_free(work);
    assert_int_equal(leftovers(), 0);
}

static void swept_after_kill(void **state) {
    (void)state;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        Sandbox *sandbox = NULL;
        Arena *own = arena_new();
        Err *err = sandbox_make(own, &(SandboxRequest){.parent = parent}, &sandbox);
        char answer = err == NULL ? 'y' : 'n';
        if (write(ready[1], &answer, 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    char answer = 'n';
    assert_int_equal(read(ready[0], &answer, 1), 1);
    close(ready[0]);
    close(ready[1]);
    assert_int_equal(answer, 'y');
    size_t swept = 7;
    must(sandbox_sweep(arena, parent, &swept)); /* its owner lives */
    assert_int_equal(swept, 0);
    assert_int_equal(leftovers(), 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    must(sandbox_sweep(arena, parent, &swept));
    assert_int_equal(swept, 1);
    assert_int_equal(leftovers(), 0);
}

static void strangers_are_not_swept(void **state) {
    (void)state;
    const char *stranger = arena_printf(arena, "%s/lifeboat-sandbox-abcdef", parent);
    assert_int_equal(mkdir(stranger, 0700), 0);
    size_t swept = 7;
    must(sandbox_sweep(arena, parent, &swept));
    assert_int_equal(swept, 0);
    assert_int_equal(leftovers(), 1);
    assert_int_equal(rmdir(stranger), 0);
}

static void refusals(void **state) {
    (void)state;
    static const struct {
        SandboxRequest request;
        ErrKind kind;
        const char *words;
    } cases[] = {
        {{.bytes_needed = UINT64_C(1) << 50}, ERR_LIMIT, "is free there"},
        {{.bytes_needed = UINT64_MAX}, ERR_LIMIT, "is free there"},
        {{.least_major = 99}, ERR_UNSUPPORTED, "PostgreSQL 99"},
        {{.bindir = "/usr/share"}, ERR_NOT_FOUND, "no PostgreSQL programs"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        SandboxRequest request = cases[i].request;
        request.parent = parent;
        Sandbox *sandbox = NULL;
        Err *err = sandbox_make(arena, &request, &sandbox);
        assert_non_null(err);
        assert_true(err_is(err, cases[i].kind));
        assert_non_null(strstr(err_text(arena, err), cases[i].words));
        assert_non_null(err_first_hint(err));
        assert_int_equal(leftovers(), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(make_ask_and_close, set_up, tear_down),
        cmocka_unit_test_setup_teardown(confined_reaches_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(freed_with_its_arena, set_up, tear_down),
        cmocka_unit_test_setup_teardown(swept_after_kill, set_up, tear_down),
        cmocka_unit_test_setup_teardown(strangers_are_not_swept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refusals, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
