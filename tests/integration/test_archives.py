# SPDX-License-Identifier: PostgreSQL
"""Archives that pg_dump makes here, with every option that changes how rows are written: counted and digested as the live ones."""
import subprocess

import pytest

AWKWARD = r"""
CREATE SCHEMA odd;
CREATE TABLE odd."a table;""
named" ("col 1" int, "sel""ect" text);
INSERT INTO odd."a table;""
named" SELECT n, CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN E'tab\t\n\\.\n' WHEN 2 THEN '\.' ELSE repeat('é', n) END FROM generate_series(1, 300) AS n;
CREATE TABLE odd.nothing ();
INSERT INTO odd.nothing DEFAULT VALUES;
INSERT INTO odd.nothing DEFAULT VALUES;
CREATE TABLE odd.empty (a int);
CREATE TABLE odd.bytes (id int, b bytea, t text);
INSERT INTO odd.bytes SELECT n, decode(lpad(to_hex(n), 2, '0'), 'hex'), nullif(chr(n), '') FROM generate_series(1, 255) AS n;
CREATE TABLE odd.wide (id int, t text);
INSERT INTO odd.wide SELECT n, repeat(md5(n::text), 40000) FROM generate_series(1, 5) AS n;
CREATE TABLE odd.generated (a int, twice int GENERATED ALWAYS AS (a * 2) STORED, b text);
INSERT INTO odd.generated (a, b) SELECT n, 'x' FROM generate_series(1, 50) AS n;
CREATE TABLE odd.dropped (a int, gone int, b int);
INSERT INTO odd.dropped SELECT n, n, n FROM generate_series(1, 20) AS n;
ALTER TABLE odd.dropped DROP COLUMN gone;
CREATE TABLE odd.parent (a int);
CREATE TABLE odd.child (b int) INHERITS (odd.parent);
INSERT INTO odd.parent SELECT generate_series(1, 7);
INSERT INTO odd.child SELECT n, n FROM generate_series(1, 11) AS n;
CREATE TABLE odd.log (at date, note text) PARTITION BY RANGE (at);
CREATE TABLE odd.log_2025 (note text, at date);
ALTER TABLE odd.log ATTACH PARTITION odd.log_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE odd.log_2026 PARTITION OF odd.log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO odd.log SELECT date '2025-06-01' + n, 'note ' || n FROM generate_series(1, 400) AS n;
CREATE UNLOGGED TABLE odd.unlogged (a int);
INSERT INTO odd.unlogged SELECT generate_series(1, 9);
CREATE TABLE public.many (id bigint PRIMARY KEY, name text, at timestamptz, price numeric, tags text[], doc jsonb);
INSERT INTO public.many SELECT n, 'name ' || n, '2026-01-01'::timestamptz + n * interval '1 minute', n * 1.25, ARRAY['a', 'b''"'],
    jsonb_build_object('n', n, 's', E'line\nbreak') FROM generate_series(1, 5000) AS n;
CREATE SEQUENCE public.counter;
SELECT setval('public.counter', 41, true);
CREATE MATERIALIZED VIEW public.summary AS SELECT count(*) AS n FROM public.many;
SELECT lo_from_bytea(0, decode(repeat('00ff', 50000), 'hex')), lo_from_bytea(4000000000, ''), lo_from_bytea(99, 'short');
"""


@pytest.fixture(scope="module")
def awkward(server):
    made = server.create()
    for statement in AWKWARD.strip().split(";\n"):
        made.sql(statement)
    yield made
    made.drop()


@pytest.fixture(scope="module")
def live_counts(awkward):
    tables = awkward.sql("SELECT n.nspname, c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class AS c "
                         "JOIN pg_namespace AS n ON n.oid = relnamespace WHERE relkind = 'r' AND nspname IN ('odd', 'public')")
    return {(s, t): awkward.value(f"SELECT count(*) FROM ONLY {quoted}") for s, t, quoted in tables}


def counts(result):
    """Rows of every table that has data in the backup."""
    tables = result.json["inventory"]["tables"]
    assert all(t["count"] == "exact" for t in tables if t.get("has_data")), result
    return {(t["schema"], t["name"]): t["rows"] for t in tables if t.get("has_data")}


WHOLE = {
    "custom": ["-Fc"],
    "custom, uncompressed": ["-Fc", "-Z0"],
    "custom, compressed most": ["-Fc", "-Z9"],
    "directory": ["-Fd"],
    "directory by two": ["-Fd", "-j2"],
    "directory, uncompressed": ["-Fd", "-Z0"],
    "tar": ["-Ft"],
}


@pytest.mark.parametrize("options", WHOLE.values(), ids=WHOLE.keys())
@pytest.mark.parametrize("jobs", [1, 3])
def test_content_is_that_of_the_live_database(lifeboat, awkward, live_counts, tmp_path, options, jobs):
    dump = awkward.dump(tmp_path / "dump", *options)
    inspected = lifeboat("inspect", "--tables", "--json", "--jobs", jobs, dump)
    assert inspected.json["backup"]["defects"] == [] and inspected.json["backup"]["read_whole"], inspected
    assert counts(inspected) == live_counts
    assert inspected.json["inventory"]["large_objects"] == 3
    compared = lifeboat("diff", "--jobs", jobs, dump, awkward.conninfo)
    assert compared.status == 0, compared


INSERTS = {
    "inserts": ["--inserts"],
    "rows per insert": ["--rows-per-insert=7"],
    "column inserts": ["--column-inserts"],
    "on conflict": ["--inserts", "--on-conflict-do-nothing"],
    "quoted names": ["--inserts", "--quote-all-identifiers"],
}


@pytest.mark.parametrize("options", INSERTS.values(), ids=INSERTS.keys())
@pytest.mark.parametrize("container", ["-Fc", "-Fd", "-Ft"])
def test_inserts_are_counted_and_not_digested(lifeboat, awkward, live_counts, tmp_path, options, container):
    dump = awkward.dump(tmp_path / "dump", container, *options)
    result = lifeboat("inspect", "--tables", "--json", dump)
    assert result.json["backup"]["defects"] == [] and result.json["backup"]["insert_style"], result
    assert counts(result) == live_counts
    assert not any("digest" in t for t in result.json["inventory"]["tables"] if t.get("has_data"))


def test_rows_are_counted_where_they_live_when_loaded_via_the_root(lifeboat, awkward, live_counts, tmp_path):
    dump = awkward.dump(tmp_path / "dump", "-Fc", "--load-via-partition-root")
    result = lifeboat("inspect", "--tables", "--json", dump)
    assert result.json["backup"]["defects"] == [], result
    assert counts(result) == live_counts


@pytest.mark.parametrize("options, left, flag", [
    (["--data-only"], None, "data_only"),
    (["--section=data"], None, "data_only"),
    (["--schema-only"], [], "schema_only"),
    (["--exclude-table-data=odd.*"], [("public", "many")], None),
    (["--table=public.many"], [("public", "many")], None),
    (["--schema=public"], [("public", "many")], None),
], ids=lambda value: " ".join(value) if isinstance(value, list) and value and isinstance(value[0], str) else None)
@pytest.mark.parametrize("container", ["-Fc", "-Fd", "-Ft"])
def test_partial_dumps_hold_what_they_hold(lifeboat, awkward, live_counts, tmp_path, options, left, flag, container):
    dump = awkward.dump(tmp_path / "dump", container, *options)
    result = lifeboat("inspect", "--tables", "--json", dump)
    assert result.json["backup"]["defects"] == [], result
    assert counts(result) == {t: n for t, n in live_counts.items() if left is None or t in left}
    backup = result.json["backup"]
    assert {name for name in ("data_only", "schema_only") if backup[name]} == ({flag} if flag else set())


def pipe(server, command, path):
    """What pg_dump gives on standard output: into a file, in append mode, or through a pipe."""
    done = subprocess.run(["bash", "-c", "set -o pipefail; " + command], env=dict(server.environment(), OUT=str(path)), check=False,
                          capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("redirection", ['> "$OUT"', '>> "$OUT"', '| cat > "$OUT"'])
@pytest.mark.parametrize("jobs", [1, 3])
def test_standard_output_gives_the_same(lifeboat, awkward, live_counts, server, tmp_path, redirection, jobs):
    dump = tmp_path / "dump"
    pipe(server, f'"{server.bindir}/pg_dump" -Fc -d "{awkward.conninfo}" {redirection}', dump)
    result = lifeboat("inspect", "--tables", "--json", "--jobs", jobs, dump)
    assert result.json["backup"]["defects"] == [], result
    assert counts(result) == live_counts
    assert lifeboat("diff", dump, awkward.conninfo).status == 0


def test_an_archive_in_another_encoding_is_well_formed(lifeboat, server, tmp_path):
    """Second bytes of SJIS and GB18030 can be a backslash: rows end at newlines all the same."""
    database = server.create()
    database.sql("CREATE TABLE t (a text)")
    database.sql("INSERT INTO t VALUES ('表示ソ能\n\t'), ('\\.'), ('ソ'), ('表')")
    for encoding in ("SJIS", "GB18030", "EUC_JP"):
        dump = database.dump(tmp_path / f"{encoding}.dump", "-Fc", f"--encoding={encoding}")
        result = lifeboat("inspect", "--tables", "--json", dump)
        assert result.json["backup"]["defects"] == [] and result.json["backup"]["encoding"] == encoding, result
        assert counts(result) == {("public", "t"): 4}
    database.drop()


def test_memory_does_not_grow_with_the_backup(lifeboat, program, server, tmp_path):
    """Ten times the rows, and a row of 200 MB: the same resident memory, and less than 32 MB of it."""
    if "asan" in str(program):
        program = program.parent.parent / "build" / "lifeboat"
    database = server.create()
    database.sql("CREATE TABLE t AS SELECT n, md5(n::text) AS a, repeat('x', 200) AS b FROM generate_series(1, 400000) AS n")
    database.sql("CREATE TABLE long AS SELECT string_agg(md5(n::text), '') AS a FROM generate_series(1, 6000000) AS n")
    dump = database.dump(tmp_path / "dump", "-Fc", "-Z1")
    database.drop()
    done = subprocess.run(["/usr/bin/time", "-f", "%M", program, "inspect", "--tables", "--jobs", "2", dump],
                          env=lifeboat.environment, capture_output=True, text=True, check=True, timeout=120)
    assert int(done.stderr.split()[-1]) < 32 * 1024, done.stderr
