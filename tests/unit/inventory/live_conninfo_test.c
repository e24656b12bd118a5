/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "inventory/live_parts.h"

/* A connection string holds a secret more often than not: what is said of it must never repeat it. */

static void tells_a_connection_string_from_a_path(void **state) {
    static const struct {
        const char *text;
        bool is;
    } rows[] = {
        {"postgresql://host/db", true},
        {"postgres://", true},
        {"host=h dbname=d", true},
        {" dbname = d", true},
        {"service=production", true},
        {"/backups/a=b.dump", false},
        {"app.dump", false},
        {"date=2026-11-23.sql", false},
        {"http://example.org/x", false},
        {"/backups/dbname=app", false},
        {"", false},
    };
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++)
        if (live_conninfo_is(rows[at].text) != rows[at].is)
            fail_msg("%s", rows[at].text);
}

static void labels_hold_no_password(void **state) {
    static const struct {
        const char *conninfo, *label;
        bool password;
    } rows[] = {
        {"postgresql://app:hunter2@db.example:6432/prod", "database prod at db.example:6432 as app", true},
        {"host=db.example user=app password=hunter2 dbname=prod", "database prod at db.example:5432 as app", true},
        {"postgresql://app:hun%40ter2@[::1]/prod?password=hunter2", "database prod at ::1:5432 as app", true},
        {"service=hunting password=hunter2", "the database of service hunting", true},
        {"user=app", "database app at the local socket:5432 as app", false},
        {"host=a,b port=1,2 user=app dbname=x", "database x at a,b:1,2 as app", false},
        {"host='evil\033[2J' user=a dbname=b", "database b at evil\\x1b[2J:5432 as a", false},
    };
    Arena *arena = arena_new();
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        const char *label = live_label(arena, rows[at].conninfo);
        assert_string_equal(label, rows[at].label);
        assert_null(strstr(label, "hunter2"));
        assert_int_equal(live_conninfo_has_password(rows[at].conninfo), rows[at].password);
    }
    arena_free(arena);
}

/* Each holds the password hunter2 in a place where libpq would quote it in its complaint, or take it for a host or
 * port. */
static void unreadable_strings_are_not_repeated(void **state) {
    static const char *const rows[] = {
        "postgresql://app:hunter2@x@db.example/prod",
        "postgresql://app:hunter2/x@db.example/prod",
        "postgresql://app:1/hunter2@db.example/prod",
        "postgresql://app:hunter2%zz@db.example/prod",
        "host=db.example hunter2",
        "host=db.example password='hunter2",
        "host=db.example pass=hunter2",
        "postgresql://app:hunter2[@db.example:x/prod",
    };
    Arena *arena = arena_new();
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        PQconninfoOption *options = NULL;
        Err *err = live_conninfo_parse(arena, rows[at], &options);
        if (err == NULL)
            fail_msg("accepted: %s", rows[at]);
        assert_int_equal(err->kind, ERR_USAGE);
        assert_null(strstr(err_text(arena, err), "hunter2"));
        assert_non_null(err_first_hint(err));
        assert_null(strstr(live_label(arena, rows[at]), "hunter2"));
    }
    PQconninfoOption *control;
    assert_null(live_conninfo_parse(arena, "postgresql://app:hunter%402@db.example/prod", &control));
    assert_string_equal(live_conninfo_value(arena, control, "password"), "hunter@2");
    arena_free(arena);
}

static void words_of_others_are_cleaned(void **state) {
    Arena *arena = arena_new();
    const char *words =
        live_error_words(arena, "password=hunter2", "connection to hunter2 failed:\n\tno \033[2Jhunter2 here\n\n");
    assert_string_equal(words, "connection to **** failed:; no \\x1b[2J**** here");
    assert_string_equal(live_error_words(arena, "password=a", "a cat"), "a cat"); /* too short to be told from words */
    assert_string_equal(live_error_words(arena, NULL, ""), "");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_a_connection_string_from_a_path), cmocka_unit_test(labels_hold_no_password),
        cmocka_unit_test(unreadable_strings_are_not_repeated), cmocka_unit_test(words_of_others_are_cleaned)};
    static const char *const names[] = {"PGHOST",    "PGPORT",     "PGUSER",    "PGDATABASE",
                                        "PGSERVICE", "PGHOSTADDR", "PGPASSWORD"};
    for (size_t at = 0; at < sizeof(names) / sizeof(names[0]); at++)
        unsetenv(names[at]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
