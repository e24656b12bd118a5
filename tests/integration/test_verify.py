# SPDX-License-Identifier: PostgreSQL
"""lifeboat verify, from the command line to the report."""
import json
import os
import pathlib
import shutil
import signal
import time

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CRITICAL = "organizations,profiles,agents,appointments,contacts,call_logs,knowledge_base_chunks"


@pytest.fixture(scope="module")
def schema():
    document = json.loads((ROOT / "docs/reference/report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


def statuses(result):
    return {check["id"]: check["status"] for check in result.json["checks"]}


def damaged(dump, path, keep):
    path.write_bytes(dump.read_bytes()[:keep])
    return path


# ---- a good backup ----

def test_no_configuration_is_needed(lifeboat, voice_agent_dump):
    result = lifeboat("verify", voice_agent_dump)
    assert result.status == 0, result
    assert result.stdout.startswith("✓ PASS  voice-agent.dump\n"), result
    assert "Not tested" in result.stdout and "Row counts against the live database" in result.stdout
    assert result.stderr == ""


def test_good_backup_against_live(lifeboat, voice_agent, voice_agent_dump, schema):
    result = lifeboat("verify", voice_agent_dump, "--against", voice_agent.conninfo, "--critical", CRITICAL, "--json")
    assert result.status == 0, result
    report = result.json
    schema.validate(report)
    assert (report["schema"], report["verdict"], report["proof_level"], report["proof_name"]) == \
        ("lifeboat.report/1", "pass", 2, "decoded")
    assert {f["severity"] for f in report["findings"]} <= {"notice"} and report["next_step"] == ""
    run = statuses(result)
    assert {run[c] for c in ("exists", "age", "size", "header", "decode", "complete", "partial", "critical-tables",
                             "row-counts", "structure")} == {"pass"}
    read_only = [c["id"] for c in report["checks"] if c["level"] <= 2]
    assert {c for c in read_only if run[c] == "skipped"} == {"sudden-loss", "verification-gap", "content", "attestation"}
    counted = {f"{t['schema']}.{t['name']}": t["rows"] for t in report["inventory"]["tables"] if t["kind"] == "r"}
    for name, rows in counted.items():
        schema_name, table = name.split(".")
        assert voice_agent.value(f'SELECT count(*) FROM ONLY "{schema_name}"."{table}"') == rows, name
    assert sum(counted.values()) > 1000


def test_every_format_gives_the_same_inventory(lifeboat, voice_agent, tmp_path, schema):
    made = {"custom": ["-Fc"], "plain-custom": ["-Fc", "-Z0"], "directory": ["-Fd"], "tar": ["-Ft"], "script": []}
    seen = {}
    for name, arguments in made.items():
        path = voice_agent.dump(tmp_path / name, *arguments)
        result = lifeboat("verify", path, "--json", "--against", voice_agent.conninfo, "--digests")
        assert result.status == 0, result
        schema.validate(result.json)
        assert statuses(result)["content"] == "pass", result
        seen[name] = sorted((t["schema"], t["name"], t["rows"], t["digest"]) for t in result.json["inventory"]["tables"]
                            if t["kind"] == "r")
    assert len({json.dumps(tables) for tables in seen.values()}) == 1


def test_a_restored_report_follows_the_schema(lifeboat, voice_agent_dump, schema):
    result = lifeboat("verify", "--restore", voice_agent_dump, "--json")
    schema.validate(result.json)
    assert result.status == 0 and result.json["proof_level"] >= 3 and result.json["restore"]["errors"]["real"] == 0


# ---- which backups are meant ----

@pytest.fixture
def folder(voice_agent_dump, tmp_path):
    place = tmp_path / "backups"
    place.mkdir()
    for days, name in enumerate(["new.dump", "old.dump", "oldest.dump"]):
        shutil.copy(voice_agent_dump, place / name)
        when = time.time() - days * 86400 / 2
        os.utime(place / name, (when, when))
    return place


def test_a_folder_means_its_newest(lifeboat, folder):
    result = lifeboat("verify", folder, "--json")
    assert result.status == 0 and result.json["backup"]["id"] in {"new.dump", "old.dump", "oldest.dump"}
    (folder / "newest.dump").write_bytes(b"")
    result = lifeboat("verify", folder, "--json")
    assert result.status == 1 and result.finding_ids == ["header-unreadable"], \
        "an empty newest backup must not hide behind an older good one"


def test_all_of_a_folder(lifeboat, folder, schema):
    damaged(folder / "old.dump", folder / "cut.dump", 5000)
    result = lifeboat("verify", "--all", folder, "--json")
    assert result.status == 1
    document = result.json
    assert (document["schema"], document["verdict"]) == ("lifeboat.reports/1", "fail")
    assert sorted(r["path"].rsplit("/", 1)[1] for r in document["reports"]) == ["cut.dump", "new.dump", "old.dump", "oldest.dump"]
    for report in document["reports"]:
        schema.validate(report)
    text = lifeboat("verify", "--all", folder)
    assert "4 backups: 3 pass, 0 warn, 1 fail, 0 unknown" in text.stdout
    quiet = lifeboat("verify", "--all", folder, "--quiet")
    assert quiet.status == 1 and len(quiet.stdout.splitlines()) == 1 and "cut.dump" in quiet.stdout


def test_several_paths(lifeboat, voice_agent_dump, tmp_path):
    result = lifeboat("verify", voice_agent_dump, tmp_path / "gone", "--json")
    assert result.status == 1
    assert [r["verdict"] for r in result.json["reports"]] == ["pass", "fail"]


@pytest.mark.parametrize("content", [{}, {"notes.txt": "nothing"}, {"next.dump.part": "PGDMP"}, {".hidden.dump": "PGDMP"}])
def test_a_folder_without_backups(lifeboat, tmp_path, content, schema):
    place = tmp_path / "empty"
    place.mkdir()
    for name, text in content.items():
        (place / name).write_text(text)
    result = lifeboat("verify", place, "--json")
    schema.validate(result.json)
    assert result.status == 1 and result.finding_ids == ["backup-missing"] and result.json["backup"] is None


def test_globals_beside_a_dump_are_no_backup(lifeboat, server, folder):
    server.dumpall(folder / "globals.sql", "--globals-only")
    result = lifeboat("verify", folder, "--json")
    assert result.status == 0 and result.json["backup"]["format"] == "custom", result


# ---- bad input ----

def test_directory_without_table_of_contents(lifeboat, voice_agent, tmp_path):
    dump = voice_agent.dump(tmp_path / "dir", "-Fd")
    (dump / "toc.dat").unlink()
    result = lifeboat("verify", dump, "--json")
    assert result.status == 1 and result.finding_ids == ["header-unreadable"], result


def test_fifo_is_not_waited_for(lifeboat, tmp_path):
    os.mkfifo(tmp_path / "pipe.dump")
    result = lifeboat("verify", tmp_path / "pipe.dump", "--json", timeout=10)
    assert result.status == 2 and result.json["verdict"] == "unknown"
    assert "neither a regular file nor a directory" in result.json["reason"]


def test_names_never_reach_the_terminal_raw(lifeboat, voice_agent_dump, tmp_path):
    evil = tmp_path / "a\n\x1b[31mevil\x07.dump"
    shutil.copy(voice_agent_dump, evil)
    result = lifeboat("verify", evil)
    assert result.status == 0 and "\x1b" not in result.stdout and "\x07" not in result.stdout
    assert "\\x1b[31mevil" in result.stdout and result.stdout.count("\n") < 60
    result = lifeboat("verify", tmp_path / "gone\x1b[31m")
    assert result.status == 1 and "\x1b" not in result.stdout


def test_no_permission_is_unknown(lifeboat, voice_agent_dump, program):
    """As an ordinary user; root may read everything."""
    import subprocess
    import tempfile
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        os.chmod(place, 0o755)
        path = pathlib.Path(place) / "secret.dump"
        shutil.copy(voice_agent_dump, path)
        path.chmod(0)
        copy = pathlib.Path(place) / "lifeboat"
        shutil.copy(program, copy)
        copy.chmod(0o755)
        switch = [] if os.geteuid() else ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        done = subprocess.run(switch + [copy, "verify", "--json", path], stdout=subprocess.PIPE, check=False, timeout=60,
                              env={"HOME": place, "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"})
        report = json.loads(done.stdout)
        assert done.returncode == 2 and report["verdict"] == "unknown" and report["findings"] == []
        assert "ermission denied" in report["reason"]


def test_a_backup_being_written_is_not_judged(lifeboat, voice_agent_dump, tmp_path):
    whole = voice_agent_dump.read_bytes()
    path = tmp_path / "growing.dump"
    path.write_bytes(whole[:len(whole) // 2])
    pid = os.fork()
    if pid == 0:
        with open(path, "ab", buffering=0) as out:
            for at in range(len(whole) // 2, len(whole), 512):
                out.write(whole[at:at + 512])
                time.sleep(0.02)
        os._exit(0)
    try:
        result = lifeboat("verify", path, "--json")
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    assert result.status == 2 and result.json["verdict"] == "unknown", result
    assert result.finding_ids == ["backup-changing"]


# ---- the live side ----

def test_live_database_that_is_not_there(lifeboat, voice_agent_dump, tmp_path):
    result = lifeboat("verify", voice_agent_dump, "--json", "--against", f"host={tmp_path} dbname=nothing connect_timeout=2")
    assert result.status == 2 and result.json["verdict"] == "unknown"
    assert statuses(result)["row-counts"] == "unknown" and statuses(result)["decode"] == "pass"
    assert result.json["live"] is None


def test_a_password_is_accepted_and_never_shown(lifeboat, voice_agent, voice_agent_dump):
    against = voice_agent.conninfo + " password='s3cret-w0rd'"
    for arguments in [("--json",), ()]:
        result = lifeboat("verify", voice_agent_dump, "--against", against, *arguments)
        assert result.status == 0, result
        assert "s3cret-w0rd" not in result.stdout + result.stderr
        assert result.stderr.count("password on the command line") == 1
    result = lifeboat("verify", voice_agent_dump, "--against", against.replace("host=", "host=/nonexistent"))
    assert result.status == 2 and "s3cret-w0rd" not in result.stdout + result.stderr


@pytest.mark.parametrize("against", ["nonsense", "host=", "postgresql://", "bogus_keyword=1"])
def test_malformed_connection_string(lifeboat, voice_agent_dump, against):
    result = lifeboat("verify", voice_agent_dump, "--against", against, env={"PGHOST": "/nonexistent"})
    assert result.status in (2, 64), result


def test_hidden_rows_are_unknown_and_not_zero(lifeboat, server, voice_agent, voice_agent_dump):
    server.admin.sql("DROP ROLE IF EXISTS blind")
    server.admin.sql("CREATE ROLE blind LOGIN")
    voice_agent.sql("GRANT USAGE ON SCHEMA public TO blind; GRANT SELECT ON ALL TABLES IN SCHEMA public TO blind")
    try:
        result = lifeboat("verify", voice_agent_dump, "--json", "--against", voice_agent.conninfo_as("blind"))
        assert result.status == 2 and statuses(result)["row-counts"] == "unknown"
        assert "rows-not-counted" in result.finding_ids and "table-emptied" not in result.finding_ids
    finally:
        voice_agent.sql("DROP OWNED BY blind")
        server.admin.sql("DROP ROLE blind")


# ---- thresholds and calls ----

def test_thresholds_from_the_command_line(lifeboat, voice_agent_dump):
    rows = [((), 0), (("--min-size", "1GB"), 1), (("--max-age", "1s"), 1), (("--critical", "contacts,nonsense"), 1),
            (("--max-age", "1s", "--accept", "backup-stale"), 0), (("--warn-age", "1s"), 0), (("--warn-age", "1s", "--strict"), 1)]
    time.sleep(1.1)
    for arguments, status in rows:
        result = lifeboat("verify", voice_agent_dump, *arguments)
        assert result.status == status, result


@pytest.mark.parametrize("arguments, status, words", [
    ([], 64, "nothing to verify"),
    (["--target", "production"], 64, "there is no target"),
    (["x", "--tolerance", "ten"], 64, "--tolerance"),
    (["x", "--accept", "truncated"], 78, "cannot be accepted"),
    (["x", "--accept", "row-count-drif"], 78, "row-count-drift"),
    (["x", "--table-tolerance", "contacts"], 78, "TABLE=PERCENT"),
    (["x", "--jobs", "0"], 64, "--jobs"),
])
def test_wrong_calls(lifeboat, arguments, status, words):
    result = lifeboat("verify", *arguments)
    assert result.status == status and words in result.stderr and result.stdout == "", result


def test_targets_of_the_configuration(lifeboat, voice_agent, folder, schema):
    lifeboat.configure(f"[target app]\npath = {folder}\nagainst = {voice_agent.conninfo}\ncritical = contacts, agents\n"
                       f"[target gone]\npath = {folder}/nothing-here\n")
    one = lifeboat("verify", "--target", "app", "--json")
    assert one.status == 0 and one.json["target"] == "app" and statuses(one)["critical-tables"] == "pass"
    schema.validate(one.json)
    stricter = lifeboat("verify", "--target", "app", "--min-size", "1GB", "--json")
    assert stricter.status == 1 and "backup-too-small" in stricter.finding_ids, "a flag counts before the configuration"
    every = lifeboat("verify", "--json")
    assert every.status == 1 and [(r["target"], r["verdict"]) for r in every.json["reports"]] == [("app", "pass"), ("gone", "fail")]


def test_interrupt(lifeboat, server, voice_agent_dump):
    """A lock holds the count up; Ctrl-C ends it, leaving nothing running."""
    database = server.create(template="voice_agent_template")
    holder = database.connect()
    holder.autocommit = False
    holder.cursor().execute("LOCK TABLE contacts IN ACCESS EXCLUSIVE MODE")
    child = lifeboat.start("verify", voice_agent_dump, "--against", database.conninfo + " options='-c lock_timeout=60s'")
    time.sleep(1)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    holder.close()
    database.drop()
    assert child.returncode == 130, (out, err)
    assert out == b"" and b"stopping" in err


# ---- a crash costs one verdict ----

def test_a_killed_reader_is_unknown(lifeboat, server, voice_agent_dump):
    """The process that reads the backup is killed (as for want of memory): the parent still reports."""
    database = server.create(template="voice_agent_template")
    holder = database.connect()
    holder.autocommit = False
    holder.cursor().execute("LOCK TABLE contacts IN ACCESS EXCLUSIVE MODE")
    child = lifeboat.start("verify", voice_agent_dump, "--json", "--against", database.conninfo)
    time.sleep(1)
    below = children_of(children_of(child.pid)[0])
    os.kill(below[0], signal.SIGKILL)
    out, err = child.communicate(timeout=30)
    holder.close()
    database.drop()
    assert child.returncode == 2, (out, err)
    report = json.loads(out)
    assert report["verdict"] == "unknown" and "signal 9" in report["reason"]
    assert {c["status"] for c in report["checks"]} <= {"unknown", "skipped"}


def children_of(pid):
    return [int(p) for p in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


# ---- remembering and telling ----

def stored(lifeboat):
    return lifeboat("log", "--json").json


@pytest.fixture
def target(lifeboat, folder):
    lifeboat.configure(f"[target app]\npath = {folder}\n")
    return folder


def test_a_run_of_a_target_is_recorded_as_printed(lifeboat, target):
    printed = lifeboat("verify", "--target", "app", "--json").json
    assert printed.pop("recorded") is True
    kept = lifeboat("log", printed["run_id"], "--json")
    assert kept.status == 0 and kept.json == printed, kept


def test_a_path_leaves_no_trace(lifeboat, target, voice_agent_dump):
    for arguments in [(voice_agent_dump,), ("--target", "app", voice_agent_dump)]:
        result = lifeboat("verify", "--json", *arguments)
        assert result.status == 0 and result.json["recorded"] is None
    assert not list(lifeboat.state.rglob("*.db*")) or "run_id" not in lifeboat("log", "--json").stdout
    assert lifeboat("verify", "--json", "--record", voice_agent_dump).json["recorded"] is True


def test_a_run_that_cannot_be_recorded_is_never_fine(lifeboat, target, tmp_path):
    lifeboat.state.parent.mkdir(exist_ok=True)
    lifeboat.state.write_text("a file where the directory should be")
    result = lifeboat("verify", "--target", "app")
    assert result.status == 2 and "UNKNOWN" in result.stdout, result
    assert "could not be recorded" in result.stderr
    result = lifeboat("verify", "--target", "app", "--json")
    assert result.status == 2 and result.json["recorded"] is False and result.json["verdict"] == "unknown"


def test_history_is_compared_with(lifeboat, voice_agent, tmp_path):
    place = tmp_path / "backups"
    place.mkdir()
    lifeboat.configure(f"[target app]\npath = {place}\n")
    voice_agent.dump(place / "1.dump", "-Fc")
    first = lifeboat("verify", "--target", "app", "--json")
    assert first.status == 0 and statuses(first)["sudden-loss"] == "skipped"
    voice_agent.sql("DELETE FROM call_logs WHERE id IN (SELECT id FROM call_logs LIMIT (SELECT count(*) / 2 FROM call_logs))")
    voice_agent.dump(place / "2.dump", "-Fc")
    lossy = lifeboat("verify", "--target", "app", "--json")
    assert lossy.status == 1 and "rows-lost-since-last-backup" in lossy.finding_ids
    again = lifeboat("verify", "--target", "app", "--json")
    assert again.status == 1, "a failed run is no base for the next"
    accepted = lifeboat("verify", "--target", "app", "--json", "--accept", "rows-lost-since-last-backup")
    assert accepted.status == 0 and statuses(accepted)["sudden-loss"] == "pass"
    voice_agent.dump(place / "3.dump", "-Fc")
    assert lifeboat("verify", "--target", "app").status == 0, "the accepted run is the new base"


def test_a_crash_is_recorded(lifeboat, server, target):
    database = server.create(template="voice_agent_template")
    lifeboat.configure(f"[target app]\npath = {target}\nagainst = {database.conninfo}\n")
    holder = database.connect()
    holder.autocommit = False
    holder.cursor().execute("LOCK TABLE contacts IN ACCESS EXCLUSIVE MODE")
    child = lifeboat.start("verify", "--target", "app")
    time.sleep(1)
    os.kill(children_of(children_of(child.pid)[0])[0], signal.SIGKILL)
    child.communicate(timeout=30)
    holder.close()
    database.drop()
    assert child.returncode == 2
    runs = stored(lifeboat)
    assert "unknown" in json.dumps(runs) and "signal 9" in json.dumps(runs)
