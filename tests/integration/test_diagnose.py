# SPDX-License-Identifier: PostgreSQL
"""lifeboat runbook diagnose and resolve against a real PostgreSQL, a server of HTTP that misbehaves, and logs of any size.

What is held here above all: whatever keeps a question from being answered is "cannot tell", never "absent", and a value never becomes
part of a program.
"""
import contextlib
import datetime as dt
import http.server
import json
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import threading
import time

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs/reference/diagnosis.schema.json").read_text())

PARAMETERS = """
[parameter app_url]
type = url
meaning = where it answers
[parameter app_log]
type = path
meaning = its log
[parameter word]
type = text
default = plain
meaning = any text
[parameter words]
type = list
default = a, b
meaning = several
[parameter patience]
type = duration
default = 5m
meaning = a length of time
[parameter token]
type = secret
meaning = a secret
[parameter operator]
type = conninfo
default =
meaning = whom resolutions connect as
[parameter unset]
type = text
meaning = has no value
"""

ISSUE = """---
id: {id}
title: {title}
section: database
severity: {severity}
owner: database
findings:
danger: moderate
needs: {needs}
resolve_needs: {resolve_needs}
decide: {decide}
consequences: {consequences}
look_alikes:
not_tested: made by a test
---

### Issue: {title}

**Symptoms:**

- nothing

**Diagnosis:**

{diagnosis}
**Resolution:**

{resolution}
1. Verify: look. Prevent: do.

**Escalation:**

- Who: somebody
- What to bring: this

**Related Issues:**

- none
"""


def block(kind, role, body, expected="no rows"):
    text = "".join(f"   {line}\n" for line in body.strip("\n").split("\n"))
    after = f"   Expected: {expected}\n\n" if role in ("probe", "ruleout") else ""
    return f"1. Look.\n\n   ```{kind} {role}\n{text}   ```\n\n{after}"


def sql(body):
    return block("sql", "probe", body)


def resolve(body, kind="sql", role="resolve"):
    comment = "--" if kind == "sql" else "#"
    facts = f"{comment} precondition: it is there\n{comment} blast: nobody\n{comment} undo: irreversible: it does not matter\n"
    return block(kind, role, facts + body)


class Book:
    """A runbook of a test's own, the configuration beside it, and the program that reads both."""

    def __init__(self, lifeboat, directory, conninfo):
        self.lifeboat, self.directory, self.conninfo = lifeboat, directory, conninfo
        (directory / "database").mkdir(parents=True)
        (directory / "parameters.conf").write_text(PARAMETERS)
        self.set()

    def set(self, **values):
        lines = ["[target app]", f"against = {self.conninfo}", "[runbook]", *(f"{name} = {value}" for name, value in values.items())]
        self.lifeboat.configure("\n".join(lines) + "\n")

    def issue(self, issue_id, *diagnosis, resolution=(), **front):
        known = {"title": issue_id.replace("-", " "), "severity": "high", "needs": "", "resolve_needs": "", "decide": "any",
                 "consequences": "", **front}
        text = ISSUE.format(id=issue_id, diagnosis="".join(diagnosis), resolution="".join(resolution), **known)
        (self.directory / "database" / f"{issue_id}.md").write_text(text)

    def run(self, *words, **options):
        return self.lifeboat("runbook", *words, "--runbook", self.directory, **options)

    def diagnose(self, *issues, **options):
        result = self.run("diagnose", *(issues or ["--all"]), "--json", **options)
        document = result.json
        jsonschema.Draft202012Validator(SCHEMA).validate(document)
        assert document["exit_status"] == result.status, result
        assert sum(document["counts"].values()) == len(document["issues"]), result
        return document

    def one(self, issue_id, **options):
        return self.diagnose(issue_id, **options)["issues"][0]

    def outcomes(self, **options):
        return {one["id"]: one["outcome"] for one in self.diagnose(**options)["issues"]}


@pytest.fixture
def book(lifeboat, database, tmp_path):
    return Book(lifeboat, tmp_path / "runbook", database.conninfo)


@pytest.fixture
def nowhere(lifeboat, tmp_path):
    """The database is down."""
    return Book(lifeboat, tmp_path / "runbook", f"host={tmp_path} dbname=app user=nobody")


def evidence(one):
    return [line for part in one["blocks"] for line in part["evidence"]]


# ---------------------------------------------------------------------------------------------------------------- answers


def test_present_absent_and_cannot_tell(book):
    book.issue("there", sql("select 7 as lucky, null as nothing from generate_series(1, 25);"))
    book.issue("not-there", sql("select 1 where false;"))
    assert book.outcomes() == {"there": "present", "not-there": "absent"}
    there = book.one("there")
    assert evidence(there)[0] == "lucky 7, nothing null" and evidence(there)[-1] == "and 5 more rows", there
    assert book.run("diagnose", "not-there").status == 0
    assert book.run("diagnose", "there").status == 1
    book.issue("no-table", sql("select 1 from nothing_of_the_kind;"))
    assert "no such object" in book.one("no-table")["reason"]
    assert book.run("diagnose", "no-table").status == 2
    assert book.run("diagnose", "no-table", "not-there").status == 2
    assert book.run("diagnose", "no-table", "there").status == 1
    assert book.run("diagnose", "no-such-issue").status == 64


@pytest.mark.parametrize("decide,answers,expected", [
    ("any", "pa", "present"), ("any", "a?", "cannot tell"), ("any", "p?", "present"), ("any", "a-", "absent"), ("any", "-", "cannot tell"),
    ("all", "pp", "present"), ("all", "pa", "absent"), ("all", "p?", "cannot tell"), ("all", "p-", "cannot tell"), ("all", "a?", "absent")])
def test_probes_are_joined(book, decide, answers, expected):
    kinds = {"p": "select 1;", "a": "select 1 where false;", "?": "select 1/0;", "-": "select {{unset}}::text;"}
    book.issue("joined", *(sql(kinds[letter]) for letter in answers), decide=decide)
    one = book.one("joined")
    assert one["outcome"] == expected, one
    if "-" in answers:
        assert "unset is not set: [runbook] unset" in json.dumps(one), one


@pytest.mark.parametrize("ruleout,expected", [("select 1;", "absent"), ("select 1 where false;", "present"), ("select 1/0;", "cannot tell"),
                                              ("select {{unset}}::text;", "cannot tell")])
def test_a_ruleout_decides_only_what_is_present(book, ruleout, expected):
    book.issue("looks-like", sql("select 1;"), block("sql", "ruleout", ruleout), block("sql", "look", "select 42 as seen;"))
    one = book.one("looks-like")
    assert one["outcome"] == expected, one
    assert "seen 42" in evidence(one), one
    book.issue("looks-like", sql("select 1 where false;"), block("sql", "ruleout", ruleout))
    assert book.one("looks-like")["outcome"] == "absent"


def test_consequences_stand_under_their_cause(book):
    book.issue("aaa-first", sql("select 1;"), severity="medium")
    book.issue("cause", sql("select 1;"), severity="critical", consequences="effect, not-there")
    book.issue("effect", sql("select 1;"), severity="high", consequences="cause")
    book.issue("not-there", sql("select 1 where false;"), severity="critical")
    document = book.diagnose()
    assert document["read_first"] == "cause" and document["present"] == ["cause", "effect", "aaa-first"], document
    assert {one["id"]: one["consequence_of"] for one in document["issues"]} == {"aaa-first": None, "cause": None, "effect": "cause",
                                                                                 "not-there": None}
    text = book.run("diagnose").stdout
    assert "3 problems on app. Read first: cause" in text and "absent" in text, text
    assert re.search(r"-> effect|↳ effect", text) and "lifeboat runbook show cause" in text, text
    assert all(len(line) <= 80 for line in text.splitlines()), text
    assert "\033" not in text


# ----------------------------------------------------------------------------------------------------- it only looks

# The runbook's reader refuses pg_sleep itself; what a function of the database does it cannot know.
DAWDLE = "create function dawdle(seconds float) returns int language plpgsql as 'begin perform pg_sleep(seconds); return 1; end'"


def test_what_writes_is_refused_by_the_server(book, database):
    database.sql("create table notes (n int); create sequence counter; "
                 "create function scribble() returns int language sql as 'insert into notes values (1) returning n'")
    writers = ["select scribble();", "select nextval('counter');", "with x as (insert into notes values (2) returning 1) select * from x;",
               "create table more (n int);",
               "select set_config('transaction_read_only', 'off', false), scribble();"]
    for number, statement in enumerate(writers):
        book.issue(f"writes-{number}", sql(statement))
    book.issue("makes-a-large-object", sql("select lo_create(0);"))  # PostgreSQL 15 and older allow it: what is left is nothing
    book.issue("two-statements", sql("rollback; insert into notes values (3);"))
    book.issue("opens-the-door", sql("select set_config('default_transaction_read_only', 'off', false);"))
    document = book.diagnose()
    outcomes = {one["id"]: one["outcome"] for one in document["issues"]}
    assert {outcomes[f"writes-{number}"] for number in range(len(writers))} == {"cannot tell"}, document
    assert outcomes["two-statements"] == "cannot tell", document
    assert "tries to write" in json.dumps(document["cannot_tell_reasons"]), document
    assert database.value("select count(*) from notes") == 0
    assert database.value("select count(*) from pg_largeobject_metadata") == 0
    assert database.value("select is_called from counter") is False
    book.issue("reads", sql("select 1 from notes;"))
    assert book.one("reads")["outcome"] == "absent"


def test_a_question_does_not_wait(book, database):
    database.sql(f"create table held (n int); {DAWDLE}")
    book.issue("slow", sql("select dawdle(30);"))
    book.issue("locked", sql("select * from held;"))
    holder = database.connect()
    holder.autocommit = False
    holder.cursor().execute("lock table held in access exclusive mode")
    started = time.monotonic()
    document = book.diagnose()
    took = time.monotonic() - started
    holder.close()
    reasons = {one["id"]: one["reason"] for one in document["issues"]}
    assert document["counts"]["cannot_tell"] == 2, document
    assert "holds a lock" in reasons["locked"] and "statement timeout" in reasons["slow"], reasons
    assert took < 20


def test_a_server_that_never_answers_in_time_is_left_alone(book, database):
    database.sql(DAWDLE)
    for number in range(16):
        book.issue(f"slow-{number:02}", sql("select dawdle(30);"))
    document = book.diagnose()
    assert document["counts"]["cannot_tell"] == 16
    assert "not asked any more" in json.dumps(document["cannot_tell_reasons"]), document
    assert document["seconds"] < 12, document


def test_connections_are_few_and_one_where_slots_are_short(book, database):
    database.sql(f"create role modest login connection limit 3; {DAWDLE}")
    for number in range(8):
        book.issue(f"counts-{number}", sql("select count(*) from pg_stat_activity, dawdle(0.1) where application_name = 'lifeboat' "
                                           "and datname = current_database() having count(*) > 1;"))
    book.issue("too-many", sql("select count(*) from pg_stat_activity, dawdle(0.1) where application_name = 'lifeboat' "
                               "and datname = current_database() having count(*) > 4;"))
    control = book.outcomes()
    assert "present" in control.values() and control["too-many"] == "absent", control
    book.conninfo = database.conninfo_as("modest")
    book.set()
    assert set(book.outcomes().values()) == {"absent"}
    database.server.admin.sql(f'alter database "{database.name}" connection limit 0')
    try:
        document = book.diagnose()
        assert document["counts"]["cannot_tell"] == 9 and len(document["cannot_tell_reasons"]) == 1, document
    finally:
        database.server.admin.sql(f'alter database "{database.name}" connection limit -1')
        database.sql("drop role modest")


# ------------------------------------------------------------------------------------------------------------- rights


def test_a_missing_right_is_asked_for_before_an_empty_answer_is_believed(book, database):
    database.sql("create role blind login; create table secrets (n int); create table own (n int); grant select on own to blind")
    needs = {"role-right": ("role:pg_read_all_stats", "grant pg_read_all_stats to blind"), "rls": ("bypassrls", "alter role blind bypassrls"),
             "super": ("superuser", "superuser"), "table": ("select:public.secrets", "grant select on public.secrets to blind"),
             "no-table": ("select:public.gone", "this database has no public.gone"),
             "no-extension": ("extension:pg_nothing", "create extension pg_nothing"), "new-version": ("version:99", "needs PostgreSQL 99"),
             "no-tool": ("tool:no-such-program", "install no-such-program"), "no-role": ("role:no_such_role", "no_such_role")}
    for issue_id, (token, _) in needs.items():
        book.issue(issue_id, sql("select 1 where false;"), needs=token)
    book.issue("refused", sql("select * from secrets;"))
    book.issue("held", sql("select * from own;"), needs="select:public.own, version:13, tool:sh")
    try:
        book.conninfo = database.conninfo_as("blind")
        book.set()
        found = {one["id"]: one for one in book.diagnose()["issues"]}
        for issue_id, (_, words) in needs.items():
            assert found[issue_id]["outcome"] == "cannot tell" and words in found[issue_id]["reason"], found[issue_id]
        assert found["refused"]["outcome"] == "cannot tell" and "grant select on secrets to blind" in found["refused"]["reason"]
        assert found["held"]["outcome"] == "absent", found["held"]
        book.conninfo = database.conninfo
        book.set()
        control = book.outcomes()
        assert [control[name] for name in ("role-right", "rls", "super", "table", "refused", "held")] == ["absent"] * 6, control
    finally:
        database.sql("drop owned by blind; drop role blind")


# ------------------------------------------------------------------------------------------------------------- values

HOSTILE = """it's "quoted"; $(touch x) `touch y` $HOME \\ ' or 1=1; --"""


def test_a_value_never_becomes_part_of_a_program(book, tmp_path):
    book.set(word=HOSTILE.replace("$", "$$"))
    book.issue("in-sql", sql("-- of {{word}}\nselect {{word}}::text as is, {{word}}::text = {{word}}::text as same;"))
    book.issue("in-sh", block("sh", "probe", "printf '%s\\n' {{word}}\nls -A\n"))
    assert evidence(book.one("in-sql")) == [f"is {HOSTILE}, same t"]
    assert evidence(book.one("in-sh")) == [HOSTILE]
    book.issue("typed", sql("select extract(epoch from {{patience}}::interval)::int as seconds, "
                            "array_length(string_to_array({{words}}::text, ','), 1) as words;"))
    assert evidence(book.one("typed")) == ["seconds 300, words 2"]
    book.issue("in-quotes", sql("select '{{word}}';"))
    assert book.one("in-quotes")["outcome"] == "cannot tell"


def test_a_secret_stays_one(book, tmp_path):
    path = tmp_path / "token"
    path.write_text("s3cr3t-value\n")
    path.chmod(0o600)
    with server_of({"/": lambda handler: handler.answer(500 if handler.headers["X-Token"] == "s3cr3t-value" else 200, "no")}) as url:
        book.set(token_file=path, app_url=url)
        book.issue("in-header", block("http", "probe", "GET {{app_url}}/\nheader: X-Token: {{token}}\npresent: status == 500"))
        book.issue("in-url", block("http", "probe", "GET {{app_url}}/{{token}}\npresent: status == 500"))
        book.issue("in-sh", block("sh", "probe", "echo {{token}}"))
        result = book.run("diagnose", "--json")
        outcomes = {one["id"]: one["outcome"] for one in result.json["issues"]}
        assert outcomes == {"in-header": "present", "in-url": "cannot tell", "in-sh": "cannot tell"}, result
        assert "s3cr3t-value" not in result.stdout + result.stderr + book.run("diagnose").stdout


# --------------------------------------------------------------------------------------------------------------- http


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body, **headers):
        data = body if isinstance(body, bytes) else body.encode()
        self.send_response(status)
        for name, value in {"Content-Length": len(data), **headers}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_GET(self):
        with contextlib.suppress(OSError):
            self.server.routes[self.path.split("?")[0]](self)

    do_HEAD = do_POST = do_GET


@contextlib.contextmanager
def server_of(routes):
    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.daemon_threads = True
    served.routes = routes
    threading.Thread(target=served.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{served.server_port}"
    finally:
        served.shutdown()
        served.server_close()


def test_endpoints_of_all_kinds(nowhere):
    free = socket.socket()
    free.bind(("127.0.0.1", 0))  # bound and not listening: refused
    routes = {
        "/well": lambda h: h.answer(200, '{"ok": true, "checks": [{"name": "db", "ok": true}]}'),
        "/ill": lambda h: h.answer(503, '{"ok": false}', Retry_After=30),
        "/garbage": lambda h: h.answer(200, b"\xff\xfe{not json"),
        "/empty": lambda h: h.answer(200, ""),
        "/hangs": lambda h: time.sleep(30),
        "/slow": lambda h: (time.sleep(0.7), h.answer(200, "{}")),
        "/moved": lambda h: h.answer(302, "", Location="/ill"),
        "/large": lambda h: h.answer(200, "x" * 3_000_000),
        "/metrics": lambda h: h.answer(200, 'up{job="a"} 1\nup{job="b"} 0\n'),
    }
    cases = {
        "well-ok": ("/well", "json ok == false", "absent"), "well-status": ("/well", "status != 200", "absent"),
        "ill-status": ("/ill", "status >= 500", "present"), "ill-json": ("/ill", "status == 503 and json ok == false", "present"),
        "ill-header": ("/ill", "header Retry-After > 10", "present"), "no-header": ("/well", "header Retry-After > 10", "cannot tell"),
        "garbage-json": ("/garbage", "json ok == false", "cannot tell"), "garbage-missing": ("/garbage", "json ok missing", "cannot tell"),
        "empty-json": ("/empty", "json ok == false", "cannot tell"), "no-path": ("/well", "json gone == false", "cannot tell"),
        "hangs-status": ("/hangs", "status != 200", "cannot tell"), "hangs-unreachable": ("/hangs", "unreachable", "present"),
        "slow-time": ("/slow", "time > 500ms", "present"), "slow-not": ("/slow", "time > 60s", "absent"),
        "moved-not-followed": ("/moved", "status == 302", "present"), "large-body": ("/large", "body ~ /^x+$/", "present"),
        "metric-one": ("/metrics", 'metric up{job="b"} < 1', "present"), "metric-other": ("/metrics", 'metric up{job="a"} < 1', "absent"),
        "metric-none": ("/metrics", "metric down > 0", "cannot tell"),
    }
    with server_of(routes) as url:
        nowhere.set(app_url=url)
        for name, (path, condition, _) in cases.items():
            nowhere.issue(name, block("http", "probe", f"GET {{{{app_url}}}}{path}\ntimeout: {'1s' if 'hangs' in path else '20s'}\n"
                                                       f"present: {condition}"))
        nowhere.issue("refused", block("http", "probe", f"GET http://127.0.0.1:{free.getsockname()[1]}/\npresent: unreachable"))
        nowhere.issue("refused-status", block("http", "probe", f"GET http://127.0.0.1:{free.getsockname()[1]}/\npresent: status == 500"))
        nowhere.issue("head", block("http", "probe", "HEAD {{app_url}}/ill\npresent: status == 503"))
        nowhere.issue("not-a-url", block("http", "probe", "GET {{app_log}}/x\npresent: unreachable"))
        started = time.monotonic()
        found = nowhere.diagnose()
        assert time.monotonic() - started < 30
    outcomes = {one["id"]: one["outcome"] for one in found["issues"]}
    expected = {name: case[2] for name, case in cases.items()}
    expected.update({"refused": "present", "refused-status": "cannot tell", "head": "present", "not-a-url": "cannot tell"})
    assert outcomes == expected, found


# ---------------------------------------------------------------------------------------------------------------- log


def stamp(seconds):
    return (dt.datetime.now(dt.timezone.utc) - dt.timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + " UTC"


LOG_BLOCK = "file: {{app_log}}\nwindow: 5m\nmatch: text ~ /deadlock detected/\npresent: count >= 3"


def bounded(program, environment, *arguments):
    """Runs the program and gives (status, output, seconds, peak memory in MiB)."""
    started = time.monotonic()
    child = subprocess.Popen([program, *map(str, arguments)], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, output, time.monotonic() - started, usage.ru_maxrss / 1024


def test_ten_gigabytes_of_log_cost_no_more_than_their_end(nowhere, tmp_path):
    log = tmp_path / "large.log"
    with open(log, "wb") as file:
        file.truncate(10 * 10**9)
        file.seek(0, os.SEEK_END)
        file.write(b"\n")
        for _ in range(20000):
            file.write(f"{stamp(3600)} LOG:  nothing of interest, an hour ago\n".encode())
        for _ in range(5):
            file.write(f"{stamp(20)} ERROR:  deadlock detected\n".encode())
    nowhere.set(app_log=log)
    nowhere.issue("deadlocks", block("log", "probe", LOG_BLOCK))
    nowhere.issue("nothing", block("log", "probe", LOG_BLOCK.replace("deadlock detected", "never written")))
    nowhere.issue("never", block("log", "probe", LOG_BLOCK.replace("count >= 3", "age > 30d").replace("detected", "never written")))
    status, output, seconds, memory = bounded(nowhere.lifeboat.program, nowhere.lifeboat.environment, "runbook", "diagnose", "--json",
                                              "--runbook", nowhere.directory)
    found = json.loads(output)
    assert {one["id"]: one["outcome"] for one in found["issues"]} == {"deadlocks": "present", "nothing": "absent", "never": "cannot tell"}, found
    assert status == 1 and seconds < 40 and memory < 700, (seconds, memory)
    assert log.stat().st_blocks * 512 < 100 * 2**20


def test_logs_that_cannot_be_believed(nowhere, tmp_path):
    log = tmp_path / "app.log"
    nowhere.issue("deadlocks", block("log", "probe", LOG_BLOCK))
    nowhere.set(app_log=log)
    good, bad = f"{stamp(30)} LOG:  fine\n", f"{stamp(30)} ERROR:  deadlock detected\n"
    for text, expected in [(None, "cannot tell"), ("", "absent"), (good, "absent"), (bad * 2 + good, "absent"), (bad * 3, "present"),
                           ("deadlock detected\n" * 9, "cannot tell"), (f"{stamp(-7200)} deadlock detected\n" * 3, "cannot tell"),
                           (f"{stamp(600)} deadlock detected\n" * 3, "absent")]:
        if text is not None:
            log.write_text(text)
        one = nowhere.one("deadlocks")
        assert one["outcome"] == expected, (text, one)
    log.chmod(0)
    if os.geteuid() != 0:
        assert nowhere.one("deadlocks")["outcome"] == "cannot tell"
    log.unlink()
    os.mkfifo(log)
    assert nowhere.one("deadlocks")["outcome"] == "cannot tell"
    nowhere.issue("deadlocks", block("log", "probe", LOG_BLOCK.replace("{{app_log}}", "journal:no-such-unit-anywhere")))
    assert nowhere.one("deadlocks")["outcome"] == "cannot tell"


def test_the_journal(nowhere, tmp_path):
    """With a journalctl of the test's own: what it is asked, and what an empty answer of it means."""
    program = tmp_path / "bin" / "journalctl"
    program.parent.mkdir()
    (tmp_path / "lines").write_text("".join(
        json.dumps({"__REALTIME_TIMESTAMP": str(int((time.time() - age) * 1e6)), "MESSAGE": "deadlock detected"}) + "\n" for age in (600, 30, 20, 10)))
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\ncase "$*" in *full*) cat {tmp_path}/lines;; *still*-n1*) echo "{{}}";; '
                       '*broken*) echo no >&2; exit 1;; esac\n')
    program.chmod(0o755)
    path = {"PATH": f"{program.parent}:{nowhere.lifeboat.environment['PATH']}"}
    for unit, expected in [("full", "present"), ("still", "absent"), ("empty", "cannot tell"), ("broken", "cannot tell"), ("-full", "cannot tell")]:
        nowhere.issue("deadlocks", block("log", "probe", LOG_BLOCK.replace("{{app_log}}", f"journal:{unit}").replace("text ~", "json MESSAGE ~")))
        one = nowhere.one("deadlocks", env=path)
        assert one["outcome"] == expected, (unit, one)
    assert "-o json -u full --since @" in (tmp_path / "asked").read_text()


def test_evidence_cannot_drive_a_terminal(nowhere, tmp_path):
    log = tmp_path / "app.log"
    log.write_bytes(f"{stamp(30)} deadlock detected \033]0;owned\007 \xe2\x80\xae\n".encode("latin-1") * 3)
    nowhere.set(app_log=log)
    nowhere.issue("deadlocks", block("log", "probe", LOG_BLOCK))
    for words in (["deadlocks"], ["--all"], ["--json"]):
        result = nowhere.run("diagnose", *words)
        assert result.status == 1 and b"\033" not in result.stdout_bytes and b"\xe2\x80\xae" not in result.stdout_bytes, result


# ----------------------------------------------------------------------------------------------------------------- sh


def test_scripts(nowhere):
    cases = {"prints": ("echo found", "present"), "silent": ("true", "absent"), "fails": ("echo partly; exit 3", "cannot tell"),
             "unset-variable": ("echo \"$nothing_of_the_kind\"", "cannot tell"), "fails-early": ("false\necho on", "cannot tell"),
             "killed": ("kill -9 $$", "cannot tell"), "no-program": ("no-such-program || echo 'it is down'", "present"),
             "environment": ('test "$PGUSER" = nobody || echo "no environment"', "absent"),
             "empty-place": ("ls -A", "absent"), "input-is-empty": ("cat", "absent")}
    for name, (script, _) in cases.items():
        nowhere.issue(name, block("sh", "probe", script))
    assert nowhere.outcomes() == {name: case[1] for name, case in cases.items()}
    assert "status 3" in nowhere.one("fails")["reason"]


# ------------------------------------------------------------------------------------------------- when it is down


def test_usable_while_the_database_is_down(lifeboat, tmp_path):
    listener = socket.create_server(("127.0.0.1", 0))
    tried = []

    def hang_up():
        with contextlib.suppress(OSError):
            while True:
                listener.accept()[0].close()
                tried.append(1)

    threading.Thread(target=hang_up, daemon=True).start()
    port = listener.getsockname()[1]
    book = Book(lifeboat, tmp_path / "runbook", f"host=127.0.0.1 port={port} dbname=app user=x sslmode=disable gssencmode=disable")
    for number in range(12):
        book.issue(f"asks-{number:02}", sql("select 1 where false;"), needs="role:pg_monitor" if number % 2 else "")
    book.issue("unreachable", block("sh", "probe", "echo no database"), severity="critical")
    document = book.diagnose()
    assert document["counts"] == {"present": 1, "absent": 0, "cannot_tell": 12}, document
    assert document["database"]["reached"] is False and len(document["cannot_tell_reasons"]) == 1, document
    assert len(tried) == 1, tried
    text = book.run("diagnose").stdout
    assert text.count("cannot connect to") == 1 and "The database cannot be asked" in text, text
    listener.close()


def test_a_broken_issue_is_not_executed(book, tmp_path):
    book.issue("whole", sql("select 1 where false;"))
    path = book.directory / "database" / "cut.md"
    text = (book.directory / "database" / "whole.md").read_text().replace("whole", "cut").replace("select 1 where false;", "select 1;")
    path.write_text(text.replace("severity: high", "severity: dreadful"))
    one = book.one("cut")
    assert one["outcome"] == "cannot tell" and "broken" in one["reason"] and not one["blocks"], one
    path.write_text(text)
    assert book.one("cut")["outcome"] == "present"


# ------------------------------------------------------------------------------------------------------------ resolve


@pytest.fixture
def litter(book, database):
    database.sql("create table litter (n int); insert into litter values (1), (2)")
    book.issue("litter", sql("select n from litter;"), block("sql", "look", "select 'looked' as at;"),
               resolution=[resolve("select format('delete from litter where n = %s', n) from litter order by n\n\\gexec"),
                           resolve('test -n {{word}} && echo "swept by $PGUSER"', "sh"), resolve("broom", "sh", "manual")])
    return book


def test_without_apply_nothing_is_changed(litter, database):
    result = litter.run("resolve", "litter")
    assert result.status == 1 and database.value("select count(*) from litter") == 2
    for words in ("precondition", "it is there", "undo", "delete from litter", "by hand", "broom", "Nothing was changed"):
        assert words in result.stdout, result
    assert "'plain'" in result.stdout, result  # values as literals, to be pasted
    assert all(len(line) <= 80 for line in result.stdout.splitlines() if "/lbpg" not in line), result


@pytest.mark.parametrize("words", [[], ["--confirm=other"]])
def test_apply_needs_the_name(litter, database, words):
    result = litter.run("resolve", "litter", "--apply", *words)
    assert result.status == 64 and "nothing was changed" in result.stderr, result
    assert database.value("select count(*) from litter") == 2


def test_apply_keeps_the_evidence_runs_and_looks_again(litter, database):
    result = litter.run("resolve", "litter", "--apply", "--confirm=app")
    assert result.status == 0 and "litter is gone" in result.stdout, result
    assert "delete from litter where n = 1" in result.stdout and "swept by postgres" in result.stdout, result
    assert database.value("select count(*) from litter") == 0
    kept = list((litter.lifeboat.state / "runbook").glob("*-litter.json"))
    assert len(kept) == 1 and stat.S_IMODE(kept[0].stat().st_mode) == 0o600, kept
    record = json.loads(kept[0].read_text())
    assert record["schema"] == "lifeboat.resolution/1" and record["before"]["issues"][0]["outcome"] == "present", record
    assert [step["result"] for step in record["steps"]] == ["done", "done"], record
    assert record["after"]["issues"][0]["outcome"] == "absent", record
    again = litter.run("resolve", "litter", "--apply", "--confirm=app")
    assert again.status == 0 and "not present: nothing was changed" in again.stdout, again


def test_a_step_that_fails_ends_it(book, database):
    database.sql("create table litter (n int); insert into litter values (1)")
    book.issue("litter", sql("select n from litter;"), resolution=[
        resolve("update litter set n = 5;"), resolve("select 1/0;"), resolve("delete from litter;")])
    result = book.run("resolve", "litter", "--apply", "--confirm=app")
    assert result.status == 1 and "division by zero" in result.stdout and "was not begun" in result.stdout, result
    assert database.sql("select n from litter") == [(5,)]
    record = json.loads(next((book.lifeboat.state / "runbook").glob("*.json")).read_text())
    assert [step["result"] for step in record["steps"]] == ["done", "failed", "not begun"], record


def test_the_operator_resolves(book, database):
    database.sql("create role looker login; create table litter (n int); insert into litter values (1); grant select on litter to looker")
    book.issue("litter", sql("select n from litter;"), resolution=[resolve("delete from litter;")], resolve_needs="superuser")
    try:
        book.conninfo = database.conninfo_as("looker")
        book.set()
        refused = book.run("resolve", "litter", "--apply", "--confirm=app")
        assert refused.status != 0 and "nothing was changed" in refused.stderr and "superuser" in refused.stderr, refused
        assert database.value("select count(*) from litter") == 1
        book.set(operator=database.conninfo)
        assert book.run("resolve", "litter", "--apply", "--confirm=app").status == 0
        assert database.value("select count(*) from litter") == 0
    finally:
        database.sql("drop owned by looker; drop role looker")


def test_what_cannot_be_told_is_not_resolved_unless_forced(book, database):
    database.sql("create table litter (n int); insert into litter values (1)")
    book.issue("litter", sql("select 1 from gone;"), resolution=[resolve("delete from litter;")])
    result = book.run("resolve", "litter", "--apply", "--confirm=app")
    assert result.status == 2 and "nothing was changed" in result.stdout and database.value("select count(*) from litter") == 1, result
    book.issue("litter", sql("select n from litter where n > 1;"), resolution=[resolve("delete from litter;")])
    assert book.run("resolve", "litter", "--apply", "--force", "--confirm=app").status == 0
    assert database.value("select count(*) from litter") == 0


def test_interrupting_a_resolution_cancels_it(book, database):
    database.sql("create table litter (n int); insert into litter values (1)")
    book.issue("litter", sql("select n from litter;"), resolution=[resolve("select pg_sleep(60), 'interrupt-me';"), resolve("delete from litter;")])
    child = book.lifeboat.start("runbook", "resolve", "litter", "--apply", "--confirm=app", "--runbook", book.directory)
    until = time.monotonic() + 30
    while not database.sql("select 1 from pg_stat_activity where query like '%interrupt-me%' and state = 'active' and pid <> pg_backend_pid()"):
        assert time.monotonic() < until and child.poll() is None
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    output, _ = child.communicate(timeout=30)
    assert child.returncode == 130 and b"was not begun" in output, output
    until = time.monotonic() + 10
    while database.sql("select 1 from pg_stat_activity where query like '%interrupt-me%' and state = 'active' and pid <> pg_backend_pid()"):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert database.value("select count(*) from litter") == 1
    record = json.loads(next((book.lifeboat.state / "runbook").glob("*.json")).read_text())
    assert record["interrupted"] is True and record["steps"][1]["result"] == "not begun", record
