# SPDX-License-Identifier: PostgreSQL
"""lifeboat restore: the way back. Whatever is refused leaves the server as it was; whatever bears a name is whole."""
import json
import os
import signal
import subprocess
import time

import pytest

import postgres


HOSTILE = """
CREATE TABLE public.t (x text);
COPY public.t TO PROGRAM 'touch {sentinel}';
CREATE TABLE public.after (x int);

"""
END = "--\n-- PostgreSQL database dump complete"


def names(server):
    return {row[0] for row in server.admin.sql("SELECT datname FROM pg_database")}


def server_of(server, user="postgres"):
    return f"host={server.socket} port={server.port} user={user}"


@pytest.fixture(scope="module")
def dump(voice_agent_dump):
    return voice_agent_dump


@pytest.fixture
def fresh(server):
    """Names that the test may make databases of; they are dropped afterwards."""
    before = names(server)
    yield lambda stem: f"{stem}_{os.getpid()}"
    for name in names(server) - before:
        server.admin.sql(f'DROP DATABASE "{name}" WITH (FORCE)')


def counts(database):
    return database.sql("SELECT count(*) FROM contacts UNION ALL SELECT count(*) FROM appointments UNION ALL "
                        "SELECT count(*) FROM knowledge_base_chunks")


def test_into_a_new_database(lifeboat, server, dump, voice_agent_template, fresh):
    name = fresh("back")
    done = lifeboat("restore", dump, "--new-database", name, "--server", server_of(server))
    assert done.status == 0, done
    assert f"voice-agent.dump is restored into database {name}" in done.stdout
    assert f'dbname={name}"' in done.stdout and "Left for you to do" in done.stdout
    assert "system identifier" in done.stdout and "an estimate" in done.stdout
    restored = postgres.Database(server, name)
    assert counts(restored) == counts(voice_agent_template)
    assert name + "__restoring" not in names(server)
    assert restored.value("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", name) is None
    assert lifeboat("diff", dump, restored.conninfo).status == 0
    again = lifeboat("restore", dump, "--new-database", name, "--server", server_of(server))
    assert again.status == 64 and "already" in again.stderr, again


@pytest.mark.parametrize("arguments", [["-Fp"], ["-Fd"], ["-Ft"], ["-Fp", "--inserts"]], ids=" ".join)
def test_every_format(lifeboat, server, voice_agent_template, fresh, tmp_path, arguments):
    path = voice_agent_template.dump(tmp_path / "a-dump", *arguments)
    done = lifeboat("restore", path, "--new-database", fresh("formats"), "--server", server_of(server), "--json")
    assert done.status == 0, done
    outcome = json.loads(done.stdout)
    assert outcome["schema"] == "lifeboat.restore/1"
    assert (outcome["stage"], outcome["verdict"], outcome["database"]) == ("restored", "pass", fresh("formats"))
    assert counts(postgres.Database(server, fresh("formats"))) == counts(voice_agent_template)


def test_the_newest_of_a_folder_and_its_locale(lifeboat, server, fresh, tmp_path):
    name = fresh("source")
    server.admin.sql(f"CREATE DATABASE {name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    source = postgres.Database(server, name)
    source.sql("CREATE TABLE t AS SELECT 1 AS x")
    source.sql(f"ALTER DATABASE {name} SET work_mem = '5MB'")
    source.dump(tmp_path / "old.dump", "-Fc")
    source.sql("INSERT INTO t VALUES (2)")
    os.utime(tmp_path / "old.dump", (1, 1))
    time.sleep(1.1)  # archives tell the second
    source.dump(tmp_path / "new.dump", "-Fc")
    done = lifeboat("restore", tmp_path, "--new-database", fresh("newest"), "--server", server_of(server))
    assert done.status == 0, done
    restored = postgres.Database(server, fresh("newest"))
    assert restored.value("SELECT count(*) FROM t") == 2
    assert restored.value("SELECT datcollate FROM pg_database WHERE datname = current_database()") == "C"
    assert "work_mem" in done.stdout  # a setting of the database is left for people to do


def test_into_an_empty_database_and_never_into_another(lifeboat, server, database, dump, voice_agent_template):
    first = lifeboat("restore", dump, "--into", database.conninfo, "--dry-run")
    assert first.status == 0 and "can be restored; nothing was touched" in first.stdout, first
    assert database.value("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0
    assert lifeboat("restore", dump, "--into", database.conninfo).status == 0
    assert counts(database) == counts(voice_agent_template)
    database.sql("UPDATE contacts SET notes = 'kept'")
    for confirm, status in ((None, 2), ("another", 64)):
        again = lifeboat("restore", dump, "--into", database.conninfo, *([f"--confirm={confirm}"] if confirm else []))
        assert again.status == status and "nothing was touched" in again.stderr, again
        assert "NOT EMPTY" in again.stdout
    forced = lifeboat("restore", dump, "--into", database.conninfo, f"--confirm={database.name}")
    assert forced.status == 1 and "already exists" in forced.stdout, forced
    assert "DROP DATABASE" not in forced.stdout, "what was there before is never to be dropped"
    assert database.value("SELECT count(*) FROM contacts WHERE notes = 'kept'") == counts(database)[0][0]


def test_production_is_recognised(lifeboat, server, own_server, dump, voice_agent_template, fresh):
    lifeboat.configure(f"[target live]\npath = /nowhere\nagainst = {voice_agent_template.conninfo}\n")
    command = ["restore", dump, "--new-database", fresh("onlive")]
    refused = lifeboat(*command, "--server", server_of(server))
    assert refused.status == 2 and "production" in refused.stderr and "target live" in refused.stderr, refused
    assert not any(name.startswith(fresh("onlive")) for name in names(server))
    assert lifeboat(*command, "--server", server_of(own_server)).status == 0  # another server: another identifier
    confirmed = lifeboat(*command, "--server", server_of(server), f"--confirm={fresh('onlive')}")
    assert confirmed.status == 0 and "PRODUCTION" in confirmed.stdout, confirmed
    # what cannot be asked is told by its address, or said to be unknown
    lifeboat.configure(f"[target live]\npath = /nowhere\nagainst = host={server.socket} user=nobody_there dbname=x\n")
    assert lifeboat(*command[:3], fresh("second"), "--server", server_of(server)).status == 2
    unknown = lifeboat(*command[:3], fresh("third"), "--server", server_of(own_server))
    assert unknown.status == 0 and "not known" in unknown.stdout, unknown


def damaged(path, kind):
    data = bytearray(path.read_bytes())
    if kind == "cut":
        return bytes(data[:len(data) * 2 // 3])
    if kind == "flipped":
        data[len(data) * 4 // 5] ^= 0x40
    return bytes(data) if kind == "flipped" else b"this is no backup\n" * 100


@pytest.mark.parametrize("kind, status", [("cut", 1), ("flipped", 1), ("nonsense", 2)])
def test_a_bad_backup_never_reaches_the_server(lifeboat, server, dump, fresh, tmp_path, kind, status):
    bad = tmp_path / "bad.dump"
    bad.write_bytes(damaged(dump, kind))
    before = names(server)
    done = lifeboat("restore", bad, "--new-database", fresh("bad"), "--server", server_of(server))
    assert done.status == status, done
    assert status == 2 or "NOT restored; nothing was touched" in done.stdout
    assert names(server) == before


def test_roles_rights_and_passwords(lifeboat, own_server, fresh, tmp_path):
    own_server.admin.sql("CREATE ROLE owner_of_things")
    source = own_server.create("source")
    source.sql("CREATE TABLE t AS SELECT 1 AS x; ALTER TABLE t OWNER TO owner_of_things; GRANT ALL ON t TO PUBLIC")
    path = source.dump(tmp_path / "roles.dump", "-Fc")
    source.drop()
    own_server.admin.sql("DROP ROLE owner_of_things")
    own_server.admin.sql("CREATE ROLE weak LOGIN; CREATE ROLE other LOGIN PASSWORD 'right'")
    weak = lifeboat("restore", path, "--new-database", "x", "--server", server_of(own_server, "weak"))
    assert weak.status == 2 and "may not create databases" in weak.stderr and "CREATEDB" in weak.stderr, weak
    denied = lifeboat("restore", path, "--into", own_server.create("closed").conninfo_as("weak"))
    assert denied.status == 2 and "may not create anything" in denied.stderr, denied
    done = lifeboat("restore", path, "--new-database", "x", "--server", server_of(own_server))
    assert done.status == 0 and "Roles made without login: owner_of_things" in done.stdout, done
    assert own_server.admin.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'owner_of_things'") is False
    assert postgres.Database(own_server, "x").value("SELECT tableowner FROM pg_tables WHERE tablename = 't'") == \
        "owner_of_things"
    hba = own_server.data / "pg_hba.conf"
    hba.write_text("local all other scram-sha-256\n" + hba.read_text())
    own_server.admin.sql("SELECT pg_reload_conf()")
    time.sleep(0.3)
    wrong = lifeboat("restore", path, "--new-database", "y", "--server", server_of(own_server, "other"),
                     env={"PGPASSWORD": "hush-hush"})
    assert wrong.status == 2 and "hush-hush" not in wrong.stdout + wrong.stderr, wrong
    secret = lifeboat("restore", path, "--new-database", "z", "--dry-run",
                      "--server", server_of(own_server) + " password=hush-hush")
    assert secret.status == 0 and "hush-hush" not in secret.stdout + secret.stderr, secret
    assert {"y", "z"}.isdisjoint(names(own_server))


def limit_files(server, limit):
    """What cannot grow says what a full disk says. Asked as the server's own user, who needs no right for it."""
    subprocess.run(["prlimit", f"--fsize={limit}:", "--pid", str(server.process.pid)], check=True, **server.as_user)


def test_disk_full_and_how_to_go_on(lifeboat, own_server, tmp_path):
    server = own_server
    source = server.create("source")
    source.sql("CREATE TABLE big AS SELECT i, repeat(md5(i::text), 20) AS x FROM generate_series(1, 45000) AS i")
    path = source.dump(tmp_path / "big.dump", "-Fc", "-Z1")
    limit_files(server, 20 << 20)  # segments of WAL have 16 MiB
    command = ["restore", path, "--new-database", "again", "--server", server_of(server)]
    full = lifeboat(*command)
    assert full.status == 2 and "could not extend file" in full.stderr, full
    assert 'DROP DATABASE "again__restoring";' in full.stdout and "holds part of the backup" in full.stdout
    assert "again" not in names(server) and "again__restoring" in names(server)
    limit_files(server, "unlimited")
    refused = lifeboat(*command)
    assert refused.status == 64 and 'DROP DATABASE "again__restoring"' in refused.stderr, refused
    server.admin.sql('DROP DATABASE "again__restoring"')
    assert lifeboat(*command).status == 0
    assert postgres.Database(server, "again").value("SELECT count(*) FROM big") == 45000


def test_interrupted(lifeboat, server, fresh, tmp_path):
    source = server.create()
    source.sql("CREATE FUNCTION slow(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS "
               "'BEGIN PERFORM pg_sleep(0.05); RETURN i; END'; CREATE TABLE t AS SELECT i FROM generate_series(1, 400) i")
    source.sql("CREATE TABLE quick AS SELECT 1 AS x")
    path = source.dump(tmp_path / "slow.sql", "-Fp")
    path.write_text(path.read_text().replace(END, "CREATE INDEX slow_index ON public.t (public.slow(i));\n\n" + END))
    source.drop()
    name = fresh("stopped")
    running = lifeboat.start("restore", path, "--new-database", name, "--server", server_of(server))
    for _ in range(600):
        if server.admin.value("SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND query LIKE 'CREATE INDEX%%'",
                              name + "__restoring"):
            break
        time.sleep(0.05)
    else:
        pytest.fail("the restore never came to its index")
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130, out + err
    assert f'DROP DATABASE "{name}__restoring";' in out.decode() and "holds part of the backup" in out.decode()
    assert name not in names(server)


def test_a_hostile_dump_is_refused_unless_trusted(lifeboat, server, database, fresh, tmp_path):
    sentinel = f"/tmp/lifeboat-sentinel-{os.getpid()}"
    path = database.dump(tmp_path / "hostile.sql", "-Fp")
    path.write_text(path.read_text().replace(END, HOSTILE.format(sentinel=sentinel) + END))
    command = ["restore", path, "--server", server_of(server), "--new-database"]
    try:
        refused = lifeboat(*command, fresh("hostile"))
        assert refused.status == 1 and "reaches out" in refused.stdout, refused
        assert not os.path.exists(sentinel)
        assert fresh("hostile") not in names(server) and fresh("hostile") + "__restoring" in names(server)
        trusted = lifeboat(*command, fresh("trusted"), "--trust-dump")
        assert trusted.status == 0 and os.path.exists(sentinel), trusted
    finally:
        if os.path.exists(sentinel):
            os.unlink(sentinel)


def test_what_would_run_twice_stays_out(lifeboat, server, fresh, tmp_path):
    source = server.create()
    source.sql("CREATE SCHEMA cron; CREATE TABLE cron.job (jobid int PRIMARY KEY, command text);"
               "INSERT INTO cron.job VALUES (1, 'DELETE FROM t'); CREATE TABLE t AS SELECT 1 AS x;"
               "CREATE SCHEMA storage; CREATE TABLE storage.objects AS SELECT generate_series(1, 3) AS id;"
               "CREATE PUBLICATION p FOR TABLE t")
    source.sql("CREATE SUBSCRIPTION s CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE)")
    for arguments in (["-Fc"], ["-Fp"], ["-Fp", "--inserts"]):
        path = source.dump(tmp_path / ("dump" + arguments[-1]), *arguments)
        name = fresh("twice" + arguments[-1][2:])
        done = lifeboat("restore", path, "--new-database", name, "--server", server_of(server))
        assert done.status == 0, done
        restored = postgres.Database(server, name)
        assert restored.value("SELECT count(*) FROM cron.job") == 0
        assert restored.value("SELECT count(*) FROM pg_publication") == 1
        assert restored.value("SELECT count(*) FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE "
                              "datname = current_database())") == 0
        for said in ("Cron jobs (1 in the backup)", "Subscriptions", "Subscribers of publications", "Files of 3 objects"):
            assert said in done.stdout, done
    source.sql("ALTER SUBSCRIPTION s DISABLE; DROP SUBSCRIPTION s")
    source.drop()


@pytest.mark.parametrize("arguments, said", [
    ([], "where to?"), (["--into", "dbname=x", "--new-database", "y"], "where to?"),
    (["--into", "dbname=x", "--server", "host=y"], "--server goes with"), (["--new-database", "x" * 60], "cannot be the name")])
def test_wrong_calls(lifeboat, server, dump, arguments, said):
    done = lifeboat("restore", dump, *arguments, env={"PGHOST": server.socket, "PGUSER": "postgres"})
    assert done.status == 64 and said in done.stderr.lower(), done


def test_expected_time_from_history(lifeboat, server, dump, fresh):
    lifeboat.configure(f"[target live]\npath = {dump}\nmax_age = 10000d\n")
    assert lifeboat("verify", "--target", "live", "--restore").status == 0
    done = lifeboat("restore", dump, "--new-database", fresh("timed"), "--server", server_of(server), "--dry-run")
    assert done.status == 0 and "this backup was restored in" in done.stdout, done
