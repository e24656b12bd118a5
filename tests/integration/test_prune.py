# SPDX-License-Identifier: PostgreSQL
"""lifeboat prune: the old ones go, the needed ones never do."""
import os
import pathlib
import shutil
import time

import pytest

DAY = 86400


@pytest.fixture(scope="module")
def script(server, tmp_path_factory):
    """A small plain dump: its time is its file's, so a test can say how old it is."""
    database = server.create()
    database.sql("CREATE TABLE t AS SELECT generate_series(1, 100) AS n")
    path = tmp_path_factory.mktemp("script") / "x.sql"
    yield database.dump(path, "-Fp", "--no-owner").read_bytes()
    database.drop()


@pytest.fixture
def folder(tmp_path, script):
    made = tmp_path / "backups"
    made.mkdir()
    for days in (1, 5, 20, 40, 50):
        put(made, script, days)
    return made


def put(folder, content, days, name=None):
    path = folder / (name or f"{days:03}-days.sql")
    path.write_bytes(content)
    os.utime(path, (time.time() - days * DAY,) * 2)
    return path


def names(folder):
    return {p.name for p in folder.iterdir()}


def prune(lifeboat, *arguments, status=0, **options):
    result = lifeboat("prune", "--json", "--keep", "10d", *arguments, **options)
    assert result.status == status, result
    return {pathlib.Path(b["path"]).name: (b["action"], b["reason"]) for b in result.json["backups"]}


def remember(lifeboat, path, *arguments):
    result = lifeboat("verify", "--record", path, "--max-age", "900d", "--min-size", "1kB", *arguments)
    assert result.status == 0, result


def test_says_first_and_does_when_told(lifeboat, folder):
    remember(lifeboat, folder / "020-days.sql")
    before = names(folder)
    plan = prune(lifeboat, folder)
    assert plan == {"001-days.sql": ("keep", "young"), "005-days.sql": ("keep", "young"), "020-days.sql": ("keep", "proved"),
                    "040-days.sql": ("remove", "remove"), "050-days.sql": ("remove", "remove")}
    said = lifeboat("prune", "--keep", "10d", folder)
    assert said.status == 0 and "2 backups would be removed" in said.stdout and "--apply" in said.stdout, said
    assert names(folder) == before
    assert prune(lifeboat, folder, "--apply") == plan
    assert names(folder) == {"001-days.sql", "005-days.sql", "020-days.sql"}
    again = lifeboat("prune", "--keep", "10d", "--apply", folder)
    assert again.status == 0 and "Nothing to remove" in again.stdout, again


def test_nothing_goes_when_none_is_known_to_be_good(lifeboat, folder):
    before = names(folder)
    result = lifeboat("prune", "--keep", "10d", "--apply", folder)
    assert result.status == 2 and "of none of these is it known that it is good" in result.stdout, result
    assert names(folder) == before
    remember(lifeboat, folder / "020-days.sql")
    changed = folder / "020-days.sql"
    changed.write_bytes(changed.read_bytes() + b"\n")  # what was verified is no longer there
    assert prune(lifeboat, folder, "--apply", status=2)["050-days.sql"] == ("keep", "unverified")
    assert names(folder) == before


def test_the_last_two_stay_however_old(lifeboat, tmp_path, script):
    folder = tmp_path / "old"
    folder.mkdir()
    for days in (100, 200, 300, 400):
        put(folder, script, days)
    remember(lifeboat, folder / "100-days.sql")
    prune(lifeboat, folder, "--apply")
    assert names(folder) == {"100-days.sql", "200-days.sql"}


def test_a_failed_one_is_no_copy(lifeboat, tmp_path, script):
    folder = tmp_path / "failing"
    folder.mkdir()
    for days in (100, 200, 300, 400):
        put(folder, script, days)
    put(folder, script[:len(script) // 2], 90)  # cut off
    assert lifeboat("verify", "--record", folder / "090-days.sql", "--max-age", "900d").status == 1
    remember(lifeboat, folder / "100-days.sql")
    plan = prune(lifeboat, folder, "--apply")
    assert plan["090-days.sql"] == ("keep", "last-two") and plan["200-days.sql"] == ("keep", "last-two")
    assert names(folder) == {"090-days.sql", "100-days.sql", "200-days.sql"}


def test_the_newest_that_was_restored_stays(lifeboat, folder):
    remember(lifeboat, folder / "005-days.sql")
    assert prune(lifeboat, folder)["040-days.sql"] == ("remove", "remove")
    remember(lifeboat, folder / "040-days.sql", "--restore")
    plan = prune(lifeboat, folder, "--apply")
    assert plan["040-days.sql"] == ("keep", "proved") and plan["020-days.sql"] == ("remove", "remove"), plan
    assert names(folder) == {"001-days.sql", "005-days.sql", "040-days.sql"}


def test_what_is_not_a_backup_is_left_alone(lifeboat, folder, script, tmp_path):
    old = 60
    put(folder, b"-- written by hand\nCREATE TABLE t (n int);\nINSERT INTO t VALUES (1);\n", old, "schema.sql")
    put(folder, b"remember the milk\n", old, "notes.txt")
    put(folder, script, old, "half.sql.tmp")
    put(folder, script, old, ".hidden.sql")
    elsewhere = put(tmp_path, script, old, "elsewhere.sql")
    (folder / "link.sql").symlink_to(elsewhere)
    (folder / "photos").mkdir()
    os.link(folder / "050-days.sql", folder / "same.sql")
    remember(lifeboat, folder / "001-days.sql")
    result = lifeboat("prune", "--keep", "10d", "--apply", "--json", folder)
    assert result.status == 0 and result.json["removed"] == 3, result
    assert {"schema.sql", "half.sql.tmp", ".hidden.sql", "link.sql"} <= {o["name"] for o in result.json["left_alone"]}, result
    assert {"schema.sql", "notes.txt", "half.sql.tmp", ".hidden.sql", "link.sql", "photos"} <= names(folder)
    assert len(names(folder) & {"050-days.sql", "same.sql"}) == 1 and elsewhere.exists()


@pytest.mark.parametrize("form", ["custom", "directory"])
def test_companions_go_with_their_backup(lifeboat, database, tmp_path, form):
    folder = tmp_path / "taken"
    folder.mkdir()
    database.sql("CREATE TABLE t AS SELECT generate_series(1, 100) AS n")
    lifeboat.configure(f"[target app]\npath = {folder}\nagainst = {database.conninfo}\nbackup_format = {form}\nmin_size = 1kB\n")
    paths = []
    for _ in range(3):
        taken = lifeboat("backup", "--target", "app", "--json")
        assert taken.status == 0, taken
        paths.append(pathlib.Path(taken.json["path"]))
        time.sleep(1.1)
    assert lifeboat("verify", "--target", "app").status == 0
    later = {"LIFEBOAT_NOW": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 40 * DAY))}
    assert "remove" not in str(prune(lifeboat, "--target", "app", env=None))
    assert len(names(folder)) == 9
    plan = prune(lifeboat, "--target", "app", "--apply", env=later)
    assert plan[paths[0].name] == ("remove", "remove") and len(names(folder)) == 6, plan
    assert not any(n.startswith(paths[0].name) for n in names(folder))
    for path in paths[1:]:
        assert lifeboat("verify", path, "--min-size", "1kB", "--json").json["attested"] is True


def test_without_a_memory_nothing_is_removed(lifeboat, folder):
    remember(lifeboat, folder / "001-days.sql")
    before = names(folder)
    for path in lifeboat.state.iterdir():
        path.write_bytes(b"no database")
    result = lifeboat("prune", "--keep", "10d", "--apply", folder)
    assert result.status == 2 and "nothing is removed" in result.stderr and names(folder) == before, result


@pytest.mark.parametrize("arguments, words", [
    (["/tmp"], "how long"), (["--keep", "10d"], "a folder or --target"), (["--keep", "10d", "--target", "x", "/tmp"], "one of them"),
    (["--keep", "10", "/tmp"], "keep"), (["--keep", "10d", "/etc/passwd"], "not a folder of backups"),
])
def test_wrong_calls(lifeboat, arguments, words):
    result = lifeboat("prune", *arguments)
    assert result.status == 64 and words in result.stderr, result


def test_one_backup_is_no_folder(lifeboat, database, tmp_path):
    path = database.dump(tmp_path / "one", "-Fd")
    result = lifeboat("prune", "--keep", "0d", "--apply", path)
    assert result.status == 64 and (path / "toc.dat").exists(), result
    shutil.rmtree(path)
