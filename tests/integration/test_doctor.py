# SPDX-License-Identifier: PostgreSQL
"""doctor: every line it can write, provoked, beside a healthy control."""
import os
import shutil

import pytest


@pytest.fixture
def healthy(lifeboat, voice_agent, voice_agent_dump, tmp_path):
    """A configuration with nothing wrong; keyword arguments replace settings of the target (None removes one)."""
    folder = tmp_path / "backups"
    folder.mkdir()
    shutil.copy(voice_agent_dump, folder / "app.dump")
    url = tmp_path / "url"
    url.write_text("http://127.0.0.1:1/hook\n")
    url.chmod(0o600)

    def configure(more="", **changes):
        rows = {"path": folder, "against": voice_agent.conninfo, "critical": "organizations, contacts", **changes}
        lines = [f"{key} = {value}" for key, value in rows.items() if value is not None]
        lifeboat.configure("\n".join(["[target app]", *lines, "[notify ops]", "type = webhook", f"url_file = {url}", more, ""]))
        return folder

    configure()
    return configure


def doctor(lifeboat, **options):
    result = lifeboat("doctor", "--json", **options)
    assert result.json["exit_status"] == result.status, result
    return result.json


def lines(document, what):
    return [line for line in document["lines"] if line["what"] == what]


def only(document, what):
    found = lines(document, what)
    assert len(found) == 1, document
    return found[0]


def test_nothing_wrong(lifeboat, healthy):
    document = doctor(lifeboat)
    assert document["exit_status"] == 0, document
    assert {line["status"] for line in document["lines"]} == {"ok"}, document
    assert {"configuration", "backups", "database", "rights", "clock", "tools", "store", "disk", "channel"} == {
        line["what"] for line in document["lines"]}
    text = lifeboat("doctor")
    assert text.status == 0 and "Everything lifeboat needs is in order." in text.stdout, text
    assert all(len(line) <= 80 for line in text.stdout.splitlines() if "/" not in line), text


def test_no_configuration_is_a_warning(lifeboat):
    document = doctor(lifeboat)
    assert only(document, "configuration")["status"] == "warning" and only(document, "configuration")["fix"] == "lifeboat init"
    assert document["exit_status"] == 0


def test_a_wrong_configuration_does_not_stop_the_rest(lifeboat, healthy):
    path = lifeboat.configure("[target app]\nmax_aeg = 1h\n")
    document = doctor(lifeboat)
    line = only(document, "configuration")
    assert line["status"] == "problem" and f"{path}:2" in line["text"] and "max_age" in line["fix"]
    assert only(document, "store")["status"] == "ok"
    assert document["exit_status"] == 1


@pytest.mark.parametrize("path,words", [
    ("/nonexistent/backups", "No such file"), ("/etc/passwd", "is not a backup"), ("/usr/share/doc/base-files", "no backup in"),
    ("/dev/null", "is not a backup"), (None, "not said where")])
def test_backups_that_are_not_there(lifeboat, healthy, path, words):
    healthy(path=path)
    document = doctor(lifeboat)
    assert only(document, "backups")["status"] == "problem" and words in only(document, "backups")["text"], document
    assert document["exit_status"] == 1


def test_the_newest_of_several_is_named(lifeboat, healthy):
    folder = healthy()
    shutil.copy(folder / "app.dump", folder / "newer.dump")
    os.utime(folder / "app.dump", (1_700_000_000, 1_700_000_000))
    (folder / "app.dump.partial").write_bytes(b"PGDMP")
    (folder / "notes.txt").write_text("no backup")
    text = only(doctor(lifeboat), "backups")["text"]
    assert text.startswith("2 backups in ") and "newest newer.dump" in text, text


def test_a_database_that_does_not_answer(lifeboat, healthy):
    healthy(against="host=/nonexistent dbname=x")
    document = doctor(lifeboat)
    assert only(document, "database")["status"] == "problem" and only(document, "database")["fix"]
    assert not lines(document, "rights")


def test_no_database_is_a_warning(lifeboat, healthy):
    healthy(against=None, critical=None)
    document = doctor(lifeboat)
    assert only(document, "database")["status"] == "warning"
    assert only(document, "critical")["status"] == "warning"
    assert document["exit_status"] == 0


@pytest.fixture
def role(voice_agent):
    """A role that may do nothing yet, dropped after the test."""
    name = "doctor_" + voice_agent.name
    voice_agent.sql(f'CREATE ROLE "{name}" LOGIN')
    yield name
    voice_agent.sql(f'DROP OWNED BY "{name}"')
    voice_agent.sql(f'DROP ROLE "{name}"')


def test_missing_rights_are_told_with_the_fix(lifeboat, healthy, voice_agent, role):
    healthy(against=voice_agent.conninfo_as(role))
    document = doctor(lifeboat)
    line = only(document, "rights")
    assert line["status"] == "problem" and "may not read" in line["text"] and f'GRANT pg_read_all_data TO "{role}"' in line["fix"]
    voice_agent.sql(f'GRANT pg_read_all_data TO "{role}"')
    document = doctor(lifeboat)
    assert not [line for line in lines(document, "rights") if line["status"] != "ok"], document
    line = only(document, "row-security")
    assert line["status"] == "problem" and f'ALTER ROLE "{role}" BYPASSRLS' in line["fix"]
    voice_agent.sql(f'ALTER ROLE "{role}" BYPASSRLS')
    document = doctor(lifeboat)
    assert only(document, "rights")["status"] == "ok" and not lines(document, "row-security")
    assert document["exit_status"] == 0


def test_a_secret_that_others_can_read(lifeboat, healthy, tmp_path):
    secret = tmp_path / "against"
    secret.write_text("host=h password=hunter2\n")
    secret.chmod(0o644)
    healthy(against=None, against_file=secret)
    result = lifeboat("doctor", "--json")
    line = only(result.json, "configuration")
    assert line["status"] == "problem" and "can be read by others" in line["text"] and line["fix"] == f"chmod 600 {secret}", result
    assert "hunter2" not in result.stdout + result.stderr


def test_a_store_that_cannot_be_written(lifeboat, healthy, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a directory should be")
    document = doctor(lifeboat, env={"LIFEBOAT_STATE": blocked / "state"})
    assert only(document, "store")["status"] == "problem" and document["exit_status"] == 1
    assert only(document, "channel")["status"] == "unknown"


def test_a_damaged_store(lifeboat, healthy):
    doctor(lifeboat)
    database = lifeboat.state / "lifeboat.db"
    bytes_ = bytearray(database.read_bytes())
    for at in range(4096, len(bytes_), 7):
        bytes_[at] ^= 0x5a
    for name in ("lifeboat.db-wal", "lifeboat.db-shm"):
        (lifeboat.state / name).unlink(missing_ok=True)
    database.write_bytes(bytes(bytes_))
    assert only(doctor(lifeboat), "store")["status"] == "problem"


def test_a_postgres_store_without_its_table(lifeboat, healthy, voice_agent):
    healthy(more=f"[store]\npostgres = {voice_agent.conninfo}")
    line = only(doctor(lifeboat), "postgres-store")
    assert line["status"] == "problem" and line["fix"] == "lifeboat migrate"
    assert lifeboat("migrate").status == 0
    assert only(doctor(lifeboat), "postgres-store")["status"] == "ok"


def test_a_postgres_store_that_does_not_answer(lifeboat, healthy):
    healthy(more="[store]\npostgres = host=/nonexistent dbname=x")
    assert only(doctor(lifeboat), "postgres-store")["status"] == "problem"


def test_a_channel_that_was_not_reached(lifeboat, healthy):
    healthy(more="patience = 1s")
    assert lifeboat("notify-test", "ops").status == 2
    line = only(doctor(lifeboat), "channel")
    assert line["status"] == "problem" and line["fix"] == "lifeboat notify-test ops" and "/hook" not in line["text"], line


def test_an_overridden_clock_is_told(lifeboat, healthy):
    document = doctor(lifeboat, env={"LIFEBOAT_NOW": "2030-01-01T00:00:00Z"})
    assert [line for line in lines(document, "clock") if line["status"] == "warning" and "LIFEBOAT_NOW" in line["text"]]
    assert [line for line in lines(document, "clock") if line["status"] == "ok"], "the real clocks still agree"


def test_nobody_to_tell_is_a_warning(lifeboat):
    lifeboat.configure("[target app]\npath = /nonexistent\n")
    assert only(doctor(lifeboat), "channels")["status"] == "warning"
