/* SPDX-License-Identifier: PostgreSQL */
#include "sandbox/pgrestore.h"

#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "base/time.h"
#include "sandbox/words.h"

/* The words of one of pg_restore's processes. */
typedef struct Heard {
    pid_t writer;
    Words *words;
} Heard;

typedef struct Hearing {
    Restoring *restoring;
    const PgrestoreRun *run;
    LIST(Heard) heard;
    int64_t data_began; /* 0: not yet */
} Hearing;

static void on_error(void *context, const WordsError *error) {
    restore_failed(context, error->entry, error->message, error->statement);
}

static Words *words_of(Hearing *hearing, pid_t writer) {
    LIST_EACH (const Heard, known, hearing->heard) {
        if (known->writer == writer)
            return known->words;
    }
    Arena *arena = hearing->restoring->arena;
    Words *words = words_new(arena, on_error, hearing->restoring);
    *LIST_PUSH(arena, hearing->heard) = (Heard){writer, words};
    return words;
}

static void on_line(pid_t writer, Text line, void *context) {
    Hearing *hearing = context;
    if (hearing->data_began == 0 && (text_starts(line, "pg_restore: processing data for ") ||
                                     text_starts(line, "pg_restore: entering main parallel loop")))
        hearing->data_began = time_monotonic();
    words_line(words_of(hearing, writer), line);
}

typedef struct Count {
    uint64_t told;   /* errors that were told */
    uint64_t worker; /* of them, by processes that are not the leader */
    int64_t counted; /* by the leader; -1 when it did not say */
} Count;

/* The leader is who says how many errors were ignored; without errors nobody does. */
static Count count_errors(const Hearing *hearing) {
    Count count = {.counted = -1};
    LIST_EACH (const Heard, heard, hearing->heard) {
        uint64_t errors = words_errors(heard->words);
        count.told += errors;
        count.worker += errors;
        if (words_ignored(heard->words) >= 0) {
            count.counted = words_ignored(heard->words);
            count.worker -= errors;
        }
    }
    return count;
}

/* pg_restore counts what failed in a worker twice: once there and once when the worker is done (seen with 15: four
 * failures, "errors ignored on restore: 8"). Each of them is told once. */
static bool agrees(const Count *count) {
    return count->counted >= 0 &&
           ((uint64_t)count->counted == count->told || (uint64_t)count->counted == count->told + count->worker);
}

static Err *judge(const Hearing *hearing, const ProcessResult *result) {
    Restoring *restoring = hearing->restoring;
    Arena *arena = restoring->arena;
    if (result->timed_out) {
        TRY(restore_go_on(restoring));
        return err_new(arena, ERR_TIMEOUT, "pg_restore did not finish in time");
    }
    const Count count = count_errors(hearing);
    if ((result->status == 0 && count.told == 0 && count.counted < 0) || (result->status == 1 && agrees(&count)))
        return NULL;
    restore_failed(restoring, hearing->run->phase,
                   arena_printf(arena, "pg_restore ended with %s %d after %llu errors of which it counted %lld",
                                result->signal != 0 ? "signal" : "status",
                                result->signal != 0 ? result->signal : result->status, (unsigned long long)count.told,
                                (long long)count.counted),
                   text_quote(arena, text_trim(buf_view(result->errors)), 2000));
    return NULL;
}

static void add_phases(const Hearing *hearing, int64_t began) {
    const PgrestoreRun *run = hearing->run;
    if (run->then == NULL || hearing->data_began == 0) {
        restore_phase(hearing->restoring, run->phase, began, time_monotonic());
        return;
    }
    restore_phase(hearing->restoring, run->phase, began, hearing->data_began);
    restore_phase(hearing->restoring, run->then, hearing->data_began, time_monotonic());
}

Err *pgrestore_run(Restoring *restoring, const PgrestoreRun *run) {
    Arena *arena = restoring->arena;
    if (run->list->length == 0)
        return NULL;
    TRY(restore_go_on(restoring));
    const char *list = file_join(arena, restoring->workspace, "list");
    TRY(file_write_atomic(arena, list, buf_view(run->list), 0600));
    Hearing hearing = {.restoring = restoring, .run = run};
    ProcessResult result = {0};
    const ProcessRequest request = {
        .arguments =
            (const char *const[]){tools_program(arena, restoring->request->tools, "pg_restore"), "--verbose",
                                  "--use-list", list, "--jobs", arena_printf(arena, "%d", run->jobs), "--dbname",
                                  "service=lifeboat", "--", restoring->request->backup->path, NULL},
        /* pg_restore's words are parsed: they must be English. */
        .environment = (const char *const[]){run->service, "LC_ALL=C", "PGAPPNAME=lifeboat", NULL},
        .deadline = restore_time_left(restoring),
        .on_line_of = on_line,
        .context = &hearing,
    };
    int64_t began = time_monotonic();
    Err *err = process_run(arena, &request, &result);
    LIST_EACH (const Heard, heard, hearing.heard)
        words_end(heard->words);
    add_phases(&hearing, began);
    TRY(err);
    return judge(&hearing, &result);
}
