# SPDX-License-Identifier: PostgreSQL
"""lifeboat runbook and lifeboat plan as documents: list, search, show, parameters, check, render. Nothing here needs a server."""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

PARAMETERS = """[parameter age]
type = duration
default = 5m
meaning = So long.

[parameter app_url]
type = url
meaning = Where the application answers.

[parameter words]
type = text
default = plain
meaning = Anything.

[parameter token]
type = secret
meaning = A key.

[parameter contact_database]
type = text
default = the owner
meaning = Who is called.
"""

ISSUE = """---
id: {id}
title: {title}
section: database
severity: high
owner: database
findings:
danger: moderate
needs:
consequences:
look_alikes:
not_tested: a test's own
---

### Issue: {title}

**Symptoms:**

- {symptom}

**Diagnosis:**

1. Look.

   ```sql probe
   select 1 where now() - {{{{age}}}}::interval > now() and 'x' <> {{{{words}}}}::text;
   ```

   Expected: no rows.

   ```http look
   GET {{{{app_url}}}}/healthz
   header: Authorization: {{{{token}}}}
   present: status != 200
   ```

**Resolution:**

1. Do.

   ```sh resolve
   # precondition: none
   # blast: nobody
   # undo: irreversible: it only prints
   echo {{{{words}}}} {{{{token_file}}}}
   ```

2. Verify: look again after {{{{age}}}}.
3. Prevent: {{{{words}}}}, or `{{{{words}}}}`.

**Escalation:**

- Who: {{{{contact_database}}}}
- What to bring: this

**Related Issues:**

- [itself](../database/{id}.md): no other
"""


@pytest.fixture
def runbook(tmp_path):
    folder = tmp_path / "site"
    (folder / "database").mkdir(parents=True)
    (folder / "parameters.conf").write_text(PARAMETERS)
    write(folder, "too-slow", "It is too slow", "`ERROR:  canceling statement due to statement timeout` in the log; users wait")
    write(folder, "locked-out", "Nobody can log in", '`FATAL:  password authentication failed for user "app"`')
    return folder


def write(folder, name, title="A title", symptom="nothing"):
    path = folder / "database" / f"{name}.md"
    path.write_text(ISSUE.format(id=name, title=title, symptom=symptom))
    return path


def call(lifeboat, *arguments, runbook=None):
    return lifeboat("runbook", *arguments, *(["--runbook", str(runbook)] if runbook else []))


# ---- the built-in one

def test_it_is_there_without_anything(lifeboat, tmp_path):
    """From an empty directory, without configuration, without a database."""
    listed = lifeboat("runbook", "list", "--json", cwd=tmp_path, env={"PGHOST": "/nonexistent"})
    assert listed.status == 0, listed
    issues = listed.json["issues"]
    on_disk = {path.stem for path in (ROOT / "runbook").glob("*/*.md") if path.name != "index.md"}
    assert {issue["id"] for issue in issues} == on_disk and len(on_disk) >= 60
    assert not [issue["id"] for issue in issues if issue["broken"]]
    assert lifeboat("runbook", "check").status == 0


def test_every_page_shows(lifeboat):
    """In the order of the form, with no placeholder left, in 80 columns where it is no code."""
    for issue in lifeboat("runbook", "list", "--json").json["issues"][::7]:
        shown = lifeboat("runbook", "show", issue["id"])
        parts = [shown.stdout.index(f"\n{part}:\n") for part in
                 ("Symptoms", "Diagnosis", "Resolution", "Escalation", "Related Issues")]
        assert shown.status == 0 and parts == sorted(parts) and "{{" not in shown.stdout, shown
        assert all(len(line) <= 80 for line in shown.stdout.splitlines() if not line.startswith("    ") and " " in line.strip()[:70]), shown


@pytest.mark.parametrize("line,first", [
    ("2026-11-25 14:00:00.123 UTC [77] app@db ERROR:  canceling statement due to statement timeout", "statement-timeouts"),
    ('FATAL:  password authentication failed for user "someone_else"', "database-password-refused"),
    ("ERROR:  invalid page in block 4711 of relation base/5/98765", "page-corruption"),
    ('ERROR:  nextval: reached maximum value of sequence "other_id_seq" (2147483647)', "sequence-near-limit"),
    ("ERROR:  deadlock detected", "deadlocks"),
    ("sequence near its limit", "sequence-near-limit"),
    ("deadlock", "deadlocks"),
])
def test_a_line_of_the_log_finds_its_issue(lifeboat, line, first):
    found = lifeboat("runbook", "search", line, "--json")
    assert found.status == 0 and found.json["issues"][0]["id"] == first, [(i["id"], i["score"]) for i in found.json["issues"][:4]]


def test_the_rendered_file_is_the_one_in_the_tree(lifeboat):
    rendered = lifeboat("runbook", "render")
    assert rendered.status == 0 and rendered.stdout == (ROOT / "RUNBOOK.md").read_text()
    assert lifeboat("runbook", "render").stdout == rendered.stdout
    headings = re.findall(r"(?m)^## (\d+)\. (.*)$", rendered.stdout)
    assert headings == list(zip("1 2 3 4 5 6 7 8 9 10".split(), [
        "Quick Reference", "Database Issues", "Application Issues", "External Service Issues", "Data Issues", "Monitoring & Alerts",
        "Deployment Issues", "Security Incidents", "Performance Issues", "Backup & Recovery"]))
    assert "## Index by symptom" in rendered.stdout and "## Index by error message" in rendered.stdout


# ---- one of one's own

def test_search_ranks_messages_before_titles_before_words(lifeboat, runbook):
    write(runbook, "other", "Canceling", "statement timeout is mentioned")
    found = call(lifeboat, "search", "canceling statement due to statement timeout", "--json", runbook=runbook).json["issues"]
    assert found[0]["id"] == "too-slow" and found[0]["message"] and found[1]["id"] == "other"
    assert call(lifeboat, "search", "log in", runbook=runbook).stdout.startswith("locked-out ")
    nothing = call(lifeboat, "search", "zzzz", runbook=runbook)
    assert nothing.status == 1 and "nothing found" in nothing.stdout
    assert call(lifeboat, "search", runbook=runbook).status == 64


def test_values_are_shown_so_that_they_can_be_pasted(lifeboat, runbook, tmp_path):
    secret = tmp_path / "token"
    secret.write_text("geheim\n")
    secret.chmod(0o600)
    lifeboat.configure(f"[runbook]\nwords = it's \"$$(touch /tmp/x)\" `y`\napp_url = https://app.example\nage = 90s\n"
                       f"token_file = {secret}\n[target a]\npath = /x\n[target b]\npath = /x\n[runbook b]\nage = 2h\n")
    page = call(lifeboat, "show", "too-slow", "--markdown", runbook=runbook).stdout
    assert "'90 seconds'::interval" in page and "'it''s \"$(touch /tmp/x)\" `y`'::text" in page
    assert "echo 'it'\\''s \"$(touch /tmp/x)\" `y`' '" + str(secret) + "'" in page
    assert "GET https://app.example/healthz" in page and "Authorization: ***" in page
    assert "3. Prevent: it's \"$(touch /tmp/x)\" \\`y\\`, or `it's \"$(touch /tmp/x)\" 'y'`." in page
    assert "geheim" not in page
    assert "'7200 seconds'::interval" in call(lifeboat, "show", "too-slow", "--target", "b", runbook=runbook).stdout
    assert "geheim" not in call(lifeboat, "parameters", runbook=runbook).stdout + call(lifeboat, "render", runbook=runbook).stdout
    lifeboat.configure("")
    page = call(lifeboat, "show", "too-slow", "--markdown", runbook=runbook).stdout
    assert "GET <app_url>/healthz" in page and "'300 seconds'::interval" in page and "<token_file>" in page


@pytest.mark.parametrize("line,words", [
    ("wrods = x", "did you mean words?"),
    ("age = soon", "soon"),
    ("app_url = gopher://x", "no URL"),
    ("token = geheim", "no setting"),
    ("words = a\x1b[2J", "control character"),
])
def test_a_wrong_value_is_refused_by_line(lifeboat, runbook, line, words):
    path = lifeboat.configure(f"[runbook]\n{line}\n")
    result = call(lifeboat, "show", "too-slow", runbook=runbook)
    assert result.status == 78 and f"{path}:2" in result.stderr and words in result.stderr and "geheim" not in result.stderr, result


def test_issues_of_a_site_are_laid_over(lifeboat, runbook):
    """One more, one replaced, a default changed; the built-in ones stay."""
    added = runbook.parent / "added"
    (added / "database").mkdir(parents=True)
    (added / "parameters.conf").write_text("[parameter age]\ntype = duration\ndefault = 1h\nmeaning = Ours.\n")
    write(added, "too-slow", "It is our own slowness")
    write(added, "ours", "Ours")
    listed = lifeboat("runbook", "list", "--json", "--runbook", str(runbook), "--add-runbook", str(added)).json["issues"]
    assert {i["id"]: i["title"] for i in listed} == {"too-slow": "It is our own slowness", "ours": "Ours", "locked-out": "Nobody can log in"}
    shown = lifeboat("runbook", "show", "too-slow", "--runbook", str(runbook), "--add-runbook", str(added)).stdout
    assert "'3600 seconds'::interval" in shown
    lifeboat.configure(f"[runbook]\nrunbook = {runbook}\nadd_runbook = {added}\n")
    assert len(lifeboat("runbook", "list", "--json").json["issues"]) == 3
    assert lifeboat("runbook", "list", "--add-runbook", "/nonexistent").status == 2


def test_a_good_runbook_passes(lifeboat, runbook):
    result = call(lifeboat, "check", runbook=runbook)
    assert result.status == 0 and "nothing is wrong: 2 issues" in result.stdout, result


REFUSED = [
    # what is replaced, by what, and in what words it is refused (the line is that of the block or of the text)
    ("select 1 where", "delete from t where", ":25: a question that writes: delete"),
    ("select 1 where", "with x as (delete from t returning 1) select 1 from x where", ":25: a question that writes: delete"),
    ("select 1 where", "select pg_terminate_backend(1) where", "pg_terminate_backend()"),
    ("select 1 where", "select 1 into t where", "a question that writes: into"),
    ("select 1 where", "select 1; select 2 where", "more than one statement"),
    ("::text;", "::text", "does not end with a semicolon"),
    ("{{words}}::text", "'{{words}}'", "{{words}} stands in quotes"),
    ("{{words}}::text", "$$ {{words}} $$", "{{words}} stands in quotes"),
    ("{{words}}::text", "{{words}}", "{{words}} lacks its cast"),
    ("{{words}}::text", "{{token}}::text", "{{token}} is a secret"),
    ("{{words}}::text", "{{wrods}}::text", "{{wrods}} is not declared"),
    ("echo {{words}}", "echo \"{{words}}\"", "{{words}} stands in quotes"),
    ("echo {{words}}", "echo {{wrods}}", "{{wrods}} is not declared"),
    ("present: status != 200", "present: status is wrong", ":31: "),
    ("present: status != 200", "", ":31: "),
    ("http look", "perl look", "unknown kind or role"),
    ("   ```sql probe\n", "   ```sql probe\n   select 'x'\n   ```\n\n   ```sql probe\n", 'no "Expected:"'),
    ("   # undo: irreversible: it only prints\n", "", 'no line "# undo: ..."'),
    ("   Expected: no rows.\n", "", 'no "Expected:"'),
    ("**Escalation:**", "**Escalate:**", "the part Escalation is missing"),
    ("Verify: look", "Look", 'Resolution has no "Verify:"'),
    ("- What to bring: this\n", "", 'Escalation has no "What to bring:"'),
    ("../database/too-slow.md", "../database/nowhere.md", ":58: a link to no file"),
    ("look_alikes:", "look_alikes: locked-out", "the look-alike locked-out does not name this one"),
    ("consequences:", "consequences: nothing", "the consequence nothing does not exist"),
    ("findings:", "findings: no-such-finding", "there is no finding no-such-finding"),
    ("needs:", "needs: luck", 'unknown right: "luck"'),
    ("severity: high", "severity: huge", ':5: severity is "huge"'),
    ("look again after {{age}}", "look again after {{ago}}", ":48: {{ago}} is not declared"),
    ("title: It is too slow", "title: Nobody can log in", "has the same title"),
    ("{{words}}, or `{{words}}`", "sleep", None),  # the control: other text is no reason
]


@pytest.mark.parametrize("piece,instead,words", REFUSED, ids=range(len(REFUSED)))
def test_what_is_wrong_is_refused_by_file_and_line(lifeboat, runbook, piece, instead, words):
    path = runbook / "database" / "too-slow.md"
    text = path.read_text()
    assert piece in text
    path.write_text(text.replace(piece, instead))
    result = call(lifeboat, "check", runbook=runbook)
    if words is None:
        assert result.status == 0, result
        return
    assert result.status == 1 and str(path) in result.stdout and words in result.stdout and "  hint: " in result.stdout, result
    problems = call(lifeboat, "check", "--json", runbook=runbook).json
    assert not problems["good"] and all(problem["hint"] for problem in problems["problems"])


def test_a_probe_in_sh_that_writes_is_refused(lifeboat, runbook):
    path = runbook / "database" / "too-slow.md"
    text = path.read_text()
    block = text[text.index("```http look"):text.index("```\n\n**Resolution")]
    cases = {"echo x > /etc/passwd": "writes to", "echo x >> \"$HOME/x\"": "writes to", "ls | xargs rm": "rm", "true && kill 1": "kill",
             "if true; then systemctl restart x; fi": "systemctl", "psql -f x.sql": "psql -f", "echo x > ../y": "writes to",
             "echo `rm x`": "rm", "df >out 2>&1; grep x out": None, "echo 'rm x > /etc'": None, "test $((3 > 2)) = 1": None,
             "psql -XAtc 'select 1' 2>/dev/null": None, "# rm x\ntrue": None, "ls /var/log/kill": None}
    for script, words in cases.items():
        indented = "".join(f"   {line}\n" for line in script.split("\n"))
        path.write_text(text.replace(block, f"```sh look\n{indented}   "))
        result = call(lifeboat, "check", runbook=runbook)
        problems = [p for p in call(lifeboat, "check", "--json", runbook=runbook).json["problems"] if "never used" not in p["message"]]
        if words is None:
            assert problems == [], (script, problems)
        else:
            assert result.status == 1 and "a question that" in result.stdout and words in result.stdout, (script, result)


@pytest.mark.parametrize("damage", ["", "---", "---\nid: too-slow\n", "### Issue: x", "```sql probe\nselect 1;", "\x00", "\xff\xfe",
                                    "- " * 3000, "> " * 3000 + "x", "**Symptoms:**\n" * 100, "[" * 5000, "`" * 5000])
def test_broken_markdown_is_refused_and_the_rest_stays_usable(lifeboat, runbook, damage):
    path = runbook / "database" / "too-slow.md"
    path.write_bytes(damage.encode("latin-1"))
    checked = call(lifeboat, "check", runbook=runbook)
    assert checked.status == 1 and str(path) in checked.stdout and checked.stderr == "", checked
    listed = call(lifeboat, "list", "--json", runbook=runbook).json["issues"]
    assert {i["id"]: i["broken"] for i in listed} == {"too-slow": True, "locked-out": False}
    assert call(lifeboat, "show", "locked-out", runbook=runbook).status == 0
    assert call(lifeboat, "show", "too-slow", runbook=runbook).status == 0


def test_a_runbook_that_is_none(lifeboat, tmp_path):
    assert lifeboat("runbook", "list", "--runbook", str(tmp_path)).status == 2
    assert "there is no runbook in" in lifeboat("runbook", "list", "--runbook", str(tmp_path)).stderr
    assert lifeboat("runbook", "list", "--runbook", "/nonexistent").status == 2


# ---- the plan

CHAPTER = "# 1. Overview\n\nCall {{contact_database}}. See [the scenario](scenario-1-lost.md) and [an issue](../runbook/database/too-slow.md).\n"
SCENARIO = """---
id: lost
title: All is lost
severity: critical
rto: 1h
rpo: 24h
cells: one table, all
---

### Scenario 1: All is lost

```sh fault on=sandbox
true
```

1. Restore.

   ```sh step minutes=15
   echo {{words}}
   ```

   ```sql expect minutes=1
   select 1;
   ```
"""


@pytest.fixture
def plan(tmp_path):
    folder = tmp_path / "plan"
    folder.mkdir()
    (folder / "1-overview.md").write_text(CHAPTER)
    (folder / "4-after.md").write_text("# 4. After\n\ntext\n")
    (folder / "scenario-1-lost.md").write_text(SCENARIO)
    return folder


def test_a_plan_is_listed_shown_and_rendered(lifeboat, runbook, plan):
    where = ["--runbook", str(runbook), "--plan", str(plan)]
    assert lifeboat("plan", "check", *where).status == 0, lifeboat("plan", "check", *where)
    parts = lifeboat("plan", "list", "--json", *where).json["parts"]
    assert [(p["name"], p["minutes"]) for p in parts] == [("1-overview", 0), ("lost", 16), ("4-after", 0)]
    shown = lifeboat("plan", "show", "lost", *where)
    assert "step, 15 minutes, on the target" in shown.stdout and "echo 'plain'" in shown.stdout, shown
    assert "Call the owner." in lifeboat("plan", "show", "1", *where).stdout
    assert lifeboat("plan", "show", "lots", *where).status == 64
    text = lifeboat("plan", "render", *where).stdout
    assert text.index("## 1. Overview") < text.index("### Scenario 1: All is lost") < text.index("## 4. After")
    assert "[the scenario](#scenario-1-all-is-lost)" in text and "[an issue](RUNBOOK.md#issue-it-is-too-slow)" in text


@pytest.mark.parametrize("piece,instead,words", [
    ("rto: 1h", "rto: 10m", "the steps take 16 minutes, the rto is 10m"),
    ("rto: 1h", "rto: soon", "the rto is no length of time"),
    ("sql expect minutes=1", "sql look", "unknown kind or role"),
    ("minutes=15", "minutes=15 on=moon", 'unknown option of a block: "on=moon"'),
    ("echo {{words}}", "echo '{{words}}'", "stands in quotes"),
    ("### Scenario 1: All", "### Scenario: All", "the heading is missing"),
])
def test_what_is_wrong_in_a_plan_is_refused(lifeboat, runbook, plan, piece, instead, words):
    path = plan / "scenario-1-lost.md"
    path.write_text(SCENARIO.replace(piece, instead))
    result = lifeboat("plan", "check", "--runbook", str(runbook), "--plan", str(plan))
    assert result.status == 1 and words in result.stdout and str(path) in result.stdout, result


# ---- findings lead here

def test_a_finding_names_its_issue(lifeboat):
    linked = {finding: issue["id"] for issue in lifeboat("runbook", "list", "--json").json["issues"] for finding in issue["findings"]}
    assert linked
    for finding in linked:
        explained = lifeboat("explain", finding)
        assert "lifeboat runbook show " in " ".join(explained.stdout.split()), explained
    assert "lifeboat runbook show" not in lifeboat("explain", "row-count-drift").stdout or "row-count-drift" in linked


def test_a_report_names_the_issue(lifeboat, tmp_path):
    """backup-missing has its issue; the text, the JSON and what channels are told say so."""
    result = lifeboat("verify", str(tmp_path))
    assert result.status != 0 and "lifeboat runbook show " in " ".join(result.stdout.split()), result
    assert "lifeboat runbook show " in lifeboat("verify", str(tmp_path), "--json").json["next_step"]


def test_explain_knows_where_an_issue_is(lifeboat):
    result = lifeboat("explain", "deadlocks")
    assert result.status == 64 and "lifeboat runbook show deadlocks" in result.stderr, result


def test_doctor_looks_at_the_values(lifeboat, tmp_path):
    def said():
        return [(line["status"], line["text"]) for line in lifeboat("doctor", "--json").json["lines"] if line["what"].startswith("runbook")]
    lifeboat.configure("[store]\n")
    assert said() == []
    secret = tmp_path / "token"
    secret.write_text("geheim\n")
    secret.chmod(0o600)
    lifeboat.configure(f"[runbook]\nlock_wait_age = 1m\nsupabase_token_file = {secret}\n")
    assert [status for status, _ in said()] == ["ok"] and "have no value" in said()[0][1]
    secret.chmod(0o644)
    assert [status for status, _ in said()] == ["ok", "problem"] and "read by others" in said()[1][1]
    lifeboat.configure("[runbook]\nlock_wait_age = soon\n")
    assert [status for status, _ in said()] == ["problem"]
