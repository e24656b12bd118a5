# SPDX-License-Identifier: PostgreSQL
"""The live side: what a role may not see, what is locked, what vanishes, poolers, and passwords that nobody may read."""
import json
import os
import signal
import subprocess
import time

import psycopg2
import pytest

import postgres


def tables_of(result):
    return {f"{t['schema']}.{t['name']}": t for t in result.json["inventory"]["tables"]}


def inspect(lifeboat, conninfo, *flags, **options):
    result = lifeboat("inspect", "--json", conninfo, *flags, **options)
    assert result.status == 0, result
    return tables_of(result)


@pytest.fixture
def reader(server, database):
    """A role that may read what it was granted and nothing else."""
    name = f"reader_{database.name}"
    database.sql(f"CREATE ROLE {name} LOGIN")
    yield name
    database.sql(f"DROP OWNED BY {name}; DROP ROLE {name}")


# ---- rows that a role cannot see are unknown, never zero ----

@pytest.mark.parametrize("digests", [False, True])
def test_row_security_is_never_zero(lifeboat, database, reader, digests):
    database.sql(f"""
        CREATE TABLE plain AS SELECT generate_series(1, 10) AS n;
        CREATE TABLE hidden AS SELECT generate_series(1, 10) AS n; ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
        CREATE TABLE some AS SELECT generate_series(1, 10) AS n; ALTER TABLE some ENABLE ROW LEVEL SECURITY;
        CREATE POLICY p ON some USING (n < 4);
        CREATE TABLE owned AS SELECT generate_series(1, 10) AS n; ALTER TABLE owned ENABLE ROW LEVEL SECURITY;
        CREATE TABLE forced AS SELECT generate_series(1, 10) AS n; ALTER TABLE forced ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE TABLE asleep AS SELECT generate_series(1, 10) AS n; CREATE POLICY p ON asleep USING (false);
        CREATE TABLE secret AS SELECT generate_series(1, 10) AS n;
        GRANT SELECT ON plain, hidden, some, owned, forced, asleep TO {reader};
        ALTER TABLE owned OWNER TO {reader}; ALTER TABLE forced OWNER TO {reader};
        CREATE SCHEMA closed; CREATE TABLE closed.t AS SELECT 1 AS n; GRANT SELECT ON closed.t TO {reader};
    """.replace(" some ", ' "some" ').replace(" some,", ' "some",'))
    flags = ["--tables"] if digests else []
    found = inspect(lifeboat, database.conninfo_as(reader), *flags)
    for name in ("public.plain", "public.owned", "public.asleep"):
        assert (found[name]["count"], found[name]["rows"]) == ("exact", 10), name
    for name, why in (("public.hidden", "row-level security"), ("public.some", "row-level security"),
                      ("public.forced", "row-level security"), ("public.secret", "GRANT SELECT"), ("closed.t", "GRANT USAGE")):
        assert found[name]["count"] == "unknown" and "rows" not in found[name] and why in found[name]["unknown_why"], name
    database.sql(f"ALTER ROLE {reader} BYPASSRLS")
    found = inspect(lifeboat, database.conninfo_as(reader), *flags)
    for name in ("public.hidden", "public.some", "public.forced"):
        assert (found[name]["count"], found[name]["rows"]) == ("exact", 10), name


def test_hidden_rows_make_diff_unknown(lifeboat, voice_agent, voice_agent_dump, reader):
    voice_agent.sql(f"GRANT USAGE ON SCHEMA public TO {reader}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}")
    result = lifeboat("diff", voice_agent_dump, voice_agent.conninfo_as(reader), "--json")
    voice_agent.sql(f"DROP OWNED BY {reader}")
    assert result.status == 2 and result.json["result"] == "unknown", result
    hidden = {d["name"]: d for d in result.json["differences"]}
    assert "row-level security could hide rows" in hidden["public.contacts"]["why"] and hidden["public.contacts"]["b"] == "unknown"
    assert lifeboat("diff", voice_agent_dump, voice_agent.conninfo).status == 0


def test_extension_tables_and_configuration(lifeboat, database, tmp_path):
    """Rows of extensions are not in a dump, those of their configuration tables are, those that meet its condition."""
    database.sql("""
        CREATE EXTENSION hstore; CREATE SCHEMA lbt;
        CREATE TABLE lbt.inner_table (n int PRIMARY KEY); CREATE TABLE lbt.settings (n int, standard boolean, CHECK (n > 0));
        CREATE TABLE lbt.whole (n int); CREATE SEQUENCE lbt.settings_seq; CREATE SEQUENCE lbt.inner_seq; CREATE VIEW lbt.v AS SELECT 1 AS one;
        CREATE FUNCTION lbt.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TYPE lbt.mood AS ENUM ('ok');
        INSERT INTO lbt.inner_table VALUES (1); INSERT INTO lbt.settings VALUES (1, true), (2, true), (3, false); INSERT INTO lbt.whole VALUES (7);
        SELECT nextval('lbt.settings_seq'), nextval('lbt.inner_seq');
        ALTER EXTENSION hstore ADD TABLE lbt.inner_table; ALTER EXTENSION hstore ADD TABLE lbt.settings; ALTER EXTENSION hstore ADD TABLE lbt.whole;
        ALTER EXTENSION hstore ADD SEQUENCE lbt.settings_seq; ALTER EXTENSION hstore ADD SEQUENCE lbt.inner_seq; ALTER EXTENSION hstore ADD VIEW lbt.v;
        ALTER EXTENSION hstore ADD FUNCTION lbt.f(); ALTER EXTENSION hstore ADD TYPE lbt.mood;
        SET allow_system_table_mods = on;
        UPDATE pg_extension SET extconfig = ARRAY['lbt.settings'::regclass::oid, 'lbt.whole'::regclass, 'lbt.settings_seq'::regclass],
            extcondition = ARRAY['WHERE NOT standard', '', ''] WHERE extname = 'hstore'""")
    for flags in ([], ["--tables"]):
        found = inspect(lifeboat, database.conninfo, *flags)
        assert found["lbt.inner_table"]["extension_owned"] and found["lbt.inner_table"]["count"] == "unknown"
        assert found["lbt.settings"]["rows"] == 1 and found["lbt.whole"]["rows"] == 1
    for form in ("-Fc", "-Fp"):
        result = lifeboat("diff", database.dump(tmp_path / f"x{form}.dump", form), database.conninfo)
        assert result.status == 0, result
    dump = tmp_path / "x-Fc.dump"
    database.sql("UPDATE lbt.settings SET n = 4 WHERE NOT standard; INSERT INTO lbt.inner_table VALUES (2); INSERT INTO lbt.settings VALUES (9, true)")
    result = lifeboat("diff", dump, database.conninfo, "--json")
    assert [(d["kind"], d["name"]) for d in result.json["differences"]] == [("content", "lbt.settings")], result


# ---- while others work ----

class Session:
    """Another client of the database, in a transaction of its own."""

    def __init__(self, database, *statements):
        self.connection = psycopg2.connect(database.conninfo)
        self.run(*statements)

    def run(self, *statements):
        with self.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def commit(self):
        self.connection.commit()

    def close(self):
        self.connection.close()


def wait_for_waiter(database):
    """Until lifeboat waits for a lock."""
    deadline = time.monotonic() + 20
    while not database.sql("SELECT 1 FROM pg_stat_activity WHERE application_name = 'lifeboat' AND wait_event_type = 'Lock'"
                           " AND datname = current_database()"):
        assert time.monotonic() < deadline, "lifeboat never came to the lock"
        time.sleep(0.02)


def sessions(database):
    return database.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lifeboat' AND datname = current_database()")


@pytest.fixture
def busy(database):
    database.sql("CREATE TABLE a AS SELECT generate_series(1, 1000) AS n; CREATE TABLE b AS SELECT generate_series(1, 10) AS n")
    return database


@pytest.mark.parametrize("flags", [[], ["--tables"]])
def test_a_locked_table_is_unknown_the_others_are_counted(lifeboat, busy, flags):
    other = Session(busy, "LOCK TABLE a IN ACCESS EXCLUSIVE MODE")
    found = inspect(lifeboat, busy.conninfo, "--lock-timeout", "1s", *flags)
    other.close()
    assert found["public.a"]["count"] == "unknown" and "lock" in found["public.a"]["unknown_why"]
    assert found["public.b"]["rows"] == 10


@pytest.mark.parametrize("flags", [[], ["--tables"]])
@pytest.mark.parametrize("statement,why", [("TRUNCATE a", "truncated or rewritten"), ("DROP TABLE a", "it changed"),
                                           ("ALTER TABLE a ALTER n TYPE bigint", "truncated or rewritten")])
def test_a_table_rewritten_meanwhile_is_unknown(lifeboat, busy, statement, why, flags):
    """To the snapshot it would seem empty: TRUNCATE and rewrites do not respect older ones."""
    other = Session(busy, "LOCK TABLE a IN ACCESS EXCLUSIVE MODE")
    child = lifeboat.start("inspect", "--json", "-j1", busy.conninfo, *flags)
    wait_for_waiter(busy)
    other.run(statement)
    other.commit()
    out, err = child.communicate(timeout=60)
    other.close()
    assert child.returncode == 0, err
    found = {t["name"]: t for t in json.loads(out)["inventory"]["tables"]}
    assert found["a"]["count"] == "unknown" and why in found["a"]["unknown_why"], found["a"]
    assert found["b"]["rows"] == 10


@pytest.mark.parametrize("jobs", ["1", "4"])
def test_all_readers_see_one_moment(lifeboat, busy, jobs):
    other = Session(busy, "LOCK TABLE a IN ACCESS EXCLUSIVE MODE")
    child = lifeboat.start("inspect", "--tables", "--json", "-j", jobs, busy.conninfo)
    wait_for_waiter(busy)
    other.run("INSERT INTO a SELECT generate_series(1, 500)", "INSERT INTO b SELECT generate_series(1, 500)")
    other.commit()
    out, err = child.communicate(timeout=60)
    other.close()
    found = {t["name"]: t["rows"] for t in json.loads(out)["inventory"]["tables"]}
    assert found == {"a": 1000, "b": 10}, err


def test_no_lock_outlives_the_reading_of_its_table(lifeboat, busy):
    """A migration of one table is not kept waiting because another one takes long."""
    other = Session(busy, "LOCK TABLE b IN ACCESS EXCLUSIVE MODE")
    child = lifeboat.start("inspect", "--json", "-j1", "--lock-timeout", "20s", busy.conninfo)
    wait_for_waiter(busy)  # a is larger, so it has been counted
    busy.sql("SET lock_timeout = '2s'; ALTER TABLE a ADD COLUMN later int")
    other.close()
    child.communicate(timeout=60)
    assert child.returncode == 0


def test_statement_timeout(lifeboat, busy):
    assert inspect(lifeboat, busy.conninfo, "--statement-timeout", "1s")["public.a"]["rows"] == 1000
    other = Session(busy, "LOCK TABLE a IN ACCESS EXCLUSIVE MODE")
    found = inspect(lifeboat, busy.conninfo, "--statement-timeout", "1s", "--lock-timeout", "30s")
    other.close()
    assert found["public.a"]["count"] == "unknown" and "statement timeout" in found["public.a"]["unknown_why"]
    assert found["public.b"]["rows"] == 10


def test_interrupted_in_the_middle(lifeboat, busy):
    other = Session(busy, "LOCK TABLE a IN ACCESS EXCLUSIVE MODE")
    child = lifeboat.start("inspect", "--lock-timeout", "60s", busy.conninfo)
    wait_for_waiter(busy)
    begun = time.monotonic()
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 130 and time.monotonic() - begun < 3, err
    assert out == b"" and b"stopped on request" in err
    deadline = time.monotonic() + 5
    while sessions(busy) > 0:
        assert time.monotonic() < deadline, "the server still works for a client that is gone"
        time.sleep(0.05)
    other.close()


def test_few_connections_make_it_slower_not_wrong(lifeboat, database, reader):
    database.sql("".join(f"CREATE TABLE t{i} AS SELECT generate_series(1, {i}) AS n; GRANT SELECT ON t{i} TO {reader};" for i in range(1, 20)))
    database.sql(f"ALTER ROLE {reader} CONNECTION LIMIT 2")
    found = inspect(lifeboat, database.conninfo_as(reader), "-j", "8")
    assert {k: t["rows"] for k, t in found.items()} == {f"public.t{i}": i for i in range(1, 20)}


# ---- a server that goes away ----

@pytest.fixture
def own_server():
    with postgres.Server() as running:
        yield running


@pytest.mark.parametrize("how", [signal.SIGQUIT, signal.SIGINT])
def test_a_server_that_vanishes(lifeboat, own_server, how):
    made = own_server.create()
    made.sql("CREATE TABLE a AS SELECT generate_series(1, 10) AS n")
    other = Session(made, "LOCK TABLE a IN ACCESS EXCLUSIVE MODE")
    child = lifeboat.start("inspect", "--lock-timeout", "60s", made.conninfo)
    wait_for_waiter(made)
    own_server.process.send_signal(how)
    out, err = child.communicate(timeout=30)
    other.close()
    assert child.returncode == 2 and out == b"", err
    assert b"counting public.a" in err and b"hint:" in err and b"up" in err


def test_a_server_that_hangs(lifeboat, own_server):
    """Not even the connection breaks: lifeboat's own patience ends."""
    made = own_server.create()
    made.sql("CREATE TABLE a AS SELECT generate_series(1, 10) AS n")
    other = Session(made, "LOCK TABLE a IN ACCESS EXCLUSIVE MODE")
    child = lifeboat.start("inspect", "--lock-timeout", "60s", "--statement-timeout", "1s", made.conninfo)
    wait_for_waiter(made)
    pid = made.value("SELECT pid FROM pg_stat_activity WHERE application_name = 'lifeboat' AND wait_event_type = 'Lock'")
    os.kill(pid, signal.SIGSTOP)
    try:
        out, err = child.communicate(timeout=60)
    finally:
        os.kill(pid, signal.SIGCONT)
        other.close()
    assert child.returncode == 2 and b"no answer" in err, err


# ---- connecting ----

SECRET = "hunter2-Tr0ub4dor"


@pytest.fixture
def guarded(own_server):
    """A server that wants a password of one role."""
    own_server.admin.sql(f"CREATE ROLE guarded LOGIN PASSWORD '{SECRET}'")
    hba = own_server.data / "pg_hba.conf"
    hba.write_text("local all guarded scram-sha-256\nlocal all shut reject\n" + hba.read_text())
    own_server.admin.sql("SELECT pg_reload_conf()")
    time.sleep(0.2)
    return own_server


def test_no_password_is_ever_shown(lifeboat, guarded, tmp_path):
    where = f"host={guarded.socket} dbname=postgres user=guarded"
    uri = f"postgresql://guarded:{SECRET}@/postgres?host={guarded.socket}"
    passfile = tmp_path / "pgpass"
    passfile.write_text(f"*:*:*:*:{SECRET}\n")
    passfile.chmod(0o600)
    good = [((f"{where} password={SECRET}",), {}), ((uri,), {}), ((where,), {"PGPASSWORD": SECRET}), ((where,), {"PGPASSFILE": passfile})]
    for arguments, env in good:
        result = lifeboat("inspect", "--json", *arguments, env=env)
        assert result.status == 0 and SECRET not in result.stdout + result.stderr, result
        given = any(SECRET in a for a in arguments)
        assert ("command line" in result.stderr) == given, "a visible password is warned of, others are not"
    bad = [
        (f"{where} password={SECRET}x", "password authentication failed", {}),
        (f"{where}", "no password supplied", {}),
        (f"host={guarded.socket} dbname=gone user=guarded password={SECRET}", "does not exist", {}),
        (f"host={guarded.socket} user=shut dbname=postgres password={SECRET}", "pg_hba", {}),
        (f"host=/nonexistent password={SECRET}", "No such file", {}),
        (f"host=127.0.0.1 port=1 password={SECRET}", "refused", {}),
        (f"host=name.invalid password={SECRET}", "translate host name", {}),
        (f"postgresql://u:{SECRET}@x@h/d", "percent-encoded", {}),
        (f"postgresql://u:{SECRET}/x@h/d", "percent-encoded", {}),
        (f"host=h pasword={SECRET}", "cannot be read", {}),
        (f"host=h password='{SECRET}", "cannot be read", {}),
        (where, "password authentication failed", {"PGPASSWORD": SECRET + "x"}),
    ]
    for conninfo, words, env in bad:
        for flags in ([], ["--log-level", "debug"], ["--json"]):
            result = lifeboat("inspect", conninfo, *flags, env=env)
            assert result.status in (2, 64) and result.stdout == "", result
            assert words in result.stderr and "hint:" in result.stderr, result
            assert SECRET not in result.stderr, result
    # what the server logged is not ours to keep, but what we sent as a name is: no password in application_name
    assert SECRET not in guarded.log.read_text().replace(f"PASSWORD '{SECRET}'", "")


def test_who_we_are(lifeboat, busy):
    other = Session(busy, "LOCK TABLE a IN ACCESS EXCLUSIVE MODE")
    child = lifeboat.start("inspect", busy.conninfo + " application_name=other")
    wait_for_waiter(busy)
    assert sessions(busy) >= 1
    other.close()
    child.communicate(timeout=60)


# ---- poolers ----

@pytest.mark.parametrize("extra", ["", "server_round_robin = 1", "default_pool_size = 1"])
def test_transaction_pooler_is_refused(lifeboat, pooled, busy, extra):
    pooler = pooled("transaction", extra)
    for warm in (False, True):
        if warm:  # with servers waiting in the pool it would be easy to overlook
            held = [psycopg2.connect(pooler.conninfo(busy)) for _ in range(1 if "size" in extra else 5)]
            for connection in held:
                connection.cursor().execute("SELECT 1")
            for connection in held:
                connection.close()
        result = lifeboat("inspect", pooler.conninfo(busy))
        assert result.status == 2 and result.stdout == "", result
        assert "is a transaction pooler" in result.stderr and "5432" in result.stderr, result
    # nothing that lifeboat pins for itself stays on connections that the application uses next
    connection = psycopg2.connect(pooler.conninfo(busy))
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path'), current_setting('row_security'), current_setting('transaction_read_only')")
        assert cursor.fetchone() == ('"$user", public', "on", "off")
    connection.close()


def test_statement_pooler_is_refused(lifeboat, pooled, busy):
    result = lifeboat("inspect", pooled("statement").conninfo(busy))
    assert result.status == 2 and result.stdout == "" and "pooler" in result.stderr, result


@pytest.mark.parametrize("extra", ["", "default_pool_size = 1\nquery_wait_timeout = 60"])
def test_session_pooler_works(lifeboat, pooled, voice_agent, voice_agent_dump, extra):
    pooler = pooled("session", extra)
    result = lifeboat("diff", "-j", "3", voice_agent_dump, pooler.conninfo(voice_agent))
    assert result.status == 0, result


def test_supabase_ports_are_told_without_asking(lifeboat, tmp_path):
    """The hint names the port that works. No such host exists here: the refusal comes first."""
    result = lifeboat("inspect", "host=aws-0-eu-central-1.pooler.supabase.com port=6543 user=postgres.abc dbname=postgres")
    assert result.status == 2 and "transaction pooler" in result.stderr and "port 5432" in result.stderr, result
    result = lifeboat("inspect", "host=db.abcdefghijklmnopqrst.supabase.co user=postgres dbname=postgres connect_timeout=5")
    assert result.status == 2 and "IPv6" in result.stderr and "pooler.supabase.com" in result.stderr, result
