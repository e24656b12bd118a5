# SPDX-License-Identifier: PostgreSQL
"""A dump against the database it came from, and against what became of it: digests, structure, values."""
import json
import pathlib

import pytest

SQL = pathlib.Path(__file__).parent / "sql" / "everything.sql"


@pytest.fixture(scope="module")
def template(server):
    made = server.create()
    made.psql(SQL)
    yield made
    made.drop()


@pytest.fixture
def everything(server, template):
    made = server.create(template=template.name)
    yield made
    made.drop()


@pytest.fixture(scope="module")
def dumps(template, tmp_path_factory):
    """The same database in every container."""
    folder = tmp_path_factory.mktemp("dumps")
    return {"custom": template.dump(folder / "custom.dump", "-Fc"), "plain": template.dump(folder / "script.sql"),
            "directory": template.dump(folder / "directory", "-Fd", "-j2"), "tar": template.dump(folder / "archive.tar", "-Ft"),
            "uncompressed": template.dump(folder / "uncompressed.dump", "-Fc", "-Z0")}


@pytest.mark.parametrize("form", ["custom", "directory", "tar", "uncompressed", "plain"])
def test_full_dump_equals_live(lifeboat, template, dumps, form):
    result = lifeboat("diff", dumps[form], template.conninfo, "--json")
    assert result.status == 0, result
    assert result.json["result"] == "same" and result.json["differences"] == []
    assert result.json["a"]["tables"] == result.json["b"]["tables"] > 25
    assert result.json["a"]["total_rows"] == result.json["b"]["total_rows"] > 2000


def test_digests_are_those_of_copy(lifeboat, template):
    """Against an independent reading of the same rows: COPY by psycopg2, XXH3 by the library itself."""
    import ctypes

    class Hash(ctypes.Structure):
        _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]

    xxhash = ctypes.CDLL("libxxhash.so.0")
    xxhash.XXH3_128bits.restype = Hash
    xxhash.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    tables = {t["name"]: t for t in lifeboat("inspect", "--tables", "--json", template.conninfo).json["inventory"]["tables"]
              if t["schema"] == "odd"}
    for name in ("floats", "times", "bytes", "documents", "wide", "gen", "no_columns", "dropped", "pairs"):
        columns = [f'"{c}"' for c in tables[name].get("copy_columns", [])]
        lines = template.copy(f"odd.{name}", columns or None).split(b"\n")[:-1]
        total = 0
        for line in lines:
            part = xxhash.XXH3_128bits(line, len(line))
            total = (total + (part.high << 64) + part.low) % 2**128
        assert tables[name]["rows"] == len(lines) > 0
        assert tables[name]["digest"] == f"{total:032x}", name


# What is done to the database after the dump; kind, what and name of the one difference it must make.
CHANGES = [
    ("DELETE FROM odd.times WHERE d = 'infinity'", "rows", "TABLE", "odd.times"),
    ("INSERT INTO odd.no_columns DEFAULT VALUES", "rows", "TABLE", "odd.no_columns"),
    ("UPDATE odd.floats SET r = r + 1e-7 WHERE r = 0.1::real", "content", "TABLE", "odd.floats"),
    ("UPDATE odd.bytes SET t = NULL WHERE id = -1", "content", "TABLE", "odd.bytes"),
    ("UPDATE odd.documents SET jb = jb || '{\"d\": 1}' WHERE j IS NOT NULL", "content", "TABLE", "odd.documents"),
    ("UPDATE ONLY odd.child SET extra = 'z' WHERE ctid = '(0,1)'", "content", "TABLE", "odd.child"),
    ("DELETE FROM odd.events_2b", "rows", "TABLE", "odd.events_2b"),
    ("ALTER TABLE odd.empty ADD COLUMN \"new\" int", "columns", "TABLE", "odd.empty"),
    ("CREATE TABLE odd.fresh ()", "only-b", "TABLE", "odd.fresh"),
    ("DROP TABLE odd.no_columns", "only-a", "TABLE", "odd.no_columns"),
    ("DROP INDEX odd.accounts_lower", "only-a", "INDEX", "accounts_lower on odd.accounts"),
    ("ALTER TABLE odd.accounts DROP CONSTRAINT no_overlap", "only-a", "CONSTRAINT", "no_overlap on odd.accounts"),
    ("ALTER TABLE odd.accounts DROP CONSTRAINT accounts_n_check", "only-a", "CONSTRAINT", "accounts_n_check on odd.accounts"),
    ("ALTER TABLE odd.event_notes DROP CONSTRAINT event_notes_event_at_fkey", "only-a", "CONSTRAINT",
     "event_notes_event_at_fkey on odd.event_notes"),
    ("DROP POLICY \"my own\" ON odd.accounts", "only-a", "POLICY", "\"my own\" on odd.accounts"),
    ("ALTER TABLE odd.accounts DISABLE ROW LEVEL SECURITY", "only-a", "ROW SECURITY", "odd.accounts"),
    ("DROP TRIGGER touch ON odd.accounts", "only-a", "TRIGGER", "touch on odd.accounts"),
    ("DROP RULE never ON odd.floats", "only-a", "RULE", "never on odd.floats"),
    ("DROP VIEW odd.v", "only-a", "VIEW", "odd.v"),
    ("DROP MATERIALIZED VIEW odd.unfilled", "only-a", "MATERIALIZED VIEW", "odd.unfilled"),
    ("DROP FUNCTION odd.f(int, VARIADIC text[])", "only-a", "FUNCTION", "odd.f(integer, text[])"),
    ("DROP AGGREGATE odd.rows(*)", "only-a", "AGGREGATE", "odd.rows(*)"),
    ("DROP PROCEDURE odd.p(int)", "only-a", "PROCEDURE", "odd.p(integer)"),
    ("DROP TYPE odd.shell", "only-a", "TYPE", "odd.shell"),
    ("CREATE DOMAIN odd.positive AS int CHECK (VALUE > 0)", "only-b", "DOMAIN", "odd.positive"),
    ("CREATE SCHEMA \"New\"", "only-b", "SCHEMA", "\"New\""),
    ("DROP EVENT TRIGGER \"Watch\"", "only-a", "EVENT TRIGGER", "\"Watch\""),
    ("DROP PUBLICATION \"all\"", "only-a", "PUBLICATION", "\"all\""),
    ("DROP STATISTICS odd.stats", "only-a", "STATISTICS", "odd.stats"),
    ("SELECT nextval('odd.used')", "sequence", "SEQUENCE", "odd.used"),
    ("SELECT setval('odd.used', 2, false)", "sequence", "SEQUENCE", "odd.used"),
    ("DROP SEQUENCE odd.standalone", "only-a", "SEQUENCE", "odd.standalone"),
    ("CREATE EXTENSION citext SCHEMA odd", "only-b", "EXTENSION", "citext"),
    ("SELECT lo_unlink(70001)", "rows", "LARGE OBJECTS", "large objects"),
    ("SELECT lo_put(70002, 699999, 'y')", "content", "LARGE OBJECTS", "large objects"),
]


@pytest.mark.parametrize("change", CHANGES, ids=[c[0][:40] for c in CHANGES])
def test_each_change_is_the_one_difference(lifeboat, everything, dumps, change):
    statement, kind, what, name = change
    everything.sql(statement)
    result = lifeboat("diff", dumps["custom"], everything.conninfo, "--json")
    assert result.status == 1, result
    assert [(d["kind"], d["what"], d["name"]) for d in result.json["differences"]] == [(kind, what, name)], result


def test_words_for_people(lifeboat, everything, dumps):
    everything.sql("DELETE FROM odd.dropped WHERE a < 3; DROP INDEX odd.accounts_lower; CREATE TABLE odd.\"E\033[31mvil\n\" ()")
    result = lifeboat("diff", dumps["custom"], everything.conninfo)
    assert result.status == 1
    assert result.stdout.splitlines()[0].endswith("3 differences.")
    assert "Only in A\n  index accounts_lower on odd.accounts\n" in result.stdout
    assert "11 -> 9 (-2)" in result.stdout and "\033" not in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


def test_counts_only_reads_no_rows(lifeboat, everything, dumps):
    everything.sql("UPDATE odd.floats SET r = 1")
    assert lifeboat("diff", "--counts-only", dumps["custom"], everything.conninfo).status == 0
    assert lifeboat("diff", dumps["custom"], everything.conninfo).status == 1


def test_estimates_are_not_compared(lifeboat, template, dumps):
    result = lifeboat("diff", "--estimate-above", "1MB", dumps["custom"], template.conninfo, "--json")
    assert result.status == 2 and result.json["result"] == "unknown"
    assert [d["name"] for d in result.json["differences"]] == ["odd.wide"]
    assert "estimate" in result.json["differences"][0]["why"]


@pytest.mark.parametrize("setting", ["timezone = 'America/St_Johns'", "bytea_output = 'escape'", "datestyle = 'German'",
                                     "extra_float_digits = 0", "intervalstyle = 'iso_8601'", "search_path = odd",
                                     "default_transaction_isolation = 'serializable'", "statement_timeout = '10ms'",
                                     "row_security = on", "lo_compat_privileges = on", "quote_all_identifiers = on"])
def test_settings_of_the_database_change_nothing(lifeboat, everything, tmp_path, setting):
    everything.sql(f'ALTER DATABASE "{everything.name}" SET {setting}')
    dump = everything.dump(tmp_path / "app.dump", "-Fc")
    result = lifeboat("diff", dump, everything.conninfo)
    assert result.status == 0, result


def test_another_encoding(lifeboat, server, tmp_path):
    name = "latin_of_test_diff"
    server.admin.sql(f"DROP DATABASE IF EXISTS {name}")
    server.admin.sql(f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    import postgres

    latin = postgres.Database(server, name)
    latin.sql("CREATE TABLE \"größe\" (\"straße\" text); INSERT INTO \"größe\" VALUES ('äöü'), ('plain')")
    dump = latin.dump(tmp_path / "latin.dump", "-Fc")
    utf8 = latin.dump(tmp_path / "utf8.dump", "-Fc", "-E", "UTF8")
    saved = tmp_path / "saved.json"
    saved.write_bytes(lifeboat("inspect", "--tables", "--json", dump).stdout_bytes)
    for side in (dump, utf8):
        result = lifeboat("diff", side, latin.conninfo)
        assert result.status == 0, result
    assert lifeboat("diff", saved, dump).status == 0
    assert lifeboat("diff", dump, utf8).status == 1
    latin.drop()


def test_saved_inventories(lifeboat, everything, dumps, tmp_path):
    live, dumped, report = tmp_path / "live.json", tmp_path / "dump.json", tmp_path / "report.json"
    live.write_bytes(lifeboat("inspect", "--tables", "--json", everything.conninfo).stdout_bytes)
    dumped.write_bytes(lifeboat("inspect", "--tables", "--json", dumps["custom"]).stdout_bytes)
    tables = json.loads(dumped.read_text())["inventory"]
    report.write_text(json.dumps({"schema": "lifeboat.report/1", "inventory": {
        "label": "x", "tables": [{k: t.get(k) for k in ("schema", "name", "kind", "count", "rows", "bytes", "digest")}
                                 for t in tables["tables"]]}}))
    for a in (live, dumped, dumps["custom"]):
        for b in (live, dumped, everything.conninfo):
            result = lifeboat("diff", a, b)
            assert result.status == 0, result
    result = lifeboat("diff", report, everything.conninfo, "--json")
    assert result.status == 2 and [d["what"] for d in result.json["differences"]] == ["STRUCTURE"], result
    everything.sql("DELETE FROM odd.dropped")
    for a in (live, dumped, report):
        result = lifeboat("diff", a, everything.conninfo, "--json")
        assert result.status == 1 and ("rows", "odd.dropped") in [(d["kind"], d["name"]) for d in result.json["differences"]]


@pytest.mark.parametrize("flags", [["--inserts"], ["--schema-only"], ["--data-only"], ["--exclude-table-data=odd.bytes"],
                                   ["--no-blobs"], ["-n", "odd"]])
def test_partial_dumps_are_never_the_same(lifeboat, template, tmp_path, flags):
    dump = template.dump(tmp_path / "part.dump", "-Fc", *flags)
    result = lifeboat("diff", dump, template.conninfo)
    assert result.status in (1, 2), result


def test_damage_is_never_sameness(lifeboat, template, dumps, tmp_path):
    broken = tmp_path / "broken.dump"
    data = bytearray(dumps["custom"].read_bytes())
    broken.write_bytes(data[:len(data) - 700])
    result = lifeboat("diff", broken, template.conninfo)
    assert result.status in (1, 2) and "damaged" in result.stdout, result


@pytest.mark.parametrize("operand,status,words", [
    ("/nonexistent/app.dump", 2, "No such file"), ("/etc", 2, "lifeboat list"), ("/etc/passwd", 2, "neither a backup"),
    ("host=/nonexistent", 2, "is it running"), ("postgresql://u:se@cret@h/d", 64, "percent-encoded"),
])
def test_what_is_no_side(lifeboat, dumps, operand, status, words):
    result = lifeboat("diff", dumps["custom"], operand)
    assert result.status == status and words in result.stderr, result
    assert result.stdout == "" and "se@cret" not in result.stderr


def test_two_sides_are_needed(lifeboat, dumps):
    assert lifeboat("diff", dumps["custom"]).status == 64
    assert lifeboat("diff").status == 64
