/* SPDX-License-Identifier: PostgreSQL */
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../sample.h"
#include "base/file.h"
#include "store/store_record.h"
#include "store/store_schema.h"
#include "store/store_sqlite.h"

typedef struct Place {
    Arena *arena;
    char directory[64];
    const char *file;
} Place;

static int set_up(void **state) {
    Place *place = calloc(1, sizeof(*place));
    place->arena = arena_new();
    strcpy(place->directory, "/tmp/lifeboat-store-XXXXXX");
    assert_non_null(mkdtemp(place->directory));
    place->file = file_join(place->arena, place->directory, "lifeboat.db");
    *state = place;
    return 0;
}

static int tear_down(void **state) {
    Place *place = *state;
    assert_null(file_remove_tree(place->arena, place->directory));
    arena_free(place->arena);
    free(place);
    return 0;
}

static void must(Arena *arena, const Err *err) {
    if (err != NULL)
        fail_msg("%s", err_text(arena, err));
}

static Store *open_store(Arena *arena, const Place *place) {
    Store *store = NULL;
    must(arena, store_open(arena, place->directory, &store));
    return store;
}

static Time at(int day) {
    return time_now() - day * TIME_DAY;
}

/* A second connection, as anybody with the sqlite3 program has it. */
static int by_hand(const Place *place, const char *sql) {
    sqlite3 *db;
    assert_int_equal(sqlite3_open(place->file, &db), SQLITE_OK);
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_close(db);
    return code;
}

static int64_t ask(const Place *place, const char *sql) {
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(place->file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

static void record_and_read(void **state) {
    Place *place = *state;
    Arena *arena = place->arena;
    Store *store = open_store(arena, place);
    Report *report = sample_report(arena, 1, VERDICT_FAIL, at(1));
    must(arena, store_record(store, report, true));
    must(arena, store_record(store, sample_report(arena, 2, VERDICT_PASS, at(0)), false));
    StoreRuns runs = {0};
    must(arena, store_runs(store, arena, "production", TIME_NONE, &runs));
    assert_int_equal(runs.count, 2);
    const StoreRun *run = &runs.items[1]; /* newest first */
    assert_string_equal(run->run_id, report->run_id);
    assert_string_equal(run->verdict, "fail");
    assert_string_equal(run->reason, report->reason);
    assert_string_equal(run->backup_id, "app.dump");
    assert_string_equal(run->backup_path, "/backups/app.dump");
    assert_string_equal(run->format, "custom");
    assert_true(run->started_at == report->started_at && run->finished_at == report->finished_at);
    assert_true(run->backup_taken_at == report->backup->taken_at);
    assert_int_equal(run->backup_size, 123456789);
    assert_int_equal(run->total_rows, 12);
    assert_int_equal(run->proof_level, 1);
    assert_int_equal(run->checks_passed, 1); /* unknown counts as failed, skipped as neither */
    assert_int_equal(run->checks_failed, 2);
    assert_true(run->delivery_wanted && !run->delivered && !runs.items[0].delivery_wanted);
    assert_int_equal(ask(place, "SELECT count(*) FROM check_result WHERE run = 1"), 4);
    assert_int_equal(ask(place, "SELECT count(*) FROM finding WHERE run = 1"), 1);
    assert_int_equal(ask(place, "SELECT count(*) FROM table_count WHERE run = 1"), 2);
    assert_int_equal(ask(place, "SELECT count(*) FROM table_count WHERE rows IS NULL AND why = 'not decoded'"), 2);
}

static void runs_are_selected(void **state) {
    Place *place = *state;
    Arena *arena = place->arena;
    Store *store = open_store(arena, place);
    static const struct {
        int day;
        const char *target;
    } made[] = {{100, "production"}, {10, "staging"}, {5, "production"}, {1, ""}};
    for (size_t i = 0; i < 4; i++) {
        Report *report = sample_report(arena, (int)i, VERDICT_PASS, at(made[i].day));
        report->target = made[i].target;
        must(arena, store_record(store, report, false));
    }
    static const struct {
        const char *target;
        int days; /* 0: ever */
        size_t expected;
    } cases[] = {{"", 0, 4}, {NULL, 0, 4}, {"", 90, 3}, {"production", 90, 1}, {"production", 0, 2}, {"absent", 0, 0}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        StoreRuns runs = {0};
        must(arena,
             store_runs(store, arena, cases[i].target, cases[i].days == 0 ? TIME_NONE : at(cases[i].days), &runs));
        assert_int_equal(runs.count, cases[i].expected);
    }
    StoreRuns latest = {0};
    must(arena, store_runs_latest(store, arena, &latest));
    assert_int_equal(latest.count, 3);
    assert_string_equal(latest.items[1].target, "production");
    assert_true(latest.items[1].finished_at > at(6));
}

static void report_by_prefix(void **state) {
    Place *place = *state;
    Arena *arena = place->arena;
    Store *store = open_store(arena, place);
    must(arena, store_record(store, sample_report(arena, 0x1a, VERDICT_FAIL, at(1)), false));
    must(arena, store_record(store, sample_report(arena, 0x1b, VERDICT_PASS, at(0)), false));
    static const struct {
        const char *given;
        const char *verdict; /* NULL: ERR_NOT_FOUND */
    } cases[] = {
        {"0190c0de-001a-7000-8000-000000000000", "fail"},
        {"0190c0de-001b", "pass"},
        {"0190c0de-001", NULL}, /* both */
        {"0190c0de-001c", NULL},
        {"", NULL},
        {"%", NULL},
        {"0190c0de-001_", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *report = NULL;
        Err *err = store_report(store, arena, cases[i].given, &report);
        if (cases[i].verdict == NULL) {
            assert_non_null(err);
            assert_true(err->kind == ERR_NOT_FOUND);
        } else {
            must(arena, err);
            assert_string_equal(json_get_string(report, "verdict", ""), cases[i].verdict);
        }
    }
}

static void history_is_append_only(void **state) {
    Place *place = *state;
    Store *store = open_store(place->arena, place);
    must(place->arena, store_record(store, sample_report(place->arena, 1, VERDICT_FAIL, at(1)), true));
    assert_int_equal(by_hand(place, "INSERT INTO delivered VALUES (1, 1); INSERT INTO attempt VALUES (1, 1, 1, NULL)"),
                     SQLITE_OK); /* control: appending works */
    static const char *const forbidden[] = {
        "UPDATE run SET verdict = 'pass'",
        "DELETE FROM run",
        "DELETE FROM run WHERE seq = 1",
        "INSERT OR REPLACE INTO run SELECT * FROM run",
        "REPLACE INTO run (seq, run_id, target, verdict, reason, proof_level, attested, started_at, finished_at, "
        "tool_version,"
        " recorded_by, backup_id, backup_path, backup_absolute, backup_format, checks_passed, checks_failed, report) "
        "SELECT 99,"
        " run_id, target, 'pass', reason, 6, 1, 1, 1, '', '', '', '', '', '', 9, 0, '{}' FROM run",
        "UPDATE check_result SET status = 'pass'",
        "DELETE FROM check_result",
        "REPLACE INTO check_result (run, position, check_id, status) VALUES (1, 1, 'row-counts', 'pass')",
        "UPDATE finding SET severity = 'notice'",
        "DELETE FROM finding",
        "REPLACE INTO finding (run, position, check_id, finding_id, severity) VALUES (1, 0, 'x', 'x', 'notice')",
        "UPDATE table_count SET rows = 1",
        "DELETE FROM table_count",
        "REPLACE INTO table_count SELECT * FROM table_count",
        "UPDATE delivery SET run = 2",
        "DELETE FROM delivery",
        "DELETE FROM delivered",
        "UPDATE delivered SET at = 2",
        "DELETE FROM attempt",
        "UPDATE attempt SET error = NULL",
    };
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
        if (by_hand(place, forbidden[i]) != SQLITE_CONSTRAINT)
            fail_msg("not refused: %s", forbidden[i]);
    }
    assert_int_equal(ask(place, "SELECT count(*) FROM run WHERE verdict = 'fail'"), 1);
    assert_int_equal(ask(place, "SELECT count(*) FROM table_count"), 2);
    /* The same run twice is an error, not a second row. */
    Err *err = store_record(store, sample_report(place->arena, 1, VERDICT_PASS, at(0)), false);
    assert_non_null(err);
    assert_int_equal(ask(place, "SELECT count(*) FROM run"), 1);
}

static void write_file(const char *path, const char *bytes) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(bytes, file);
    assert_int_equal(fclose(file), 0);
}

static Report *report_of_file(Arena *arena, int number, Verdict verdict, const char *path) {
    FileInfo info;
    Report *report = sample_report(arena, number, verdict, at(20 - number));
    Backup *backup = ARENA_NEW(arena, Backup);
    must(arena, file_info(arena, path, &info));
    *backup = *report->backup;
    backup->modified = info.modified;
    report->path = arena_strdup(arena, path);
    report->backup = backup;
    return report;
}

static const History *history_of(Arena *arena, const Place *place, const char *target, const char *path) {
    History *history = NULL;
    Arena *work = arena_child(arena);
    must(arena, store_history(open_store(work, place), arena, target, path, &history));
    return history;
}

static void history_knows_the_verified_backup(void **state) {
    Place *place = *state;
    Arena *arena = place->arena;
    Store *store = open_store(arena, place);
    const char *first = file_join(arena, place->directory, "1.dump"),
               *second = file_join(arena, place->directory, "2.dump");
    write_file(first, "one");
    write_file(second, "two");
    assert_null(history_of(arena, place, "production", first)->last_verified);
    Report *report = report_of_file(arena, 1, VERDICT_WARN, first);
    must(arena, store_record(store, report, false));
    must(arena, store_record(store, report_of_file(arena, 2, VERDICT_FAIL, second), false));
    must(arena, store_record(store, report_of_file(arena, 3, VERDICT_UNKNOWN, second), false));

    const History *history = history_of(arena, place, "production", second);
    assert_true(history->asked);
    assert_int_equal(history->runs.count, 3);
    assert_string_equal(history->runs.items[0].verdict, "unknown");
    assert_int_equal(history->runs.items[0].backup_size, 123456789);
    assert_true(history->last_verified_at == report->finished_at);
    const InventoryTable *table = inventory_find_table(history->last_verified, "", "public", "contacts");
    assert_non_null(table);
    assert_true(table->count == INVENTORY_EXACT && table->rows == 12 && table->kind == 'r' && table->has_data);
    assert_true(table->digested && table->digest.low == 12 && table->digest.high == 7);
    table = inventory_find_table(history->last_verified, "", "public", "a\xff\nb");
    assert_non_null(table); /* names come back byte by byte */
    assert_true(table->count == INVENTORY_UNKNOWN && !table->digested);
    assert_string_equal(table->unknown_why, "not decoded");

    /* The same backup again is no earlier one; the same name with new content is. */
    assert_null(history_of(arena, place, "production", first)->last_verified);
    const struct timespec now[2] = {{.tv_sec = 1900000000}, {.tv_sec = 1900000000}};
    assert_int_equal(utimensat(AT_FDCWD, first, now, 0), 0);
    assert_non_null(history_of(arena, place, "production", first)->last_verified);
    assert_non_null(history_of(arena, place, "production", "/absent/other.dump")->last_verified);
    assert_null(history_of(arena, place, "staging", second)->last_verified);
    assert_false(history_of(arena, place, "", second)->asked);
}

static void history_ends_after_90_days(void **state) {
    Place *place = *state;
    Arena *arena = place->arena;
    Store *store = open_store(arena, place);
    must(arena, store_record(store, sample_report(arena, 1, VERDICT_PASS, at(91)), false));
    assert_int_equal(history_of(arena, place, "production", "x")->runs.count, 0);
    assert_null(history_of(arena, place, "production", "x")->last_verified);
    must(arena, store_record(store, sample_report(arena, 2, VERDICT_PASS, at(89)), false));
    assert_int_equal(history_of(arena, place, "production", "x")->runs.count, 1);
    assert_non_null(history_of(arena, place, "production", "x")->last_verified);
}

static void details_list_findings_and_what_could_not_run(void **state) {
    Place *place = *state;
    Arena *arena = place->arena;
    Report *report = sample_report(arena, 1, VERDICT_FAIL, at(0));
    json_t *details = store_record_details(arena, report);
    assert_int_equal(json_array_size(details), 2);
    assert_string_equal(json_get_string(json_array_get(details, 0), "id", ""), "row-count-drift");
    assert_string_equal(json_get_string(json_array_get(details, 0), "found", ""), "12");
    assert_string_equal(json_get_string(json_array_get(details, 1), "check", ""), "structure");
    assert_string_equal(json_get_string(json_array_get(details, 1), "status", ""), "unknown");
    report->checks.count = 1; /* only the one that passed */
    assert_null(store_record_details(arena, report));
}

static void states_are_kept(void **state) {
    Place *place = *state;
    Arena *arena = place->arena;
    Store *store = open_store(arena, place);
    json_t *document = json_start(arena, json_object()), *back = NULL;
    must(arena, store_get_state(store, arena, "ops", "production", &back));
    assert_null(back);
    for (int i = 1; i <= 2; i++) {
        json_put_u64(document, "n", (uint64_t)i);
        must(arena, store_set_state(store, "ops", "production", document));
        must(arena, store_get_state(open_store(arena_child(arena), place), arena, "ops", "production", &back));
        assert_int_equal(json_get_u64(back, "n", 0), i);
    }
    must(arena, store_get_state(store, arena, "ops", "", &back));
    assert_null(back);
}

static void set_version(const Place *place, const char *sql) {
    assert_int_equal(by_hand(place, sql), SQLITE_OK);
}

static void newer_and_foreign_files_are_refused(void **state) {
    Place *place = *state;
    Arena *arena = place->arena;
    static const struct {
        const char *sql;
        ErrKind kind; /* of the refusal */
        const char *words;
    } cases[] = {
        {"PRAGMA application_id = 1279870533; PRAGMA user_version = 99; CREATE TABLE t (a)", ERR_UNSUPPORTED,
         "newer lifeboat"},
        {"CREATE TABLE notes (a)", ERR_DATA, "not one of lifeboat's"},
        {"PRAGMA application_id = 7", ERR_DATA, "not one of lifeboat's"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Store *store = NULL;
        Buf *before, *after;
        set_version(place, cases[i].sql);
        must(arena, file_read_all(arena, place->file, 1 << 20, &before));
        Arena *work = arena_child(arena);
        Err *err = store_open(work, place->directory, &store);
        assert_non_null(err);
        assert_true(err->kind == cases[i].kind);
        assert_non_null(strstr(err->message, cases[i].words));
        assert_non_null(err_first_hint(err));
        arena_free(work);
        must(arena, file_read_all(arena, place->file, 1 << 20, &after));
        /* Only the header's journal mode may have changed. */
        assert_true(before->length == after->length);
        assert_int_equal(unlink(place->file), 0);
    }
}

static void older_files_are_brought_forward(void **state) {
    Place *place = *state;
    Arena *arena = place->arena;
    const char *const first_only[] = {store_schema_steps[0], NULL};
    Store old = {.arena = arena_child(arena), .directory = place->directory, .path = place->file};
    must(arena, store_sqlite_open(&old));
    must(arena, store_schema_apply(&old, first_only));
    assert_int_equal(ask(place, "PRAGMA user_version"), 1);
    arena_free(old.arena);
    assert_int_equal(
        by_hand(place, "INSERT INTO run (run_id, target, verdict, reason, proof_level, attested, started_at,"
                       " finished_at, tool_version, recorded_by, backup_id, backup_path, backup_absolute,"
                       " backup_format, checks_passed, checks_failed, report) VALUES ('old', 'production', 'pass',"
                       " '', 2, 0, 1, 2, '', '', '', '', '', '', 1, 0, '{}')"),
        SQLITE_OK);
    Store *store = open_store(arena, place);
    StoreRuns runs = {0};
    must(arena, store_runs(store, arena, "", TIME_NONE, &runs));
    assert_int_equal(runs.count, 1);
    assert_int_equal(ask(place, "PRAGMA user_version"), 2);
    must(arena, store_record(store, sample_report(arena, 1, VERDICT_PASS, at(0)), true));
}

static void damage_is_named(void **state) {
    Place *place = *state;
    Arena *arena = place->arena;
    Arena *work = arena_child(arena);
    Store *store = open_store(work, place);
    for (int i = 0; i < 200; i++)
        must(arena, store_record(store, sample_report(work, i, VERDICT_PASS, at(0)), false));
    must(arena, store_examine(store, arena)); /* control */
    arena_free(work);
    /* The tables' pages, not the header: only reading them can tell. */
    FILE *file = fopen(place->file, "r+");
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    assert_true(size > 40000);
    for (long offset = 4096; offset + 4096 <= size; offset += 4096) {
        fseek(file, offset, SEEK_SET);
        fputs("this is not a page of a database any more", file);
    }
    fclose(file);
    work = arena_child(arena);
    Err *err = store_open(work, place->directory, &store);
    if (err == NULL)
        err = store_examine(store, work);
    assert_non_null(err);
    assert_true(err->kind == ERR_DATA);
    assert_non_null(strstr(err->message, "damaged"));
    assert_non_null(err_first_hint(err));
    arena_free(work);

    write_file(place->file,
               "this has never been a database at all, whatever its name says; it is long enough for a header, too");
    err = store_open(arena_child(arena), place->directory, &store);
    assert_non_null(err);
    assert_true(err->kind == ERR_DATA);
}

static void a_locked_store_is_waited_for_and_then_named(void **state) {
    Place *place = *state;
    Arena *arena = place->arena;
    Store *store = open_store(arena, place);
    sqlite3 *other;
    assert_int_equal(sqlite3_open(place->file, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_busy_timeout(store->db, 200);
    int64_t started = time_monotonic();
    Err *err = store_record(store, sample_report(arena, 1, VERDICT_PASS, at(0)), false);
    assert_non_null(err);
    assert_true(err->kind == ERR_TIMEOUT);
    assert_in_range(time_monotonic() - started, 150000, 5000000);
    sqlite3_exec(other, "COMMIT", NULL, NULL, NULL);
    must(arena, store_record(store, sample_report(arena, 1, VERDICT_PASS, at(0)), false));
    sqlite3_close(other);
}

static void record_many(const Place *place, int from, int count, int report_to) {
    for (int i = from; i < from + count; i++) {
        Arena *arena = arena_new();
        Store *store = NULL;
        Err *err = store_open(arena, place->directory, &store);
        if (err == NULL)
            err = store_record(store, sample_report(arena, i, VERDICT_PASS, at(0)), true);
        if (err != NULL) {
            fprintf(stderr, "%s\n", err_text(arena, err));
            _exit(1);
        }
        if (report_to >= 0 && write(report_to, &i, sizeof(i)) != sizeof(i))
            _exit(1);
        arena_free(arena);
    }
    _exit(0);
}

/* All start on a directory without a store, so that they make it at the same time. */
static void several_processes_at_once(void **state) {
    Place *place = *state;
    enum { PROCESSES = 8, EACH = 25 };
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            record_many(place, i * EACH, EACH, -1);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(ask(place, "SELECT count(*) FROM run"), PROCESSES * EACH);
    assert_int_equal(ask(place, "SELECT count(*) FROM delivery"), PROCESSES * EACH);
}

/* A writer that says over a pipe what it has recorded is killed at a random moment, again and again. */
static void a_killed_writer_loses_nothing_it_reported(void **state) {
    Place *place = *state;
    enum { ROUNDS = 40, PER_ROUND = 1000 };
    int reported = 0, killed = 0;
    srandom(20261123);
    for (int round = 0; round < ROUNDS; round++) {
        int ends[2], number;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0)
            record_many(place, round * PER_ROUND, PER_ROUND, ends[1]);
        close(ends[1]);
        usleep((useconds_t)(20000 + random() % 100000));
        kill(child, SIGKILL);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        Arena *arena = arena_child(place->arena);
        while (read(ends[0], &number, sizeof(number)) == sizeof(number)) {
            reported++;
            const char *sql =
                arena_printf(arena, "SELECT count(*) FROM run WHERE run_id = '0190c0de-%04x-7000-8000-000000000000'",
                             (unsigned)number);
            assert_int_equal(ask(place, sql), 1);
        }
        close(ends[0]);
        must(arena, store_examine(open_store(arena, place), arena));
        arena_free(arena);
    }
    assert_int_equal(killed, ROUNDS);
    assert_true(reported > ROUNDS);
    assert_true(ask(place, "SELECT count(*) FROM run") >= reported);
    /* Nothing half: every run that is there is there whole. */
    assert_int_equal(
        ask(place, "SELECT count(*) FROM run WHERE (SELECT count(*) FROM check_result c WHERE c.run = run.seq) <> 4 OR"
                   " (SELECT count(*) FROM finding f WHERE f.run = run.seq) <> 1 OR"
                   " (SELECT count(*) FROM table_count t WHERE t.run = run.seq) <> 2 OR"
                   " (SELECT count(*) FROM delivery d WHERE d.run = run.seq) <> 1"),
        0);
}

static void limit_file_size(rlim_t size) {
    struct rlimit limit = {.rlim_cur = size, .rlim_max = RLIM_INFINITY};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A file size limit answers write() as a full disk does. */
static void a_full_disk_is_said_and_loses_nothing(void **state) {
    Place *place = *state;
    Arena *arena = place->arena;
    int recorded = 0;
    Err *err = NULL;
    signal(SIGXFSZ, SIG_IGN);
    Store *store = open_store(arena, place);
    limit_file_size(300000);
    while (err == NULL && recorded < 1000) {
        err = store_record(store, sample_report(arena, recorded, VERDICT_PASS, at(0)), false);
        recorded += err == NULL;
    }
    limit_file_size(RLIM_INFINITY);
    assert_non_null(err);
    assert_true(err->kind == ERR_IO);
    assert_non_null(strstr(err_text(arena, err), "could not be recorded"));
    assert_non_null(strstr(err_first_hint(err), "free space"));
    assert_in_range(recorded, 1, 999);
    assert_int_equal(ask(place, "SELECT count(*) FROM run"), recorded);
    must(arena, store_record(store, sample_report(arena, 5000, VERDICT_PASS, at(0)), false));
    must(arena, store_examine(store, arena));
}

/* Root may write anywhere, so the child becomes somebody else first. */
static void try_as_nobody(const Place *place) {
    Store *store = NULL;
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        _exit(2);
    Arena *arena = arena_new();
    Err *err = store_open(arena, place->directory, &store);
    if (err == NULL)
        err = store_record(store, sample_report(arena, 1, VERDICT_PASS, at(0)), false);
    _exit(err != NULL && err->kind == ERR_PERMISSION && err_first_hint(err) != NULL ? 0 : 3);
}

static void no_right_to_write_is_said(void **state) {
    Place *place = *state;
    for (int existing = 0; existing <= 1; existing++) {
        int status;
        Arena *work = arena_child(place->arena);
        if (existing)
            open_store(work, place);
        arena_free(work);
        assert_int_equal(chmod(place->directory, 0555), 0);
        pid_t child = fork();
        if (child == 0)
            try_as_nobody(place);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(chmod(place->directory, 0700), 0);
        assert_int_equal(status, 0);
    }
    struct stat info;
    assert_int_equal(stat(place->file, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void directory_is_found(void **state) {
    Place *place = *state;
    Arena *arena = place->arena;
    Store *store = NULL;
    setenv("LIFEBOAT_STATE", file_join(arena, place->directory, "deep/er"), 1);
    must(arena, store_open(arena, NULL, &store));
    assert_string_equal(store_path(store), file_join(arena, place->directory, "deep/er/lifeboat.db"));
    unsetenv("LIFEBOAT_STATE");
    /* Through a link, as systemd makes one; but the file itself is no link. */
    const char *link = file_join(arena, place->directory, "link");
    assert_int_equal(symlink("deep/er", link), 0);
    must(arena, store_open(arena, link, &store));
    must(arena, store_record(store, sample_report(arena, 1, VERDICT_PASS, at(0)), false));
    assert_int_equal(symlink("deep/er/lifeboat.db", place->file), 0);
    assert_non_null(store_open(arena, place->directory, &store));
    assert_int_equal(unlink(place->file), 0);
    write_file(file_join(arena, place->directory, "file"), "x");
    Err *err = store_open(arena, file_join(arena, place->directory, "file/below"), &store);
    assert_non_null(err);
    assert_non_null(err_first_hint(err));
}

int main(void) {
#define WITH_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_PLACE(record_and_read),
        WITH_PLACE(runs_are_selected),
        WITH_PLACE(report_by_prefix),
        WITH_PLACE(history_is_append_only),
        WITH_PLACE(history_knows_the_verified_backup),
        WITH_PLACE(history_ends_after_90_days),
        WITH_PLACE(details_list_findings_and_what_could_not_run),
        WITH_PLACE(states_are_kept),
        WITH_PLACE(newer_and_foreign_files_are_refused),
        WITH_PLACE(older_files_are_brought_forward),
        WITH_PLACE(damage_is_named),
        WITH_PLACE(a_locked_store_is_waited_for_and_then_named),
        WITH_PLACE(several_processes_at_once),
        WITH_PLACE(a_killed_writer_loses_nothing_it_reported),
        WITH_PLACE(a_full_disk_is_said_and_loses_nothing),
        WITH_PLACE(no_right_to_write_is_said),
        WITH_PLACE(directory_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
