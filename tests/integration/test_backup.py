# SPDX-License-Identifier: PostgreSQL
"""lifeboat backup: taken at one snapshot, attested, whole or not there at all."""
import json
import os
import pathlib
import re
import resource
import signal
import stat
import subprocess
import threading
import time

import psycopg2
import pytest

STAMP = r"-\d{8}T\d{6}Z"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "backups"
    made.mkdir()
    return made


def backup(lifeboat, database, folder, *arguments, **options):
    result = lifeboat("backup", "--against", database.conninfo, "--to", folder, "--json", *arguments, **options)
    assert result.status == 0, result
    return result.json


def names(folder):
    return sorted(p.name for p in folder.iterdir())


# ---- what it writes ----

@pytest.mark.parametrize("arguments", [(), ("--backup-format", "directory", "-j", "2"), ("--backup-compress", "none"),
                                       ("--no-globals", "--no-digests")])
def test_a_backup_is_whole_and_proves_itself(lifeboat, voice_agent, folder, arguments):
    taken = backup(lifeboat, voice_agent, folder, *arguments)
    ending = "" if "directory" in arguments else r"\.dump"
    made = os.path.basename(taken["path"])
    assert re.fullmatch(voice_agent.name + STAMP + ending, made)
    expected = {made, made + ".attest.json"} | (set() if "--no-globals" in arguments else {made + ".globals.sql"})
    assert set(names(folder)) == expected
    document = json.loads((folder / (made + ".attest.json")).read_text())
    assert document["schema"] == "lifeboat.attestation/1" and document["snapshot_lsn"] == taken["snapshot_lsn"]
    assert document["inventory"]["system_identifier"] == taken["system_identifier"] != ""
    contacts = next(t for t in document["inventory"]["tables"] if t["name"] == "contacts")
    assert contacts["rows"] == voice_agent.value("SELECT count(*) FROM contacts")
    assert ("digest" in contacts) == ("--no-digests" not in arguments)
    if "--no-globals" not in arguments:
        globals_file = folder / (made + ".globals.sql")
        assert stat.S_IMODE(globals_file.stat().st_mode) == 0o600 and "CREATE ROLE" in globals_file.read_text()


def test_everything_that_a_database_can_hold(lifeboat, database, folder):
    """Whatever stands in it, the dump reads back as it was attested; diff takes the attestation for what it was."""
    database.psql(pathlib.Path(__file__).parent / "sql" / "everything.sql")
    taken = backup(lifeboat, database, folder)
    assert attested(verify(lifeboat, taken["path"], "--min-size", "1kB"))[:2] == (True, "pass")
    compared = lifeboat("diff", taken["attestation"], database.conninfo)
    assert compared.status == 0, compared


def verify(lifeboat, path, *arguments, **options):
    return lifeboat("verify", path, "--json", *arguments, **options)


def attested(result):
    return result.json["attested"], result.check("attestation")["status"], result.json["verdict"]


# ---- what stands against it: verify ----

def test_verify_compares_exactly_without_the_live_database(lifeboat, voice_agent, folder):
    taken = backup(lifeboat, voice_agent, folder, "--backup-compress", "none")
    voice_agent.sql("DELETE FROM call_logs")  # what happens later is of no matter
    result = verify(lifeboat, taken["path"])
    assert attested(result) == (True, "pass", "pass"), result
    assert "Single flipped bytes" not in {n["what"] for n in result.json["not_tested"]}
    assert "Proof level 2 of 6: decoded, attested." in lifeboat("verify", taken["path"]).stdout
    bare = folder / "bare.dump"
    bare.write_bytes((folder / taken["path"]).read_bytes())
    result = verify(lifeboat, bare)
    assert attested(result) == (False, "skipped", "pass"), result
    assert {"Single flipped bytes", "The backup against an attestation"} <= {n["what"] for n in result.json["not_tested"]}


def alter(document, change):
    text = json.loads(document.read_text())
    change(text)
    document.write_text(json.dumps(text))


def of_table(document, name):
    return next(t for t in document["inventory"]["tables"] if t["name"] == name)


@pytest.mark.parametrize("change, where", [
    (lambda d: of_table(d, "contacts").update(rows=7), "public.contacts"),
    (lambda d: of_table(d, "contacts").update(digest="0" * 32), "public.contacts"),
    (lambda d: d["inventory"]["tables"].remove(of_table(d, "contacts")), "public.contacts"),
    (lambda d: d["inventory"]["objects"].append({"kind": "INDEX", "schema": "public", "table": "contacts", "name": "gone_index"}),
     "gone_index"),
    (lambda d: d["files"][0].update(size=1), ".dump"),
    (lambda d: d["files"].append({"name": "z/other", "size": 1, "sha256": "0" * 64}), "z/other"),
    (lambda d: d["globals"].update(sha256="0" * 64), ".globals.sql"),
])
def test_every_difference_is_found(lifeboat, voice_agent_backup, change, where):
    alter(voice_agent_backup.parent / (voice_agent_backup.name + ".attest.json"), change)
    result = verify(lifeboat, voice_agent_backup)
    assert result.status == 1 and result.finding_ids == ["attestation-differs"] and result.json["attested"] is False, result
    assert any(where in f["where"] for f in result.json["findings"]), result


@pytest.fixture(scope="module")
def one_backup(program, voice_agent_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("taken")
    environment = dict(os.environ, LIFEBOAT_STATE=str(folder), XDG_CONFIG_HOME=str(folder), LC_ALL="C.UTF-8")
    done = subprocess.run([program, "backup", "--against", voice_agent_template.conninfo, "--to", folder, "--json"],
                          env=environment, stdout=subprocess.PIPE, check=True)
    return folder, os.path.basename(json.loads(done.stdout)["path"])


@pytest.fixture
def voice_agent_backup(one_backup, folder):
    made, name = one_backup
    for path in made.glob(name + "*"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder / name


def test_globals_that_are_gone_are_a_warning(lifeboat, voice_agent_backup):
    os.remove(f"{voice_agent_backup}.globals.sql")
    result = verify(lifeboat, voice_agent_backup)
    assert (result.status, result.json["verdict"], result.finding_ids) == (0, "warn", ["attestation-differs", "roles-not-in-dump"]), result
    assert result.json["attested"] is False


def test_companions_are_renamed_together_and_are_no_backups(lifeboat, voice_agent_backup, folder):
    renamed = folder / "other.name"
    for ending in ("", ".attest.json", ".globals.sql"):
        os.rename(f"{voice_agent_backup}{ending}", f"{renamed}{ending}")
    assert attested(verify(lifeboat, renamed)) == (True, "pass", "pass")
    listed = lifeboat("list", folder, "--json").json["places"][0]["backups"]
    assert [b["id"] for b in listed] == ["other.name"]
    everything = lifeboat("verify", "--all", folder, "--json")
    assert everything.status == 0 and len(everything.json["reports"]) == 1, everything
    os.rename(renamed, folder / "moved.dump")  # globals alone are what they always were
    assert "other.name.globals.sql" in {b["id"] for b in lifeboat("list", folder, "--json").json["places"][0]["backups"]}


def key_pair(folder, name):
    path = folder / name
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True)
    subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-out", f"{path}.pub"], check=True)
    path.chmod(0o600)
    return path


def test_signatures(lifeboat, voice_agent, folder, tmp_path):
    ours, theirs = key_pair(tmp_path, "ours"), key_pair(tmp_path, "theirs")
    taken = backup(lifeboat, voice_agent, folder, "--sign-key", ours)
    path = taken["path"]
    attestation = folder / (os.path.basename(path) + ".attest.json")
    signed = attestation.read_text()
    assert json.loads(signed)["signature"]["key_id"] == taken["key_id"]

    def finding(*arguments):
        result = verify(lifeboat, path, *arguments)
        return result.status, result.finding_ids, result.json["attested"]

    wrong = (1, ["attestation-signature"], False)
    assert finding("--verify-key", f"{ours}.pub") == (0, [], True)
    assert finding("--verify-key", f"{theirs}.pub") == wrong
    alter(attestation, lambda d: d.update(snapshot_lsn="0/1"))
    assert finding("--verify-key", f"{ours}.pub") == wrong and finding() == (0, [], True)
    attestation.write_text(signed)
    alter(attestation, lambda d: d["signature"].update(value=d["signature"]["value"].swapcase()))
    assert finding("--verify-key", f"{ours}.pub") == wrong
    alter(attestation, lambda d: d.pop("signature"))
    assert finding("--verify-key", f"{ours}.pub") == wrong
    attestation.unlink()
    assert finding("--verify-key", f"{ours}.pub") == wrong and finding() == (0, [], False)
    assert verify(lifeboat, path, "--verify-key", ours).status == 78  # the private half is none


@pytest.mark.parametrize("prepare, words", [
    (lambda key: key.chmod(0o644), "can be read by others"),
    (lambda key: key.write_text("no key"), "no Ed25519 private key"),
    (lambda key: key.unlink(), "No such file"),
])
def test_a_key_that_is_none_is_refused_before_the_first_byte(lifeboat, database, folder, tmp_path, prepare, words):
    key = key_pair(tmp_path, "key")
    prepare(key)
    result = lifeboat("backup", "--against", database.conninfo, "--to", folder, "--sign-key", key)
    assert result.status in (2, 78) and words in result.stderr and names(folder) == [], result


# ---- what is refused before the first byte ----

@pytest.fixture
def reader(server, database):
    """A role that may read what it was granted and nothing else."""
    name = f"backup_reader_{database.name}"
    database.sql(f"CREATE ROLE {name} LOGIN")
    yield name
    database.sql(f"DROP OWNED BY {name}; DROP ROLE {name}")


def test_a_role_that_row_security_blinds_is_refused(lifeboat, database, reader, folder):
    database.sql(f"CREATE TABLE seen (n int); CREATE TABLE hidden (n int); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;"
                 f"GRANT SELECT ON seen, hidden TO {reader}")
    arguments = ("backup", "--against", database.conninfo_as(reader), "--to", folder)
    result = lifeboat(*arguments)
    assert result.status == 2 and "hidden" in result.stderr and "row-level security" in result.stderr, result
    assert "BYPASSRLS" in result.stderr and names(folder) == []
    database.sql(f"ALTER ROLE {reader} BYPASSRLS")
    result = lifeboat(*arguments)
    assert result.status == 0 and "passwords are not in the globals" in result.stdout, result
    database.sql(f"ALTER ROLE {reader} NOBYPASSRLS; ALTER TABLE hidden OWNER TO {reader}")  # an owner sees all, unless forced
    time.sleep(1.1)
    assert lifeboat(*arguments).status == 0
    database.sql("ALTER TABLE hidden FORCE ROW LEVEL SECURITY")
    assert lifeboat(*arguments).status == 2


def test_an_older_pg_dump_is_refused(lifeboat, database, folder, tmp_path):
    for program in ("pg_dump", "pg_restore", "psql", "pg_dumpall"):
        fake = tmp_path / program
        fake.write_text(f"#!/bin/sh\necho '{program} (PostgreSQL) 11.5'\n")
        fake.chmod(0o755)
    result = lifeboat("backup", "--against", database.conninfo, "--to", folder, "--pg-bindir", tmp_path)
    assert result.status == 2 and "11.5" in result.stderr and "older than the server" in result.stderr, result
    assert names(folder) == []


@pytest.fixture
def small_disk(tmp_path):
    """A file system of two megabytes."""
    path = tmp_path / "small"
    path.mkdir()
    subprocess.run([*SUDO, "mount", "-t", "tmpfs", "-o", "size=2m,mode=0777", "tmpfs", path], check=True)
    yield path
    subprocess.run([*SUDO, "umount", path], check=True)


SUDO = [] if os.geteuid() == 0 else ["sudo", "-n"]


def test_too_little_disk_is_refused_with_the_number(lifeboat, database, small_disk):
    result = lifeboat("backup", "--against", database.conninfo, "--to", small_disk)
    assert result.status == 2 and re.search(r"a dump of [\d.]+ MB may take [\d.]+ MB, and [\d.]+ MB is free", result.stderr), result
    assert names(small_disk) == []


def test_a_transaction_pooler_is_refused(lifeboat, database, folder, pooled):
    result = lifeboat("backup", "--against", pooled("transaction").conninfo(database), "--to", folder)
    assert result.status == 2 and "transaction pooler" in result.stderr and names(folder) == [], result


@pytest.mark.parametrize("arguments, status, words", [
    (["--to", "."], 64, "no database to back up"),
    (["--against", "dbname=x"], 64, "where the backup should go"),
    (["--target", "nobody"], 64, "no target"),
    (["--against", "host=/nowhere dbname=x", "--to", "."], 2, "No such file"),
    (["--against", "host=/nowhere dbname=x", "--to", "/nowhere"], 2, "/nowhere"),
    (["--against", "host=/nowhere dbname=x", "--to", "/etc/passwd"], 64, "not a directory"),
])
def test_calls_that_cannot_be(lifeboat, arguments, status, words):
    result = lifeboat("backup", *arguments)
    assert result.status == status and words in result.stderr, result


def test_dry_run_writes_nothing(lifeboat, voice_agent, folder):
    leftover = folder / ".lifeboat-partial-abcdef"
    leftover.mkdir()
    taken = backup(lifeboat, voice_agent, folder, "--dry-run")
    assert taken["dry_run"] and taken["bytes_needed"] > 0 and names(folder) == [leftover.name]
    result = lifeboat("backup", "--against", voice_agent.conninfo, "--to", folder, "-n")
    assert result.status == 0 and "Nothing was written" in result.stdout and names(folder) == [leftover.name], result


# ---- a target ----

def test_of_a_target(lifeboat, voice_agent, folder, tmp_path):
    key = key_pair(tmp_path, "key")
    lifeboat.configure(f"[target production]\npath = {folder}\nagainst = {voice_agent.conninfo}\nbackup_format = directory\n"
                       f"sign_key = {key}\nverify_key = {key}.pub\nmin_size = 1kB\n")
    result = lifeboat("backup", "--target", "production")
    assert result.status == 0 and "signed by key" in result.stdout, result
    assert any(re.fullmatch("production" + STAMP, n) for n in names(folder))
    result = lifeboat("verify", "--target", "production", "--json")
    assert attested(result) == (True, "pass", "pass"), result
    looked = lifeboat("doctor").stdout
    assert f"{key}.pub" in looked and "no Ed25519" not in looked
    key.write_text("no key")
    assert "no Ed25519 private key" in " ".join(lifeboat("doctor").stdout.split())


# ---- while others write ----

def test_the_attestation_is_of_the_same_moment_as_the_dump(lifeboat, database, folder):
    """Every table is written to as fast as can be while the backup runs, and no difference of a row is tolerated."""
    database.sql("".join(f"CREATE TABLE t{n} (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text);"
                         f"INSERT INTO t{n} (v) SELECT md5(g::text) FROM generate_series(1, 3000) g;" for n in range(12)))
    stop = threading.Event()
    written = []

    def write():
        connection = psycopg2.connect(database.conninfo)
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not stop.is_set():
                for n in range(12):
                    cursor.execute(f"INSERT INTO t{n} (v) VALUES ('x'); UPDATE t{n} SET v = v || 'y' WHERE id % 100 = 7;"
                                   f"DELETE FROM t{n} WHERE id = (SELECT min(id) FROM t{n})")
                written.append(1)
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        taken = backup(lifeboat, database, folder, "--backup-format", "directory", "-j", "2")
    finally:
        stop.set()
        thread.join()
    assert len(written) > 1
    assert attested(verify(lifeboat, taken["path"], "--min-size", "1kB")) == (True, "pass", "pass")
    assert database.value("SELECT count(*) FROM t0 WHERE v LIKE '%y'") > 0


# ---- whole, or not there ----

@pytest.fixture
def slow(database):
    """A database whose dump waits until the lock is given back."""
    database.sql("CREATE TABLE a AS SELECT generate_series(1, 1000) AS n; CREATE TABLE b AS SELECT 1 AS n")
    connection = psycopg2.connect(database.conninfo)
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE b IN ACCESS EXCLUSIVE MODE")
    database.lock = connection
    yield database
    connection.close()


def wait_for(condition, what):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def waiting_dump(database):
    return database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                          " AND application_name IN ('lifeboat', 'pg_dump')") > 0


def start_and_wait(lifeboat, database, folder):
    child = lifeboat.start("backup", "--against", database.conninfo, "--to", folder)
    wait_for(lambda: waiting_dump(database), "the dump never came to the lock")
    assert any(n.startswith(".lifeboat-partial-") for n in names(folder)), "it is being written"
    return child


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_leaves_nothing(lifeboat, slow, folder, number):
    child = start_and_wait(lifeboat, slow, folder)
    child.send_signal(number)
    _, words = child.communicate(timeout=60)
    assert child.returncode == 130 and names(folder) == [], words


def test_killed_leaves_no_backup_and_the_next_run_sweeps(lifeboat, slow, folder):
    child = start_and_wait(lifeboat, slow, folder)
    child.kill()
    child.communicate(timeout=60)
    left = names(folder)
    assert left and all(n.startswith(".lifeboat-partial-") for n in left)
    stranger = folder / ".lifeboat-partial-stranger"
    stranger.mkdir()
    (stranger / "file").write_text("of somebody else")
    assert lifeboat("list", folder).status == 2  # no backup here
    slow.lock.rollback()
    taken = backup(lifeboat, slow, folder)
    made = os.path.basename(taken["path"])
    assert taken["swept"] == 1 and set(names(folder)) == {made, made + ".attest.json", made + ".globals.sql", stranger.name}
    assert not [p for p in os.listdir("/proc") if p.isdigit() and b"pg_dump" in command_line(p) and made.encode() in command_line(p)]


def command_line(process):
    try:
        with open(f"/proc/{process}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""


def test_a_running_one_is_not_swept(lifeboat, slow, folder):
    child = start_and_wait(lifeboat, slow, folder)
    other = lifeboat("backup", "--against", slow.server.admin.conninfo, "--to", folder, "--json")
    assert other.status == 0 and other.json["swept"] == 0, other
    slow.lock.rollback()
    _, words = child.communicate(timeout=60)
    assert child.returncode == 0, words
    assert len([n for n in names(folder) if n.endswith(".dump")]) == 2


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))


def test_a_full_disk_leaves_nothing(lifeboat, voice_agent, small_disk):
    """Enough is free at the start, and then it is not: what is there no estimate knows."""
    result = lifeboat("backup", "--against", voice_agent.conninfo, "--to", small_disk, "--backup-compress", "none", "--no-globals",
                      timeout=120)
    assert result.status == 2 and names(small_disk) == [], result


def test_a_file_size_limit_leaves_nothing(lifeboat, voice_agent, folder):
    child = subprocess.run([lifeboat.program, "backup", "--against", voice_agent.conninfo, "--to", folder], env=lifeboat.environment,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=limit_files, check=False, timeout=120)
    assert child.returncode == 2 and b"pg_dump failed" in child.stderr and names(folder) == [], child.stderr


def test_nothing_is_overwritten(lifeboat, voice_agent, folder):
    """Two runs in the same second: one of them has the name."""
    children = [lifeboat.start("backup", "--against", voice_agent.conninfo, "--to", folder, "--json") for _ in range(3)]
    done = [child.communicate(timeout=120) + (child.returncode,) for child in children]
    paths = [json.loads(out)["path"] for out, _, status in done if status == 0]
    assert paths and len(paths) == len(set(paths)), done
    assert all(b"is there already" in words or b"cannot rename" in words for _, words, status in done if status != 0), done
    for path in paths:
        assert attested(verify(lifeboat, path)) == (True, "pass", "pass")
    assert len(names(folder)) == 3 * len(paths)


def test_no_password_is_shown(lifeboat, database, folder):
    result = lifeboat("backup", "--against", f"{database.conninfo} password=secret-of-mine", "--to", folder, "--log-level", "debug")
    assert result.status == 0 and "secret-of-mine" not in result.stdout + result.stderr, result
    assert "password on the command line" in result.stderr
    for path in folder.iterdir():
        assert b"secret-of-mine" not in path.read_bytes()


# ---- restored, with what stands beside it ----

def test_the_restored_copy_equals_the_attestation(lifeboat, database, folder):
    """Level 4 without the live database; and the roles are those of the globals, with what they may do."""
    role = f"keeper_{database.name}"
    database.sql(f"CREATE TABLE kept (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz DEFAULT now(), v bytea);"
                 f"INSERT INTO kept (v) SELECT decode(md5(g::text), 'hex') FROM generate_series(1, 500) g;"
                 f"CREATE ROLE {role} BYPASSRLS CREATEDB; ALTER ROLE {role} IN DATABASE {database.name} SET work_mem = '8MB';"
                 f"ALTER DATABASE {database.name} SET timezone = 'Asia/Kolkata'; GRANT SELECT ON kept TO {role}")
    try:
        lifeboat.configure(f"[target app]\npath = {folder}\nagainst = {database.conninfo}\nmin_size = 1kB\n"
                           f"[check keeper]\nsql = SELECT rolbypassrls AND rolcreatedb FROM pg_roles WHERE rolname = '{role}'\n"
                           f"expect = t\nreason = the globals say so\n")
        taken = lifeboat("backup", "--target", "app", "--json")
        assert taken.status == 0, taken
        database.sql("DROP TABLE kept")  # nothing to compare with but the attestation
        result = lifeboat("verify", "--config", lifeboat.config_home / "lifeboat" / "lifeboat.conf", taken.json["path"],
                          "--restore", "--min-size", "1kB", "--json")
        assert attested(result) == (True, "pass", "pass"), str(result.json["not_tested"])
        assert result.json["proof_level"] >= 4 and result.check("source")["observed"] == \
            "the restored copy was compared with the attestation", result
        assert result.check("questions")["status"] == "pass" and result.json["restore"]["errors"]["real"] == 0, result
        os.remove(f"{taken.json['path']}.globals.sql")
        result = lifeboat("verify", "--config", lifeboat.config_home / "lifeboat" / "lifeboat.conf", taken.json["path"],
                          "--restore", "--min-size", "1kB", "--json")
        assert result.check("questions")["status"] == "fail", result
    finally:
        database.sql(f"DROP OWNED BY {role}; DROP ROLE {role}")
