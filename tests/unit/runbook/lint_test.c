/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "runbook/lint.h"

static const char declarations[] =
    "[parameter age]\ntype = duration\nmeaning = m\n[parameter words]\ntype = text\nmeaning = m\n"
    "[parameter start]\ntype = command\nmeaning = m\n[parameter token]\ntype = secret\nmeaning = m\n";

typedef struct Case {
    const char *body, *words; /* NULL: accepted */
} Case;

static void expect(const Case *cases, size_t count, IssueBlock block) {
    for (size_t i = 0; i < count; i++) {
        Arena *arena = arena_new();
        Parameters parameters = {0};
        assert_null(parameter_read(arena, text_of(declarations), "p", &parameters, NULL));
        block.body = cases[i].body;
        block.length = strlen(cases[i].body);
        LintBlock lint = {.parameters = &parameters, .block = &block};
        const char *problem = block.kind == ISSUE_SQL ? lint_sql(arena, &lint) : lint_sh(arena, &lint);
        bool same =
            cases[i].words == NULL ? problem == NULL : problem != NULL && strstr(problem, cases[i].words) != NULL;
        if (!same || (problem != NULL && lint.hint == NULL))
            fail_msg("%s: %s", cases[i].body, problem == NULL ? "accepted" : problem);
        arena_free(arena);
    }
}

static void questions_in_sql_only_look(void **state) {
    static const Case cases[] = {
        {"select 1;", NULL},
        {"  -- why\n/* and /* nested */ */ with x as (select 1) select * from x;\n", NULL},
        {"show server_version;", NULL},
        {"table pg_roles;", NULL},
        {"select 'delete from t; drop', \"update\", $$ insert $$, $a$ ; $a$, E'\\'; delete' from t;", NULL},
        {"select n_tup_upd, last_update from pg_stat_user_tables where cmd = 'INSERT';", NULL},
        {"select {{age}}::interval, {{words}}::text;", NULL},
        {"select 1 -- {{age}} in a comment is not bound\n;", NULL},
        {"select lag(x) over () from t where y in (values (1), (2));", NULL},
        {"delete from t;", "writes: delete"},
        {"do $$ begin end $$;", "begins with do"},
        {"vacuum;", "begins with vacuum"},
        {"", "nothing"},
        {"select 1", "does not end with a semicolon"},
        {"select 1; select 2;", "more than one statement"},
        {"select 1; drop table t", "more than one statement"},
        {"with x as (DELETE from t returning *) select * from x;", "writes: delete"},
        {"with x as (insert into t values (1) returning *) select * from x;", "writes: insert"},
        {"select * into u from t;", "writes: into"},
        {"select * from t for update;", "writes: update"},
        {"select * from t for no key update;", "writes: update"},
        {"select * from t for share;", "writes: share"},
        {"select pg_terminate_backend (pid) from pg_stat_activity;", "pg_terminate_backend()"},
        {"select nextval('s');", "nextval()"},
        {"select setval('s', 1);", "setval()"},
        {"select set_config('a', 'b', false);", "set_config()"},
        {"select lo_unlink(1);", "lo_unlink()"},
        {"select dblink_exec('x');", "dblink_exec()"},
        {"select pg_reload_conf();", "pg_reload_conf()"},
        {"select pg_advisory_lock(1);", "pg_advisory_lock()"},
        {"select 1 \\gexec", "\\gexec in a question"},
        {"select {{age}};", "lacks its cast"},
        {"select '{{words}}';", "stands in quotes"},
        {"select \"{{words}}\" from t;", "stands in quotes"},
        {"select $x$ {{words}} $x$;", "stands in quotes"},
        {"select E'\\'{{words}}';", "stands in quotes"},
        {"select {{nothing}}::text;", "is not declared"},
        {"select {{token}}::text;", "is a secret"},
    };
    expect(cases, sizeof(cases) / sizeof(cases[0]), (IssueBlock){.kind = ISSUE_SQL, .role = ISSUE_PROBE});
}

static void resolutions_in_sql_may_write(void **state) {
    static const Case cases[] = {
        {"delete from t where x < now() - {{age}}::interval;", NULL},
        {"select format('drop index %I', x) from t\n\\gexec\n", NULL},
        {"delete from t; delete from u;", "more than one statement"},
        {"delete from t where x = '{{words}}';", "stands in quotes"},
        {"delete from t", "does not end with a semicolon"},
    };
    expect(cases, sizeof(cases) / sizeof(cases[0]), (IssueBlock){.kind = ISSUE_SQL, .role = ISSUE_RESOLVE});
}

static void questions_in_sh_only_look(void **state) {
    static const Case cases[] = {
        {"df -P {{words}} | tail -n 1", NULL},
        {"test -e x || echo 'rm is only a word'", NULL},
        {"curl -s http://x >out 2>&1; cat out 2>/dev/null >&2", NULL},
        {"echo \"kill $(cat out)\"", NULL},
        {"# rm -rf /\ntrue", NULL},
        {"[ $((1 + 2 > 2)) = 1 ] && ls /bin/rm", NULL},
        {"cat <<'END'\nrm x > /etc/passwd\nEND\ntrue", NULL},
        {"sh -c {{start}}", NULL},
        {"psql -XAtc 'select 1'", NULL},
        {"rm x", "rm"},
        {"true; mv a b", "mv"},
        {"if x; then kill 1; fi", "kill"},
        {"for f in a b; do dd if=$f; done", "dd"},
        {"ls | xargs rm", "rm"},
        {"echo $(rm x)", "rm"},
        {"(systemctl restart x)", "systemctl"},
        {"A=1 env B=2 tee x", "tee"},
        {"psql -f x.sql", "psql -f"},
        {"psql --file=x.sql", "psql -f"},
        {"sed -i s/a/b/ x", "sed -i"},
        {"echo x > /tmp/x", "writes to"},
        {"echo x >> ~/x", "writes to"},
        {"echo x >\"$HOME/x\"", "writes to"},
        {"echo x > ../x", "writes to"},
        {"cat <<END\nrm\nEND\nrm x", "rm"},
        {"cat <<END\n{{words}}\nEND\n", "here-document"},
        {"echo '{{words}}'", "stands in quotes"},
        {"echo \"{{words}}\"", "stands in quotes"},
        {"echo {{token}}", "is a secret"},
        {"{{start}}", "is a command"},
        {"echo {{nothing}}", "is not declared"},
    };
    expect(cases, sizeof(cases) / sizeof(cases[0]), (IssueBlock){.kind = ISSUE_SH, .role = ISSUE_LOOK});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_in_sql_only_look),
        cmocka_unit_test(resolutions_in_sql_may_write),
        cmocka_unit_test(questions_in_sh_only_look),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
