# SPDX-License-Identifier: PostgreSQL
"""The stores: SQLite at home, backup_verification_log in PostgreSQL, and the way from one to the other."""
import json
import pathlib
import re
import socket
import sqlite3
import subprocess
import threading
import time
import uuid

import pytest

import postgres

MIGRATIONS = sorted((postgres.ROOT / "db" / "migrations").glob("*.sql"))
DAY = 86400 * 1000000

# The requirements' table: name, type, not null, default.
REQUIRED = [
    ("id", "uuid", True, "gen_random_uuid()"),
    ("verified_at", "timestamp with time zone", True, "now()"),
    ("backup_id", "text", True, None),
    ("backup_age_hours", "integer", False, None),
    ("backup_size_mb", "integer", False, None),
    ("status", "text", False, None),
    ("checks_passed", "integer", False, None),
    ("checks_failed", "integer", False, None),
    ("error_details", "jsonb", False, None),
    ("created_at", "timestamp with time zone", False, "now()"),
]
COLUMNS = """SELECT attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)
  FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  WHERE attrelid = 'backup_verification_log'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""


def configure(lifeboat, conninfo, more=""):
    lifeboat.configure(f"[store]\npostgres = {conninfo}\n{more}")


def open_store(lifeboat):
    lifeboat("status")
    return sqlite3.connect(lifeboat.state / "lifeboat.db", timeout=20, isolation_level=None)


def remember(lifeboat, count=1, **changes):
    """Adds runs that wait for delivery, as store_record does, oldest first; returns their ids."""
    made = []
    with open_store(lifeboat) as db:
        start = db.execute("SELECT coalesce(max(seq), 0) FROM run").fetchone()[0]
        for number in range(start, start + count):
            finished = int(time.time() * 1e6) - 80 * DAY + number * 3600 * 1000000
            run = dict(run_id=str(uuid.uuid4()), target="production", verdict="fail", reason="because", proof_level=2, attested=0,
                       started_at=finished - 1000000, finished_at=finished, tool_version="0.1.0", recorded_by="host",
                       backup_id=f"app-{number}.dump", backup_path="/b/app.dump", backup_absolute="/b/app.dump",
                       backup_format="custom", backup_size=123456789, backup_taken_at=finished - 7200 * 1000000 - 1,
                       total_rows=42, checks_passed=9, checks_failed=1, error_details='[{"id": "row-count-drift"}]',
                       report='{"schema": "lifeboat.report/1", "verdict": "fail"}')
            run.update(changes)
            names = ", ".join(run)
            cursor = db.execute(f"INSERT INTO run ({names}) VALUES ({', '.join('?' * len(run))})", list(run.values()))
            db.execute("INSERT INTO delivery (run) VALUES (?)", [cursor.lastrowid])
            made.append(run["run_id"])
    db.close()
    return made


def delivery(lifeboat):
    return lifeboat("status", "--json").json["delivery"]


def arrived(database):
    """Ids in the log in the order in which they were written."""
    return [row[0] for row in database.sql("SELECT run_id::text FROM backup_verification_log ORDER BY created_at, ctid")]


# --- migrations ---


def test_table_is_exactly_the_required_one(server, database):
    database.psql(MIGRATIONS[0])
    assert database.sql(COLUMNS) == REQUIRED
    assert database.sql("SELECT contype::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid ="
                        " 'backup_verification_log'::regclass AND contype <> 'n' ORDER BY 1") == [
        ("c", "CHECK ((status = ANY (ARRAY['success'::text, 'warning'::text, 'failure'::text])))"), ("p", "PRIMARY KEY (id)")]


def test_migrate_is_idempotent_and_additive(lifeboat, database):
    configure(lifeboat, database.conninfo)
    dry = lifeboat("migrate", "--dry-run")
    assert dry.status == 0 and "0001_backup_verification_log, 0002_lifeboat_columns" in dry.stdout, str(dry)
    assert database.value("SELECT to_regclass('backup_verification_log')") is None
    first = lifeboat("migrate")
    assert first.status == 0 and "applied 0001_backup_verification_log, 0002_lifeboat_columns" in first.stdout, str(first)
    columns = database.sql(COLUMNS)
    assert columns[:len(REQUIRED)] == REQUIRED
    assert all(not not_null and default is None for _, _, not_null, default in columns[len(REQUIRED):])
    again = lifeboat("migrate")
    assert again.status == 0 and "up to date" in again.stdout and database.sql(COLUMNS) == columns
    assert "up to date" in lifeboat("migrate", "--dry-run").stdout
    # A row of another writer, who knows the required columns only.
    database.sql("INSERT INTO backup_verification_log (backup_id, status) VALUES ('x', 'success'), ('y', 'warning')")
    with pytest.raises(Exception, match="check constraint"):
        database.sql("INSERT INTO backup_verification_log (backup_id, status) VALUES ('x', 'fine')")


def test_files_run_by_psql_and_the_printed_sql_is_theirs(lifeboat, database):
    for _ in range(2):
        database.psql(*MIGRATIONS)
    configure(lifeboat, database.conninfo)
    assert "up to date" in lifeboat("migrate").stdout
    printed = lifeboat("migrate", "--print").stdout
    assert printed == "\n".join(path.read_text() for path in MIGRATIONS)
    assert not re.search(r"^\\", printed, re.M), "no psql meta-commands: web editors do not know them"


def test_table_made_by_hand_before_is_extended(lifeboat, database):
    database.sql("CREATE TABLE backup_verification_log (id UUID PRIMARY KEY DEFAULT gen_random_uuid(), verified_at TIMESTAMPTZ NOT"
                 " NULL DEFAULT NOW(), backup_id TEXT NOT NULL, backup_age_hours INTEGER, backup_size_mb INTEGER, status TEXT"
                 " CHECK (status IN ('success', 'warning', 'failure')), checks_passed INTEGER, checks_failed INTEGER,"
                 " error_details JSONB, created_at TIMESTAMPTZ DEFAULT NOW());"
                 "INSERT INTO backup_verification_log (backup_id) VALUES ('older')")
    configure(lifeboat, database.conninfo)
    result = lifeboat("migrate")
    assert result.status == 0 and "applied 0002_lifeboat_columns" in result.stdout and "0001" not in result.stdout
    assert database.sql("SELECT backup_id, run_id FROM backup_verification_log") == [("older", None)]


def test_foreign_table_of_that_name_is_left_alone(lifeboat, database):
    database.sql("CREATE TABLE backup_verification_log (id INTEGER, backup_id TEXT)")
    configure(lifeboat, database.conninfo)
    result = lifeboat("migrate")
    assert result.status not in (0, 1) and "did not lead where it should" in result.stderr, str(result)
    assert len(database.sql(COLUMNS)) == 2


def test_several_migrations_at_once(lifeboat, database):
    configure(lifeboat, database.conninfo)
    lifeboat("status")
    running = [lifeboat.start("migrate") for _ in range(6)]
    outputs = [process.communicate(timeout=60)[0].decode() for process in running]
    assert [process.returncode for process in running] == [0] * 6
    assert sum("applied" in output for output in outputs) == 1, outputs


@pytest.fixture
def supabase(own_server):
    """A database with Supabase's roles and default privileges; `postgres` there is no superuser."""
    database = own_server.create()
    database.sql("CREATE ROLE owner_role LOGIN CREATEROLE CREATEDB BYPASSRLS; CREATE ROLE anon; CREATE ROLE authenticated;"
                 "CREATE ROLE service_role BYPASSRLS; GRANT ALL ON SCHEMA public TO owner_role;"
                 "GRANT USAGE ON SCHEMA public TO anon, authenticated, service_role;"
                 "ALTER DEFAULT PRIVILEGES FOR ROLE owner_role IN SCHEMA public GRANT ALL ON TABLES TO anon, authenticated,"
                 " service_role")
    return database


def test_rows_are_closed_to_the_api_roles(lifeboat, supabase):
    configure(lifeboat, supabase.conninfo_as("owner_role"))
    remember(lifeboat)
    result = lifeboat("migrate")
    assert result.status == 0 and "1 run that waited was delivered" in result.stdout, str(result)
    for role in ("anon", "authenticated"):
        with pytest.raises(Exception, match="permission denied"):
            supabase.sql(f"SET ROLE {role}; SELECT * FROM backup_verification_log")
        # Even with the grant back, row-level security hides every row and refuses every new one.
        supabase.sql(f"GRANT ALL ON backup_verification_log TO {role}")
        assert supabase.sql(f"SET ROLE {role}; SELECT * FROM backup_verification_log") == []
        with pytest.raises(Exception, match="row-level security"):
            supabase.sql(f"SET ROLE {role}; INSERT INTO backup_verification_log (backup_id) VALUES ('forged')")
    assert len(supabase.sql("SET ROLE service_role; SELECT * FROM backup_verification_log")) == 1


# --- delivery ---


def test_columns_of_a_delivered_run(lifeboat, database):
    configure(lifeboat, database.conninfo)
    (run_id,) = remember(lifeboat, target="prod\x1b\udcff".encode("utf8", "surrogateescape"), error_details='[{"m": "a\\u0000b \\\\u0000"}]')
    assert lifeboat("migrate").status == 0
    row = dict(zip([c[0] for c in database.sql(COLUMNS)], database.sql("SELECT * FROM backup_verification_log")[0]))
    assert row["run_id"] == run_id and row["backup_id"] == "app-0.dump" and row["status"] == "failure"
    assert row["backup_age_hours"] == 3, "2 h and a microsecond are rounded up"
    assert row["backup_size_mb"] == 123 and row["backup_size_bytes"] == 123456789
    assert (row["checks_passed"], row["checks_failed"], row["total_rows"], row["proof_level"]) == (9, 1, 42, 2)
    assert row["target"] == "prod\\x1b\\xff", "what is not printable is escaped"
    assert row["error_details"] == [{"m": "a\ufffdb \\u0000"}], "jsonb has no NUL; the escaped backslash is no escape"
    assert row["report"]["schema"] == "lifeboat.report/1" and row["attested"] is False
    with open_store(lifeboat) as db:
        finished = db.execute("SELECT finished_at FROM run").fetchone()[0]
    assert round(row["verified_at"].timestamp() * 1e6) == finished


@pytest.mark.parametrize("verdict,status", [("pass", "success"), ("warn", "warning"), ("fail", "failure"), ("unknown", "failure")])
def test_status_mapping(lifeboat, database, verdict, status):
    configure(lifeboat, database.conninfo)
    remember(lifeboat, verdict=verdict, error_details=None, backup_size=None, backup_taken_at=None, total_rows=None)
    assert lifeboat("migrate").status == 0
    assert database.sql("SELECT status, verdict, error_details, backup_age_hours, backup_size_mb FROM backup_verification_log") == [
        (status, verdict, None, None, None)]


def test_runs_wait_while_the_database_is_down(lifeboat, database, tmp_path):
    configure(lifeboat, database.conninfo)
    first = remember(lifeboat, 3)
    assert lifeboat("migrate").status == 0 and arrived(database) == first
    configure(lifeboat, f"host={tmp_path} dbname=absent user=nobody password=hunter2")
    later = remember(lifeboat, 2)
    down = lifeboat("migrate")
    assert down.status == 2 and "hunter2" not in down.stdout + down.stderr, str(down)
    assert delivery(lifeboat)["waiting"] == 2
    configure(lifeboat, database.conninfo)
    later += remember(lifeboat, 2)
    assert lifeboat("migrate").status == 0
    assert arrived(database) == first + later
    assert delivery(lifeboat) | {"tried_at": None} == {
        "configured": True, "waiting": 0, "oldest": None, "tried_at": None, "error": None}


def test_missing_table_right_or_column_is_named(lifeboat, server, database):
    """The table goes, or changes, after it was made: the run waits, and the reason says what to do."""
    configure(lifeboat, database.conninfo)
    assert lifeboat("migrate").status == 0
    steps = [("ALTER TABLE backup_verification_log RENAME COLUMN checks_failed TO gone", None),
             ("ALTER TABLE backup_verification_log RENAME COLUMN gone TO checks_failed", None)]
    waiting = remember(lifeboat, 1)
    database.sql(steps[0][0])
    broken = lifeboat("migrate")
    assert broken.status == 2 and "did not lead where it should" in broken.stderr, str(broken)
    database.sql(steps[1][0])
    assert lifeboat("migrate").status == 0 and arrived(database) == waiting
    database.sql("CREATE ROLE lifeboat_reader LOGIN; GRANT SELECT, INSERT ON backup_verification_log TO lifeboat_reader")
    try:
        configure(lifeboat, database.conninfo_as("lifeboat_reader"))
        waiting += remember(lifeboat, 1)
        refused = lifeboat("migrate")
        assert refused.status == 2 and "row-level security" in refused.stderr, str(refused)
        assert "hint:" in refused.stderr and "policy" in refused.stderr, str(refused)
        assert delivery(lifeboat)["waiting"] == 1 and "42501" in delivery(lifeboat)["error"]
        database.sql("CREATE POLICY lifeboat ON backup_verification_log FOR ALL TO lifeboat_reader USING (true) WITH CHECK (true)")
        assert lifeboat("migrate").status == 0 and arrived(database) == waiting
    finally:
        database.sql("DROP OWNED BY lifeboat_reader; DROP ROLE lifeboat_reader")


def test_a_verification_arrives(lifeboat, database, voice_agent_dump, tmp_path):
    section = f"[target production]\npath = {voice_agent_dump}\n"
    configure(lifeboat, database.conninfo, section)
    early = lifeboat("verify", "--target", "production")
    assert early.status == 0 and "lifeboat migrate" in early.stderr + lifeboat("status").stdout, str(early)
    assert lifeboat("migrate").status == 0
    configure(lifeboat, f"host={tmp_path} dbname=down user=x password=hunter2", section)
    down = lifeboat("verify", "--target", "production")
    assert down.status == 0 and "hunter2" not in down.stderr + down.stdout, str(down)
    assert "1 run waits for the PostgreSQL store" in lifeboat("status").stdout
    configure(lifeboat, database.conninfo, section + "min_size = 1TB\n")
    assert lifeboat("verify", "--target", "production").status == 1
    runs = lifeboat("log", "--json").json["runs"][::-1]
    assert arrived(database) == [run["run_id"] for run in runs] and all(run["delivered"] for run in runs)
    assert [row[0] for row in database.sql("SELECT status FROM backup_verification_log ORDER BY verified_at")] == [
        "success", "success", "failure"]
    row = database.sql("SELECT backup_id, checks_passed, checks_failed, error_details, report, backup_size_bytes, total_rows,"
                       " proof_level FROM backup_verification_log ORDER BY verified_at DESC LIMIT 1")[0]
    report = lifeboat("log", runs[2]["run_id"], "--json").json
    assert row[4] == report and row[0] == voice_agent_dump.name and row[5] == voice_agent_dump.stat().st_size
    assert row[6] == report["inventory"]["total_rows"] and row[7] == report["proof_level"]
    statuses = [check["status"] for check in report["checks"]]
    assert row[1] == statuses.count("pass") + statuses.count("warn")
    assert row[2] == statuses.count("fail") + statuses.count("unknown") == 1
    assert [entry["id"] for entry in row[3]] == [finding["id"] for finding in report["findings"]]


class Proxy(threading.Thread):
    """Between lifeboat and the server's socket; cuts the connection when the server has answered `cut_after` INSERTs, before
    that answer gets through. With `silent`, accepts and never says anything."""

    def __init__(self, server, directory, cut_after=None, silent=False, on_cut=None):
        super().__init__(daemon=True)
        self.upstream = f"{server.socket}/.s.PGSQL.{server.port}"
        self.listener = socket.socket(socket.AF_UNIX)
        self.directory = directory
        self.listener.bind(str(directory / ".s.PGSQL.5432"))
        self.listener.listen()
        self.cut_after, self.silent, self.on_cut = cut_after, silent, on_cut
        self.cuts = 0
        self.held = []
        self.start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.silent:
                self.held.append(client)
                continue
            upstream = socket.socket(socket.AF_UNIX)
            upstream.connect(self.upstream)
            threading.Thread(target=self.pump, args=(client, upstream, False), daemon=True).start()
            threading.Thread(target=self.pump, args=(upstream, client, True), daemon=True).start()

    def pump(self, source, sink, answers):
        inserted = 0
        try:
            while data := source.recv(65536):
                inserted += answers and data.count(b"INSERT 0 1\0")
                if self.cut_after is not None and inserted >= self.cut_after:
                    self.cuts += 1
                    if self.on_cut:
                        self.on_cut()
                    break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def socket_directory(tmp_path_factory):
    import shutil
    import tempfile

    path = pathlib.Path(tempfile.mkdtemp(prefix="lbpx-", dir="/tmp"))
    yield path
    shutil.rmtree(path)


def test_connection_dies_after_commit_before_the_answer(lifeboat, server, database, socket_directory):
    direct = database.conninfo
    configure(lifeboat, direct)
    assert lifeboat("migrate").status == 0
    runs = remember(lifeboat, 5)
    proxy = Proxy(server, socket_directory, cut_after=3)
    configure(lifeboat, direct.replace(server.socket, str(socket_directory)))
    cut = lifeboat("migrate")
    assert cut.status == 2 and proxy.cuts == 1, str(cut)
    assert "2 runs that waited were delivered" in cut.stdout
    assert arrived(database) == runs[:3], "the third was committed, and lifeboat cannot know"
    assert delivery(lifeboat)["waiting"] == 3
    proxy.stop()
    configure(lifeboat, direct)
    assert lifeboat("migrate").status == 0
    assert arrived(database) == runs and delivery(lifeboat)["waiting"] == 0


def test_killed_between_commit_and_note(lifeboat, server, database, socket_directory):
    direct = database.conninfo
    configure(lifeboat, direct)
    assert lifeboat("migrate").status == 0
    runs = remember(lifeboat, 4)
    victims = []
    proxy = Proxy(server, socket_directory, cut_after=2, on_cut=lambda: victims[0].kill())
    configure(lifeboat, direct.replace(server.socket, str(socket_directory)))
    victims.append(lifeboat.start("migrate"))
    victims[0].communicate(timeout=60)
    assert victims[0].returncode == -9 and proxy.cuts == 1
    proxy.stop()
    configure(lifeboat, direct)
    assert lifeboat("migrate").status == 0
    assert arrived(database) == runs and delivery(lifeboat)["waiting"] == 0


def test_several_deliveries_at_once(lifeboat, database):
    configure(lifeboat, database.conninfo)
    assert lifeboat("migrate").status == 0
    runs = remember(lifeboat, 150)
    running = [lifeboat.start("migrate") for _ in range(5)]
    for process in running:
        output = process.communicate(timeout=120)
        assert process.returncode == 0, output
    assert arrived(database) == runs and delivery(lifeboat)["waiting"] == 0


def test_a_server_that_says_nothing_holds_nobody_up(lifeboat, server, socket_directory):
    proxy = Proxy(server, socket_directory, silent=True)
    configure(lifeboat, f"host={socket_directory} dbname=x user=x")
    started = time.monotonic()
    result = lifeboat("migrate")
    assert result.status == 2 and "did not answer in time" in result.stderr, str(result)
    assert time.monotonic() - started < 25
    proxy.stop()


@pytest.mark.parametrize("conninfo", ["postgresql://u:se/cret@h@host/db", "host=x passwrd=secret", "postgresql://u:secret@host:port/db"])
def test_malformed_connection_strings_are_not_quoted(lifeboat, conninfo):
    configure(lifeboat, conninfo)
    result = lifeboat("migrate")
    assert result.status not in (0, 1) and "cret" not in result.stdout + result.stderr, str(result)


def test_password_in_an_argument_is_refused(lifeboat):
    result = lifeboat("migrate", "postgresql://u:secret@host/db")
    assert result.status == 64 and "secret" not in result.stderr, str(result)


# --- looking back ---


def test_log_and_its_forms(lifeboat):
    ids = remember(lifeboat, 3, backup_id='a "quoted", odd\x1b[31m name')
    listed = lifeboat("log")
    assert listed.status == 0 and [line for line in listed.stdout.splitlines() if ids[2][:13] in line]
    assert "\x1b" not in listed.stdout and "3 fail" in listed.stdout
    positions = [listed.stdout.index(i[:13]) for i in ids]
    assert positions == sorted(positions, reverse=True), "newest first"
    document = lifeboat("log", "--json").json
    assert [run["run_id"] for run in document["runs"]] == ids[::-1] and document["schema"] == "lifeboat.log/1"
    import csv
    import io

    rows = list(csv.DictReader(io.StringIO(lifeboat("log", "--csv").stdout)))
    assert [row["run_id"] for row in rows] == ids[::-1] and rows[0]["backup_id"] == 'a "quoted", odd\\x1b[31m name'
    assert rows[0]["delivered"] == "waiting"
    one = lifeboat("log", ids[0][:13])
    assert one.status == 0 and "fail" in one.stdout
    assert lifeboat("log", ids[0], "--json").json["schema"] == "lifeboat.report/1"
    absent = lifeboat("log", "ffffffff")
    assert absent.status == 2 and "no run" in absent.stderr
    assert lifeboat("log", "--since", "1h").stdout.startswith("No run since")
    assert lifeboat("log", "--target", "staging").stdout.startswith("No run since")


STATES = [
    # verdict, hours ago, state, exit status
    ("pass", 1, "pass", 0),
    ("warn", 1, "warn", 0),
    ("fail", 1, "fail", 1),
    ("unknown", 1, "unknown", 2),
    ("pass", 40, "stale", 2),
    ("pass", -48, "stale", 2),
    ("fail", 4000, "fail", 1),
    (None, 0, "never", 2),
]


@pytest.mark.parametrize("verdict,hours,state,status", STATES)
def test_status_of_one_target(lifeboat, verdict, hours, state, status):
    lifeboat.configure("[target production]\npath = /b\n")
    if verdict:
        finished = int((time.time() - hours * 3600) * 1e6)
        remember(lifeboat, verdict=verdict, finished_at=finished, started_at=finished)
    text = lifeboat("status")
    assert text.status == status and state in text.stdout and "production" in text.stdout.splitlines()[0], str(text)
    assert text.stdout.splitlines()[-1].startswith("Next: lifeboat "), str(text)
    document = lifeboat("status", "--json").json
    assert document["targets"][0]["state"] == state and document["exit_status"] == status


def test_status_of_several_targets_is_the_worst(lifeboat):
    lifeboat.configure("[target a]\npath = /b\n[target b]\npath = /b\nmax_gap = 100d\n[target c]\npath = /b\nmax_gap = 100d\n")
    now = int(time.time() * 1e6)
    remember(lifeboat, target="a", verdict="pass", finished_at=now)
    remember(lifeboat, target="b", verdict="pass", finished_at=now - 50 * DAY)
    remember(lifeboat, target="c", verdict="warn", finished_at=now - 50 * DAY)
    remember(lifeboat, target="removed", verdict="fail", finished_at=now)
    good = lifeboat("status")
    assert good.status == 0 and "removed" not in good.stdout, str(good)
    remember(lifeboat, target="a", verdict="unknown", finished_at=now + 1)
    assert lifeboat("status").status == 2
    remember(lifeboat, target="c", verdict="fail", finished_at=now + 1)
    worst = lifeboat("status")
    assert worst.status == 1 and worst.stdout.splitlines()[0].startswith("1 of 3 targets hold. c: the backup failed"), str(worst)
    assert lifeboat("status", "--target", "b").status == 0
    assert lifeboat("status", "--target", "absent").status == 2


def test_looking_needs_no_secret(lifeboat, tmp_path):
    remember(lifeboat, verdict="pass", finished_at=int(time.time() * 1e6))
    lifeboat.configure(f"[target production]\npath = /b\nagainst_file = {tmp_path}/absent\n[store]\npostgres_file ="
                       f" {tmp_path}/absent\n[notify ops]\ntype = slack\nurl_file = {tmp_path}/absent\n")
    assert lifeboat("status").status == 0 and lifeboat("status", "--json").json["delivery"]["configured"]
    assert lifeboat("log").status == 0
    assert lifeboat("migrate").status == 78 and lifeboat("notify-test").status == 78


def test_nothing_yet_and_a_damaged_store_are_no_pass(lifeboat):
    empty = lifeboat("status")
    assert empty.status == 2 and "Nothing has been verified yet" in empty.stdout
    remember(lifeboat, 50, verdict="pass", target="")
    path = lifeboat.state / "lifeboat.db"
    for companion in lifeboat.state.glob("lifeboat.db-*"):
        companion.unlink()
    size = path.stat().st_size
    with open(path, "r+b") as file:
        file.seek(4096)
        file.write(b"x" * (size - 4096))
    damaged = lifeboat("status")
    assert damaged.status == 2 and "damaged" in damaged.stderr and "hint:" in damaged.stderr, str(damaged)


def test_a_store_that_cannot_be_written_is_said(lifeboat, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    result = lifeboat("status", env={"LIFEBOAT_STATE": blocked / "below"})
    assert result.status == 2 and "store" in result.stderr and "hint:" in result.stderr, str(result)
