/* SPDX-License-Identifier: PostgreSQL */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "runbook/issue.h"

static const char good[] = "---\n"
                           "id: two-words\n"
                           "title: It is down\n"
                           "section: database\n"
                           "severity: high\n"
                           "owner: platform\n"
                           "findings: row-count-drift, dump-old\n"
                           "danger: moderate\n"
                           "needs: role:pg_monitor\n"
                           "consequences:\n"
                           "look_alikes: other\n"
                           "---\n"
                           "\n"
                           "### Issue: It is down\n"
                           "\n"
                           "**Symptoms:**\n"
                           "\n"
                           "- users see `FATAL: no` and\n"
                           "  wait\n"
                           "- nothing else\n"
                           "\n"
                           "**Diagnosis:**\n"
                           "\n"
                           "1. Look at *it*.\n"
                           "\n"
                           "   ```sql probe\n"
                           "   select 1\n"
                           "     where {{x}}::int = 1;\n"
                           "   ```\n"
                           "\n"
                           "   Expected: no rows; a row\n"
                           "   is `bad`.\n"
                           "\n"
                           "2. More.\n"
                           "\n"
                           "   ```sh look\n"
                           "   df\n"
                           "   ```\n"
                           "\n"
                           "**Resolution:**\n"
                           "\n"
                           "1. Do it.\n"
                           "\n"
                           "   ```sql resolve\n"
                           "   -- precondition: none\n"
                           "   -- blast: nobody\n"
                           "   -- undo: irreversible: a session comes back\n"
                           "   select 2;\n"
                           "   ```\n"
                           "\n"
                           "2. Verify: [see](other.md).\n"
                           "3. Prevent: sleep.\n"
                           "\n"
                           "**Escalation:**\n"
                           "\n"
                           "- Who: {{contact}}\n"
                           "- What to bring: this\n"
                           "\n"
                           "**Related Issues:**\n"
                           "\n"
                           "- none\n";

static Issue *parse(Arena *arena, const char *text, IssueForm form) {
    Issue *issue = NULL;
    assert_null(issue_parse(arena, text_of(text), "runbook/database/two-words.md", form, &issue));
    return issue;
}

/* The good one with one piece replaced; the piece must be there. */
static const char *with(Arena *arena, const char *piece, const char *instead) {
    const char *at = strstr(good, piece);
    if (at == NULL)
        fail_msg("the good issue has no %s", piece);
    return arena_printf(arena, "%.*s%s%s", (int)(at - good), good, instead, at + strlen(piece));
}

static void a_good_issue_is_read(void **state) {
    Arena *arena = arena_new();
    const Issue *issue = parse(arena, good, ISSUE_OF_RUNBOOK);
    LIST_EACH (const IssueProblem, problem, issue->problems) {
        fail_msg("%d: %s", problem->line, problem->message);
    }
    assert_false(issue->broken);
    assert_string_equal(issue->id, "two-words");
    assert_string_equal(issue->title, "It is down");
    assert_string_equal(issue->owner, "platform");
    assert_int_equal(issue->severity, ISSUE_HIGH);
    assert_int_equal(issue->danger, ISSUE_MODERATE);
    assert_int_equal(issue->findings.count, 2);
    assert_string_equal(issue->findings.items[1], "dump-old");
    assert_int_equal(issue->consequences.count, 0);
    assert_int_equal(issue->symptoms.count, 2);
    assert_string_equal(issue->symptoms.items[0], "users see `FATAL: no` and wait");
    assert_int_equal(issue->error_texts.count, 1);
    assert_string_equal(issue->error_texts.items[0], "FATAL: no");
    assert_int_equal(issue->links.count, 1);
    assert_int_equal(issue->links.items[0].line, 51);
    assert_int_equal(issue->blocks.count, 3);
    const IssueBlock *probe = issue_next(issue, NULL, ISSUE_PROBE);
    assert_int_equal(probe->kind, ISSUE_SQL);
    assert_int_equal(probe->part, ISSUE_DIAGNOSIS);
    assert_int_equal(probe->line, 26);
    assert_string_equal(probe->body, "select 1\n  where {{x}}::int = 1;\n");
    assert_string_equal(probe->before, "Look at it.");
    assert_string_equal(probe->expected, "no rows; a row is `bad`.");
    assert_null(issue_next(issue, probe, ISSUE_PROBE));
    const IssueBlock *resolve = issue_next(issue, probe, ISSUE_RESOLVE);
    assert_string_equal(resolve->precondition, "none");
    assert_string_equal(resolve->blast, "nobody");
    assert_string_equal(resolve->undo, "irreversible: a session comes back");
    assert_string_equal(text_dup(arena, issue_part(issue, ISSUE_RELATED)), "\n- none\n");
    assert_true(text_starts(issue_part(issue, ISSUE_DIAGNOSIS), "\n1. Look"));
    assert_true(text_ends(issue_part(issue, ISSUE_DIAGNOSIS), "   ```\n\n"));
    arena_free(arena);
}

/* Each is the good issue with one thing broken: it is refused, at that line, in those words. */
static void what_is_wrong_is_named_with_its_line(void **state) {
    static const struct {
        const char *piece, *instead;
        int line;
        const char *words;
    } cases[] = {
        {"---\nid", "id", 1, "no front matter"},
        {"other\n---\n", "other\n", 1, "not closed"},
        {"owner: platform\n", "", 1, "has no owner"},
        {"owner: platform\n", "owner: platform\nowner: database\n", 7, "owner stands a second time"},
        {"owner: platform", "owner: marketing", 6, "owner is \"marketing\""},
        {"owner: platform", "ownr: platform", 6, "no key \"ownr\""},
        {"severity: high", "severity: urgent", 5, "severity is \"urgent\""},
        {"danger: moderate", "danger:", 8, "danger is \"\""},
        {"danger: moderate", "danger moderate", 8, "has no colon"},
        {"id: two-words", "id: three-words", 2, "the id is \"three-words\", but the file is called \"two-words\""},
        {"id: two-words", "id: Two_Words", 2, "the id is \"Two_Words\""},
        {"section: database", "section: data", 4, "the section is \"data\", but the folder"},
        {"title: It is down", "title: It is up", 14, "the heading says \"It is down\""},
        {"findings: row-count-drift,", "findings: dump-old,", 7, "twice"},
        {"look_alikes: other", "look_alikes: other,,a", 11, "an empty item"},
        {"look_alikes: other", "look_alikes: other\nnot_tested:", 12, "not_tested is empty"},
        {"### Issue: It is down", "## Issue: It is down", 13, "the heading is missing"},
        {"### Issue: It is down", "### Issue: It is down\n\n### More", 16, "a heading too many"},
        {"**Symptoms:**", "**Symptom:**", 16, "there is no part \"Symptom:\""},
        {"**Symptoms:**\n\n", "", 0, "the part Symptoms is missing"},
        {"**Escalation:**", "**Escalation:**\n\n**Diagnosis:**", 56, "the part Diagnosis stands a second time"},
        {"**Symptoms:**", "**Related Issues:**\n\n**Symptoms:**", 18, "Symptoms stands behind Related Issues"},
        {"```sql probe", "```sql", 0, "there is no probe"},
        {"```sql probe", "```sql prob", 26, "unknown kind or role of a block: \"sql prob\""},
        {"```sql probe", "```perl probe", 26, "unknown kind or role of a block"},
        {"```sql probe", "```sql fault", 26, "unknown kind or role of a block"},
        {"```sql probe", "```sql probe minutes=5", 26, "unknown option of a block: \"minutes=5\""},
        {"```sql probe", "```sql resolve", 26, "a resolve outside Resolution"},
        {"```sql resolve", "```sql probe", 44, "a probe outside Diagnosis"},
        {"```sql resolve", "```http resolve", 44, "a resolve is sql or sh"},
        {"   Expected: no rows; a row", "   No rows; a row", 26, "the probe has no \"Expected:\""},
        {"   df\n   ```\n", "   df\n   ```\n\n   Expected: room\n", 36, "\"Expected:\" stands behind a look"},
        {"   -- blast: nobody\n", "", 44, "the resolve has no line \"-- blast: ...\""},
        {"-- undo: irreversible: a session comes back", "-- undo:", 44, "no line \"-- undo: ...\""},
        {"-- undo: irreversible: a session comes back", "-- blast: again", 44, "no line \"-- undo: ...\""},
        {"= 1;\n   ```\n", "= 1;\n", 26, "the block is not closed"},
        {"   df\n   ```\n", "   df\n", 36, "the block is not closed"},
        {"   select 1\n     where {{x}}::int = 1;\n", "", 26, "the block is empty"},
        {"1. Look at *it*.\n\n   ```sql probe", "1. Look at *it*.\n\n        ```sql probe", 26, "this is no block"},
        {"1. Look at *it*.\n\n", "1. Look at *it*.\n\n   ```text\n   a\n\n", 29, "this is no block"},
        {"2. More.", "2. <b>More</b>.", 34, "HTML: \"<b>\""},
        {"- nothing else", "- <target> is down", 20, "HTML: \"<target>\""},
        {"- nothing else", "- nothing\r", 0, "carriage returns"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        Arena *arena = arena_new();
        const char *words = cases[i].words;
        const Issue *issue = parse(arena, with(arena, cases[i].piece, cases[i].instead), ISSUE_OF_RUNBOOK);
        bool found = false;
        const char *all = "";
        LIST_EACH (const IssueProblem, problem, issue->problems) {
            found = found || (strstr(problem->message, words) != NULL && problem->line == cases[i].line &&
                              problem->hint != NULL);
            all = arena_printf(arena, "%s\n  %d: %s", all, problem->line, problem->message);
        }
        if (!found || !issue->broken)
            fail_msg("case %zu: no \"%s\" in line %d, but:%s", i, words, cases[i].line, all);
        arena_free(arena);
    }
}

static const char scenario[] = "---\nid: lost\ntitle: Lost\nseverity: critical\nrto: 1h\nrpo: 24h\ncells: a, b\n---\n\n"
                               "### Scenario 4: Lost\n\n#### Steps\n\n"
                               "```sh step minutes=15 on=sandbox\ntrue\n```\n\n```sql expect\nselect 1;\n```\n";

static void a_scenario_has_minutes_and_servers(void **state) {
    Arena *arena = arena_new();
    const Issue *issue = parse(arena, scenario, ISSUE_OF_SCENARIO);
    assert_int_equal(issue->problems.count, 0);
    assert_int_equal(issue->cells.count, 2);
    assert_string_equal(issue->rto, "1h");
    const IssueBlock *step = issue_next(issue, NULL, ISSUE_STEP);
    assert_int_equal(step->minutes, 15);
    assert_int_equal(step->server, ISSUE_ON_SANDBOX);
    assert_int_equal(issue_next(issue, NULL, ISSUE_EXPECT)->server, ISSUE_ON_TARGET);
    static const char *const bad[] = {"minutes=0", "minutes=x", "on=moon", "fast", "minutes=99999999999999999999"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *at = strstr(scenario, "minutes=15");
        const char *text = arena_printf(arena, "%.*s%s%s", (int)(at - scenario), scenario, bad[i], at + 10);
        assert_int_equal(parse(arena, text, ISSUE_OF_SCENARIO)->problems.count, 1);
    }
    arena_free(arena);
}

static void a_text_executes_nothing(void **state) {
    Arena *arena = arena_new();
    const Issue *issue = parse(arena, "# Quick\n\n```sh\nls\n```\n", ISSUE_OF_TEXT);
    assert_false(issue->broken);
    assert_string_equal(issue->title, "Quick");
    assert_int_equal(issue->blocks.count, 0);
    issue = parse(arena, "# Quick\n\n```sh probe\nls\n```\n", ISSUE_OF_TEXT);
    assert_true(issue->broken);
    assert_int_equal(issue->blocks.count, 0);
    arena_free(arena);
}

static void bytes_that_are_no_text_are_an_error(void **state) {
    Arena *arena = arena_new();
    Issue *issue = NULL;
    assert_true(issue_parse(arena, TEXT("a\0b"), "x.md", ISSUE_OF_RUNBOOK, &issue)->kind == ERR_DATA);
    assert_true(issue_parse(arena, TEXT("\xff"), "x.md", ISSUE_OF_RUNBOOK, &issue)->kind == ERR_DATA);
    char *large = arena_alloc(arena, 2 << 20);
    memset(large, 'a', 2 << 20);
    assert_true(issue_parse(arena, (Text){large, 2 << 20}, "x.md", ISSUE_OF_RUNBOOK, &issue)->kind == ERR_LIMIT);
    assert_null(issue_parse(arena, TEXT(""), "x.md", ISSUE_OF_RUNBOOK, &issue));
    assert_true(issue->broken);
    assert_string_equal(issue->id, "x");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_issue_is_read),
        cmocka_unit_test(what_is_wrong_is_named_with_its_line),
        cmocka_unit_test(a_scenario_has_minutes_and_servers),
        cmocka_unit_test(a_text_executes_nothing),
        cmocka_unit_test(bytes_that_are_no_text_are_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
