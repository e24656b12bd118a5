/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/interrupt.h"
#include "base/thread.h"

typedef struct Count {
    atomic_int done[1000];
    atomic_int started;
    size_t fail_from; /* items from this on fail */
} Count;

static Err *count_item(ThreadWorker *worker, size_t item, void *context) {
    Count *count = context;
    atomic_fetch_add(&count->started, 1);
    atomic_fetch_add(&count->done[item], 1);
    arena_alloc(worker->arena, 100);
    if (item >= count->fail_from) {
        usleep(item % 7 * 300);
        return err_new(worker->arena, ERR_DATA, "item %zu", item);
    }
    return NULL;
}

static void every_item_is_done_once(void **state) {
    static const int jobs[] = {-1, 0, 1, 2, 8, 5000};
    for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
        Arena *arena = arena_new();
        Count count = {.fail_from = SIZE_MAX};
        assert_null(thread_run(arena, jobs[i], 1000, count_item, &count));
        for (size_t item = 0; item < 1000; item++)
            assert_int_equal(count.done[item], 1);
        arena_free(arena);
    }
}

static void no_item_is_no_work(void **state) {
    Arena *arena = arena_new();
    Count count = {.fail_from = 0};
    assert_null(thread_run(arena, 4, 0, count_item, &count));
    assert_int_equal(count.started, 0);
    arena_free(arena);
}

static void the_error_of_the_lowest_item_is_returned(void **state) {
    for (int round = 0; round < 50; round++) {
        Arena *arena = arena_new();
        Count count = {.fail_from = 20};
        const Err *err = thread_run(arena, 8, 1000, count_item, &count);
        assert_non_null(err);
        assert_string_equal(err->message, "item 20"); /* and it is still readable after the threads have ended */
        assert_true(count.started < 20 + 8 + 1);      /* nothing new is started after the failure */
        arena_free(arena);
    }
}

static Err *interrupt_at_10(ThreadWorker *worker, size_t item, void *context) {
    atomic_fetch_add((atomic_int *)context, 1);
    if (item == 10)
        interrupt_request();
    return NULL;
}

/* In a child process: the request is process-wide and cannot be taken back. */
static void an_interrupt_ends_the_batch(void **state) {
    pid_t pid = fork();
    if (pid == 0) {
        atomic_int started = 0;
        Arena *arena = arena_new();
        const Err *err = thread_run(arena, 2, 1000, interrupt_at_10, &started);
        bool good = err != NULL && err->kind == ERR_INTERRUPTED && started < 1000;
        arena_free(arena);
        _exit(good ? 0 : 1);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
}

static void the_first_signal_asks_and_the_second_ends(void **state) {
    pid_t pid = fork();
    if (pid == 0) {
        fclose(stderr);
        interrupt_install();
        if (interrupt_requested())
            _exit(1);
        raise(SIGINT);
        if (!interrupt_requested())
            _exit(2);
        raise(SIGTERM);
        _exit(3);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void an_ignored_hangup_stays_ignored(void **state) {
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGHUP, SIG_IGN); /* as nohup does */
        interrupt_install();
        raise(SIGHUP);
        _exit(interrupt_requested() ? 1 : 0);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    assert_int_equal(status, 0);
}

static void there_is_a_processor(void **state) {
    assert_in_range(thread_processors(), 1, sysconf(_SC_NPROCESSORS_ONLN));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_done_once),
        cmocka_unit_test(no_item_is_no_work),
        cmocka_unit_test(the_error_of_the_lowest_item_is_returned),
        cmocka_unit_test(an_interrupt_ends_the_batch),
        cmocka_unit_test(the_first_signal_asks_and_the_second_ends),
        cmocka_unit_test(an_ignored_hangup_stays_ignored),
        cmocka_unit_test(there_is_a_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
