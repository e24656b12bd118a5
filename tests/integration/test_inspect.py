# SPDX-License-Identifier: PostgreSQL
"""What a backup holds, told without judging it; and the list of a folder."""
import datetime
import json
import os
import shutil
import time

import pytest


@pytest.fixture(scope="module")
def folder(voice_agent_template, tmp_path_factory):
    made = tmp_path_factory.mktemp("backups")
    voice_agent_template.dump(made / "app.dump", "-Fc")
    voice_agent_template.dump(made / "dir", "-Fd")
    voice_agent_template.dump(made / "app.tar", "-Ft")
    voice_agent_template.dump(made / "app.sql")
    return made


def test_the_front_is_enough_for_an_archive(lifeboat, folder):
    result = lifeboat("inspect", folder / "app.dump")
    assert result.status == 0 and "custom 1.14, compressed with gzip" in result.stdout, result
    assert "database    voice_agent_template" in result.stdout and " tables" in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    front = lifeboat("inspect", "--json", folder / "app.dump").json
    assert front["schema"] == "lifeboat.inspect/1" and front["backup"]["read_whole"] is False
    assert all(t["count"] == "unknown" or t["kind"] == "p" for t in front["inventory"]["tables"])


@pytest.mark.parametrize("name", ["app.dump", "dir", "app.tar", "app.sql"])
def test_every_container_tells_the_same(lifeboat, folder, voice_agent_template, name):
    found = lifeboat("inspect", "--tables", "--json", folder / name)
    assert found.status == 0 and found.json["backup"]["read_whole"], found
    rows = {f"{t['schema']}.{t['name']}": t["rows"] for t in found.json["inventory"]["tables"] if t["kind"] == "r"}
    live = {f"{s}.{t}": voice_agent_template.value(f'SELECT count(*) FROM ONLY "{s}"."{t}"') for s, t in voice_agent_template.sql(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE relkind = 'r' AND nspname !~ '^pg_' AND nspname <> 'information_schema'")}
    assert rows == live and len(rows) > 10
    assert found.json["holds"]["TABLE"] >= len(rows)
    text = lifeboat("inspect", "--tables", folder / name)
    assert f"{sum(live.values()):,} rows" in text.stdout, text


def test_a_script_says_that_it_must_be_read(lifeboat, folder):
    result = lifeboat("inspect", folder / "app.sql")
    assert result.status == 0 and "--tables reads it all" in result.stdout, result


def test_a_huge_archive_is_told_in_a_moment(lifeboat, folder, tmp_path):
    """Data behind the table of contents costs nothing: a gigabyte of it, sparse, is not touched."""
    huge = tmp_path / "huge.dump"
    shutil.copy(folder / "app.dump", huge)
    os.truncate(huge, 1 << 30)
    lifeboat("inspect", huge)
    times = []
    for _ in range(5):
        begun = time.monotonic()
        lifeboat("inspect", huge)
        times.append(time.monotonic() - begun)
    assert min(times) < 0.1, times  # process start included; bench/ holds the real bound


def test_damage_is_not_hidden(lifeboat, folder, tmp_path):
    broken = tmp_path / "broken.dump"
    data = (folder / "app.dump").read_bytes()
    broken.write_bytes(data[: len(data) * 2 // 3])
    result = lifeboat("inspect", "--tables", broken)
    assert result.status == 2 and "defect" in result.stdout and "unknown" in result.stdout, result
    found = lifeboat("inspect", "--tables", "--json", broken)
    assert found.status == 2 and found.json["backup"]["defects"], found
    assert lifeboat("inspect", "--tables", folder / "app.dump").status == 0


def test_names_cannot_drive_the_terminal(lifeboat, database, tmp_path):
    database.sql('CREATE TABLE "a\033[2Jb\nc" AS SELECT 1 AS n')
    for side in (database.dump(tmp_path / "x.dump", "-Fc"), database.conninfo):
        result = lifeboat("inspect", "--tables", side)
        assert result.status == 0 and "\033" not in result.stdout and "a\\x1b[2Jb\\x0ac" in result.stdout, result


def test_list_is_newest_first(lifeboat, folder, tmp_path):
    place = tmp_path / "place"
    shutil.copytree(folder, place)
    (place / "unfinished.dump.tmp").write_bytes(b"PGDMP")
    (place / "notes.txt").write_text("not a backup\n")
    (place / "broken.dump").write_bytes((folder / "app.dump").read_bytes()[:40])
    old = time.time() - 10 * 86400
    os.utime(place / "app.sql", (old, old))
    result = lifeboat("list", "--json", place)
    assert result.status == 0, result
    found = {b["id"]: b for b in result.json["places"][0]["backups"]}
    assert set(found) == {"app.dump", "dir", "app.tar", "app.sql", "unfinished.dump.tmp", "broken.dump"}
    assert found["unfinished.dump.tmp"]["pending"] and found["broken.dump"]["problem"] and not found["app.dump"]["problem"]
    assert all(b["verdict"] is None for b in found.values())
    # an archive states whole seconds, a file's time has milliseconds: as texts they do not sort
    times = [datetime.datetime.fromisoformat(b["taken_at"].replace("Z", "+00:00")) for b in result.json["places"][0]["backups"]]
    assert times == sorted(times, reverse=True)
    text = lifeboat("list", place)
    assert "unfinished" in text.stdout and "unreadable" in text.stdout and "notes.txt" not in text.stdout, text
    # a path is never broken, however long this one is
    assert all(len(line) <= 80 for line in text.stdout.splitlines() if str(place) not in line), text


def test_list_shows_the_last_verdict_of_the_file_as_it_is(lifeboat, folder, tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    shutil.copy(folder / "app.dump", place)
    lifeboat.configure(f"[target app]\npath = {place}\n")
    verified = lifeboat("verify", "--target", "app", "--json")
    listed = lifeboat("list", "--target", "app", "--json").json["places"][0]["backups"]
    assert [b["verdict"] for b in listed] == [verified.json["verdict"]] and listed[0]["run_id"] == verified.json["run_id"]
    assert verified.json["verdict"] in lifeboat("list").stdout
    with open(place / "app.dump", "ab") as stream:
        stream.write(b"x")
    assert [b["verdict"] for b in lifeboat("list", "--target", "app", "--json").json["places"][0]["backups"]] == [None]


def test_an_empty_place_is_not_success(lifeboat, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    result = lifeboat("list", empty)
    assert result.status == 2 and "no backup here" in result.stdout, result
    assert lifeboat("list", tmp_path / "gone").status == 2
    assert lifeboat("list").status == 64


def test_output_into_a_pipe_is_plain(lifeboat, folder):
    for arguments in (("list", folder), ("inspect", folder / "app.dump"), ("diff", folder / "app.dump", folder / "app.tar")):
        result = lifeboat(*arguments, env={"TERM": "xterm-256color"})
        assert result.status == 0 and "\033" not in result.stdout, result


def test_saved_report_of_verify_is_a_side(lifeboat, folder, tmp_path):
    report = tmp_path / "report.json"
    report.write_bytes(lifeboat("verify", "--json", folder / "app.dump").stdout_bytes)
    assert json.loads(report.read_text())["schema"] == "lifeboat.report/1"
    result = lifeboat("diff", report, folder / "app.tar", "--json")
    assert result.status == 2 and [d["what"] for d in result.json["differences"]] == ["STRUCTURE"], result
