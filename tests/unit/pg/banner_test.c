/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "pg/banner.h"

static void reads_comment_lines(void **state) {
    (void)state;
    static const struct {
        const char *line;
        BannerKind kind;
        const char *value, *schema;
    } rows[] = {
        {"-- PostgreSQL database dump", BANNER_DUMP_BEGINS, "", ""},
        {"-- PostgreSQL database dump\r", BANNER_DUMP_BEGINS, "", ""},
        {"-- PostgreSQL database dump complete", BANNER_DUMP_ENDS, "", ""},
        {"-- PostgreSQL database cluster dump", BANNER_CLUSTER_BEGINS, "", ""},
        {"-- PostgreSQL database cluster dump complete", BANNER_CLUSTER_ENDS, "", ""},
        {"-- PostgreSQL database dump comp", BANNER_NONE, "", ""},
        {"-- PostgreSQL database dump completely", BANNER_NONE, "", ""},
        {"--PostgreSQL database dump", BANNER_NONE, "", ""},
        {"--", BANNER_NONE, "", ""},
        {"", BANNER_NONE, "", ""},
        {"-- Dumped from database version 17.11 (Debian 17.11-0+deb13u1)", BANNER_SERVER_VERSION,
         "17.11 (Debian 17.11-0+deb13u1)", ""},
        {"-- Dumped by pg_dump version 9.6.24", BANNER_DUMP_VERSION, "9.6.24", ""},
        {"-- Started on 2026-11-23 05:00:00 UTC", BANNER_STARTED, "2026-11-23 05:00:00 UTC", ""},
        {"-- Data for Name: contacts; Type: TABLE DATA; Schema: public; Owner: app", BANNER_DATA, "contacts", "public"},
        {"-- Data for Name: a; Type: TABLE DATA; Schema: b; Type: TABLE DATA; Schema: c; Owner: d; Owner: e",
         BANNER_DATA, "a; Type: TABLE DATA; Schema: b", "c; Owner: d"},
        {"-- Data for Name: x; Type: TABLE DATA; Schema: s; Owner: -; Tablespace: t", BANNER_DATA, "x", "s"},
        {"-- Data for Name: 70001..70002; Type: BLOBS; Schema: -; Owner: postgres", BANNER_NONE, "", ""},
        {"-- Name: contacts; Type: TABLE; Schema: public; Owner: app", BANNER_NONE, "", ""},
    };
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        Banner banner = banner_read(text_of(rows[at].line));
        assert_int_equal(banner.kind, rows[at].kind);
        assert_true(text_is(banner.value, rows[at].value));
        assert_true(text_is(banner.schema, rows[at].schema));
    }
}

static void reads_times(void **state) {
    (void)state;
    static const struct {
        const char *value, *utc;
        bool ok, zoned;
    } rows[] = {
        {"2026-11-23 05:00:00 UTC", "2026-11-23T05:00:00Z", true, true},
        {"2026-07-01 05:00:00 CEST", "2026-07-01T03:00:00Z", true, true},
        {"2026-11-23 20:30:00 PST", "2026-11-24T04:30:00Z", true, true},
        {"2026-11-23 05:00:00 -03", "2026-11-23T08:00:00Z", true, true},
        {"2026-11-23 05:00:00 +0545", "2026-11-22T23:15:00Z", true, true},
        {"2026-11-23 05:00:00 CST", "2026-11-23T05:00:00Z", true, false}, /* of America or of China */
        {"2026-11-23 05:00:00", "2026-11-23T05:00:00Z", true, false},
        {"2026-11-23 05:00:00 +99", "2026-11-23T05:00:00Z", true, false},
        {"2026-13-23 05:00:00 UTC", "", false, true},
        {"2026-11-23", "", false, false},
        {"", "", false, false},
    };
    Arena *arena = arena_new();
    for (size_t at = 0; at < sizeof(rows) / sizeof(rows[0]); at++) {
        Time when;
        bool zoned;
        assert_int_equal(banner_time(text_of(rows[at].value), &when, &zoned), rows[at].ok);
        assert_int_equal(zoned, rows[at].zoned);
        if (rows[at].ok)
            assert_string_equal(time_text(arena, when), rows[at].utc);
    }
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads_comment_lines), cmocka_unit_test(reads_times)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
