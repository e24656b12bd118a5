/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "base/time.h"
#include "cmd/doctor.h"

static void clocks_are_judged_by_what_can_be_known(void **state) {
    static const struct {
        int64_t skew, blur;
        DoctorStatus status;
    } cases[] = {
        {0, 0, DOCTOR_OK},
        {9 * TIME_SECOND, 0, DOCTOR_OK},
        {11 * TIME_SECOND, 0, DOCTOR_WARNING},
        {-11 * TIME_SECOND, 0, DOCTOR_WARNING},
        {11 * TIME_SECOND, 5 * TIME_SECOND, DOCTOR_OK}, /* a slow answer explains it */
        {6 * TIME_MINUTE, 0, DOCTOR_PROBLEM},
        {-6 * TIME_MINUTE, 0, DOCTOR_PROBLEM},
        {6 * TIME_MINUTE, 2 * TIME_MINUTE, DOCTOR_WARNING},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(doctor_database_skew(cases[i].skew, cases[i].blur), cases[i].status);
}

/* With the programs of this machine: the tests need PostgreSQL, so some version is there, and none is of the year 9900.
 */
static void tools_older_than_the_server_are_a_problem(void **state) {
    static const struct {
        int server_major;
        DoctorStatus status;
        const char *fix;
    } cases[] = {{0, DOCTOR_OK, NULL}, {9, DOCTOR_OK, NULL}, {99, DOCTOR_PROBLEM, "postgresql-client-99"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        Doctor doctor = {.arena = arena};
        doctor_tools(&doctor, cases[i].server_major);
        assert_int_equal(doctor.lines.count, 1);
        assert_int_equal(doctor.lines.items[0].status, cases[i].status);
        assert_string_equal(doctor.lines.items[0].what, "tools");
        if (cases[i].fix != NULL)
            assert_non_null(strstr(doctor.lines.items[0].fix, cases[i].fix));
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_are_judged_by_what_can_be_known),
        cmocka_unit_test(tools_older_than_the_server_are_a_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
