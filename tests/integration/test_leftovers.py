# SPDX-License-Identifier: PostgreSQL
"""Whatever way a proof ends, no process and no file of it is left: success, failure, Ctrl-C in every phase, kill -9, a full disk, a deadline."""
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time

import psycopg2
import pytest

LONG = ("--max-age", "100000d", "--min-size", "1B")
SLEEP = "pg_catalog.pg_sleep(300)"
# A statement that waits, in each phase of a proof: as a script is restored, as an index of an archive is built, as the copy is looked at.
SCRIPTED = f"CREATE TABLE t (a integer);\nINSERT INTO t VALUES (1);\nSELECT {SLEEP};\n"
INDEXED = (f"CREATE FUNCTION slow(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$BEGIN IF pg_catalog.current_setting('is_superuser') = 'on'"
           f" AND pg_catalog.current_setting('application_name') LIKE 'lifeboat%' THEN PERFORM {SLEEP}; END IF; RETURN $1; END$$;"
           "CREATE TABLE t (a integer); INSERT INTO t VALUES (1); CREATE INDEX i ON t (slow(a))")
VIEWED = f"CREATE TABLE t (a integer); INSERT INTO t VALUES (1); CREATE VIEW v AS SELECT a, {SLEEP}::text AS waits FROM t"


@pytest.fixture
def place():
    """A folder for sandboxes; the test fails when anything is left in it, or works in it."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="lbplace-", dir="/var/tmp"))
    path.chmod(0o777)
    yield path
    left = [p.name for p in path.iterdir()] + inhabitants(path)
    shutil.rmtree(path, ignore_errors=True)
    assert not left, f"left behind: {left}"


def inhabitants(path):
    """Command lines of processes that work below the folder or name it."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            folder = os.readlink(process / "cwd")
        except OSError:
            continue
        if int(process.name) != os.getpid() and (str(path) in line or (folder + "/").startswith(f"{path}/")):
            found.append(f"{process.name} {line[:200]}")
    return found


def wait_until(true, seconds=60):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if true():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come to that in time")


def sandbox_in(place):
    return next(iter(place.glob("*/.s.PGSQL.5432")), None)


def sleeps(place):
    """True once a statement of the sandbox is the one that waits."""
    socket = sandbox_in(place)
    if socket is None:
        return False
    try:
        connection = psycopg2.connect(host=str(socket.parent), user="lifeboat_sandbox", dbname="postgres")
    except psycopg2.OperationalError:
        return False
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
            return cursor.fetchone()[0] > 0
    finally:
        connection.close()


@pytest.fixture
def dump(database, tmp_path):
    def make(kind):
        path = tmp_path / f"{kind}.dump"
        if kind == "scripted":
            path = tmp_path / "scripted.sql"
            path.write_text("--\n-- PostgreSQL database dump\n--\n\n" + SCRIPTED + "\n--\n-- PostgreSQL database dump complete\n--\n")
            return path
        database.sql({"indexed": INDEXED, "viewed": VIEWED, "plain": "CREATE TABLE t (a integer); INSERT INTO t VALUES (1)",
                      "large": "CREATE TABLE t (a integer, b text GENERATED ALWAYS AS (repeat(md5(a::text), 32768)) STORED);"
                               "ALTER TABLE t ALTER b SET STORAGE EXTERNAL; INSERT INTO t SELECT generate_series(1, 400)"}[kind])
        return database.dump(path, "-Fc")
    return make


def arguments(path, *more):
    return ("verify", path, "--restore", *LONG, *more)


def test_after_success_and_failure(lifeboat, dump, place, tmp_path):
    assert lifeboat(*arguments(dump("plain")), env={"LIFEBOAT_SANDBOX_DIR": place}).status == 0
    broken = tmp_path / "broken.sql"
    broken.write_text("-- PostgreSQL database dump\nCREATE TABLE t (a integer);\nSELECT no_such_thing;\n-- PostgreSQL database dump complete\n")
    failed = lifeboat(*arguments(broken), env={"LIFEBOAT_SANDBOX_DIR": place})
    assert failed.status == 1 and "no_such_thing" in failed.stdout, failed


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("kind", ["starting", "scripted", "indexed", "viewed"])
def test_after_a_signal(lifeboat, dump, place, kind, number):
    child = lifeboat.start(*arguments(dump("plain" if kind == "starting" else kind)), env={"LIFEBOAT_SANDBOX_DIR": place})
    wait_until(lambda: any(place.iterdir()) if kind == "starting" else sleeps(place))
    child.send_signal(number)
    assert child.wait(60) == 130, child.stderr.read()


def test_after_a_kill_the_server_dies_and_the_next_run_sweeps(lifeboat, dump, place):
    child = lifeboat.start(*arguments(dump("indexed")), env={"LIFEBOAT_SANDBOX_DIR": place})
    wait_until(lambda: sleeps(place))
    child.kill()
    child.wait(60)
    wait_until(lambda: not inhabitants(place))
    assert len(list(place.iterdir())) == 1  # what nobody was left to remove
    other = place / "lifeboat-sandbox-of-somebody"
    other.mkdir()  # not provably ours
    assert lifeboat(*arguments(dump("scripted"), "--deadline", "1s"), env={"LIFEBOAT_SANDBOX_DIR": place}).status == 2
    assert list(place.iterdir()) == [other]
    other.rmdir()


@pytest.mark.parametrize("kind", ["scripted", "indexed", "viewed"])
def test_after_the_deadline(lifeboat, dump, place, kind):
    result = lifeboat(*arguments(dump(kind), "--deadline", "1s"), env={"LIFEBOAT_SANDBOX_DIR": place})
    assert result.status == 2 and "--deadline" in result.stdout, result


@pytest.fixture
def small_disk(place):
    """tmpfs of so many MB inside of `place`."""
    become = [] if os.geteuid() == 0 else ["sudo", "-n"]
    made = []

    def mount(megabytes):
        path = place / f"disk{len(made)}"
        path.mkdir()
        subprocess.run([*become, "mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=1777", "tmpfs", path], check=True)
        made.append(path)
        return path
    yield mount
    for path in made:
        left = list(path.iterdir()) + inhabitants(path)
        subprocess.run([*become, "umount", "-l", path], check=True)
        path.rmdir()
        assert not left, f"left behind: {left}"


def test_after_the_disk_was_full(lifeboat, dump, small_disk):
    result = lifeboat(*arguments(dump("large"), "--json"), env={"LIFEBOAT_SANDBOX_DIR": small_disk(330)})
    assert result.status == 2 and result.json["verdict"] == "unknown", result
    assert "ran out of disk" in result.stdout or "No space left" in result.stdout, result
    assert result.json["proof_level"] == 2, result


def test_too_little_disk_is_refused_with_the_number(lifeboat, dump, small_disk):
    result = lifeboat(*arguments(dump("plain"), "--json"), env={"LIFEBOAT_SANDBOX_DIR": small_disk(100)})
    assert result.status == 2, result
    assert re.search(r"restoring needs about \d+ MB in \S+, but only \d+ MB is free there", result.stdout), result
    assert "LIFEBOAT_SANDBOX_DIR" in result.json["next_step"], result


def test_an_ordinary_user_can_do_it(lifeboat, dump, place, tmp_path):
    """Root hands the server to an ordinary user; everybody else runs it as themselves."""
    path = dump("plain")
    if os.geteuid() != 0:
        assert lifeboat(*arguments(path), env={"LIFEBOAT_SANDBOX_DIR": place}).status == 0
        return
    account = pwd.getpwnam("postgres")
    home = place / "home"
    home.mkdir()
    os.chown(home, account.pw_uid, account.pw_gid)
    shutil.copy2(path, home / "dump")
    shutil.copy2(lifeboat.program, home / "lifeboat")
    environment = dict(lifeboat.environment, HOME=str(home), LIFEBOAT_STATE=str(home / "state"), XDG_CONFIG_HOME=str(home), XDG_STATE_HOME=str(home),
                       LIFEBOAT_SANDBOX_DIR=str(place), TMPDIR=str(home))
    done = subprocess.run([home / "lifeboat", *arguments(home / "dump")], user=account.pw_uid, group=account.pw_gid, extra_groups=[],
                          env=environment, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0 and b"restored" in done.stdout, done.stdout.decode()
    shutil.rmtree(home)


def test_what_is_kept_can_be_connected_to_and_removed(lifeboat, dump, place):
    result = lifeboat(*arguments(dump("plain"), "--keep", "--json"), env={"LIFEBOAT_SANDBOX_DIR": place})
    assert result.status == 0, result
    kept = result.json["restore"]["kept"]
    connect, remove = re.fullmatch(r"connect: (.*); remove: (.*)", kept).groups()
    asked = subprocess.run(f"{connect} -X -A -t -c 'SELECT count(*) FROM t'", shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           check=False, env=lifeboat.environment)
    assert asked.stdout == b"1\n", asked
    # it is as confined as it was: no file of the machine, no program, no network
    for reach in ("SELECT pg_read_file('/etc/hostname')", "COPY (SELECT 1) TO PROGRAM 'true'"):
        refused = subprocess.run(f'{connect} -X -A -t -c "{reach}"', shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                                 env=lifeboat.environment)
        assert refused.returncode != 0, refused
    # the next run leaves it alone
    assert lifeboat(*arguments(dump("scripted"), "--deadline", "1s"), env={"LIFEBOAT_SANDBOX_DIR": place}).status == 2
    assert inhabitants(place)
    subprocess.run(remove, shell=True, check=True, stdout=subprocess.DEVNULL, env=lifeboat.environment)
    wait_until(lambda: not inhabitants(place), 10)
