/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "pg/meta.h"

static void reads_commands(void **state) {
    (void)state;
    static const struct {
        const char *line;
        MetaKind kind;
        const char *database; /* NULL: stays the same */
    } rows[] = {
        {"\\connect app", META_CONNECT, "app"},
        {"\\connect app\r", META_CONNECT, "app"},
        {"\\c app postgres localhost 5432", META_CONNECT, "app"},
        {"\\connect \"App\"", META_CONNECT, "App"},
        {"\\connect -reuse-previous=on \"dbname='we ird'\"", META_CONNECT, "we ird"},
        {"\\connect -reuse-previous=on \"dbname='a\"\"b\\'c\\\\d'\"", META_CONNECT, "a\"b'c\\d"},
        {"\\connect \"dbname=app host=x\"", META_CONNECT, "app"},
        {"\\connect 'it''s'", META_CONNECT, "it's"},
        {"\\connect - postgres", META_CONNECT, NULL},
        {"\\connect", META_CONNECT, NULL},
        {"\\connect \"open", META_CONNECT, "open"},
        {"\\restrict abc", META_HARMLESS, NULL},
        {"\\unrestrict abc", META_HARMLESS, NULL},
        {"\\encoding SQL_ASCII", META_HARMLESS, NULL},
        {"\\set ON_ERROR_STOP on", META_HARMLESS, NULL},
        {"\\i other.sql", META_INCLUDE, NULL},
        {"\\copy t from x", META_INCLUDE, NULL},
        {"\\q", META_UNKNOWN, NULL}, /* what follows would not be restored */
        {"\\N\t5", META_UNKNOWN, NULL},
        {"\\.", META_UNKNOWN, NULL},
        {"\\connect2 x", META_UNKNOWN, NULL},
        {"\\! rm", META_REACHES, NULL},
        {"\\!rm", META_REACHES, NULL},
        {"\\o", META_HARMLESS, NULL},
        {"\\o |sh", META_REACHES, NULL},
        {"\\out /etc/x", META_REACHES, NULL},
        {"\\echo done", META_HARMLESS, NULL},
        {"\\echo `id`", META_REACHES, NULL},
        {"\\set x `id`", META_REACHES, NULL},
        {"\\connect `id`", META_REACHES, NULL},
        {"\\connect \"a`b\"", META_CONNECT, "a`b"},
        {"\\w /etc/x", META_REACHES, NULL},
        {"\\", META_UNKNOWN, NULL},
        {"", META_UNKNOWN, NULL},
    };
    Arena *arena = arena_new();
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        Meta meta = meta_read(arena, text_of(rows[at].line));
        assert_int_equal(meta.kind, rows[at].kind);
        if (rows[at].database == NULL)
            assert_null(meta.database);
        else
            assert_string_equal(meta.database, rows[at].database);
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_commands)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
