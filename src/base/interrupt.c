/* SPDX-License-Identifier: PostgreSQL */
#include "base/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static atomic_int requested;
static atomic_bool quiet;

static void on_signal(int number) {
    if (atomic_exchange(&requested, 1) != 0) {
        /* Asked twice: end as the signal would have, so that a shell sees what happened. */
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    if (atomic_load(&quiet))
        return;
    static const char words[] = "\nlifeboat: stopping; once more ends it at once\n";
    ssize_t ignored = write(STDERR_FILENO, words, sizeof(words) - 1);
    (void)ignored;
}

void interrupt_install(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction before, action = {.sa_handler = on_signal};
        sigemptyset(&action.sa_mask);
        /* nohup and background shells ignore some of these on purpose */
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

void interrupt_quiet(void) {
    atomic_store(&quiet, true);
}

bool interrupt_requested(void) {
    return atomic_load_explicit(&requested, memory_order_relaxed) != 0;
}

void interrupt_request(void) {
    atomic_store(&requested, 1);
}

Err *interrupt_check(Arena *arena) {
    return interrupt_requested() ? err_new(arena, ERR_INTERRUPTED, "stopped on request") : NULL;
}
