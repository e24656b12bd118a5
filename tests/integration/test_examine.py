# SPDX-License-Identifier: PostgreSQL
"""What a look at the restored copy must not mistake for a defect, and what it must not pass over in silence."""
import os
import time


def look(lifeboat, dump, *arguments):
    os.utime(dump, (time.time() - 60, time.time() - 60))
    result = lifeboat("verify", "--json", "--restore", *arguments, dump)
    gaps = {entry["what"]: entry["why"] for entry in result.json["not_tested"]}
    return result, gaps


def test_what_an_absent_extension_would_explain_is_not_reported(lifeboat, database, tmp_path):
    database.sql("CREATE EXTENSION pg_trgm; CREATE FUNCTION near(text, text) RETURNS real LANGUAGE sql AS "
                 "$$ SELECT similarity($1, $2) $$; CREATE TABLE t AS SELECT 1 AS id")
    dump = database.dump(tmp_path / "a.dump", "-Fc", "-Z0")
    result, gaps = look(lifeboat, dump)
    assert result.check("functions")["status"] == "pass" and not any("near" in what for what in gaps), str(result)
    dump.write_bytes(dump.read_bytes().replace(b"pg_trgm", b"pg_trgx"))
    result, gaps = look(lifeboat, dump)
    assert "function-broken" not in result.finding_ids, str(result)
    assert "pg_trgx" in next(why for what, why in gaps.items() if "near" in what), gaps
    assert "more under not tested" in result.check("functions")["observed"]


def test_bodies_find_their_tables_as_the_application_does(lifeboat, database, tmp_path):
    """Without a schema in front, in functions, triggers, policies and questions; a view that writes is not run."""
    database.sql("""
        CREATE SCHEMA app;
        CREATE TABLE app.log (what text);
        CREATE TABLE t (id integer);
        INSERT INTO t VALUES (1);
        CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES ('x'); RETURN NEW; END $$;
        CREATE TRIGGER noted BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION noted();
        CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM t $$;
        CREATE FUNCTION tried() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN
            CREATE TEMP TABLE mine (id integer); INSERT INTO mine VALUES (1); RETURN 1; END $$;
        CREATE FUNCTION writes() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES ('y'); RETURN 1; END $$;
        CREATE VIEW visited AS SELECT writes() AS times""")
    dump = database.dump(tmp_path / "a.dump", "-Fc")
    lifeboat.configure("[check rows]\nsql = SELECT count(*) FROM t\nexpect = 1\nreason = there is one\n")
    result, gaps = look(lifeboat, dump, "--config", lifeboat.config_home / "lifeboat" / "lifeboat.conf")
    assert {f["id"] for f in result.json["findings"] if f["severity"] != "notice"} == set(), str(result)
    assert result.check("questions")["status"] == "pass", str(result)
    assert "writes" in gaps["view public.visited"]
    assert "app.log" in next(what for what in gaps if what.startswith("Writing to"))


def test_nothing_to_look_at_does_not_look_like_something_that_held(lifeboat, database, tmp_path):
    database.sql("CREATE TABLE t AS SELECT 1 AS id; ALTER TABLE t ENABLE ROW LEVEL SECURITY")
    result, gaps = look(lifeboat, database.dump(tmp_path / "a.dump", "-Fc"))
    for check in ("foreign-keys", "sequences", "triggers", "policies", "views", "functions"):
        assert result.check(check)["observed"].startswith("none to look at"), str(result)
    assert result.check("strangers")["status"] == "skipped" and "nobody to try" in gaps["What strangers can see"]
    assert result.check("pages")["status"] == "skipped"


def test_rows_under_a_key_that_is_not_valid_are_a_warning(lifeboat, database, tmp_path):
    database.sql("CREATE TABLE up (id integer PRIMARY KEY); CREATE TABLE t (up integer); INSERT INTO t VALUES (1), (NULL);"
                 "CREATE TABLE child () INHERITS (t); ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (up) REFERENCES up NOT VALID")
    result, _ = look(lifeboat, database.dump(tmp_path / "a.dump", "-Fc"))
    orphans = [f for f in result.json["findings"] if f["id"] == "foreign-key-orphans"]
    assert [(f["severity"], f["found"]) for f in orphans] == [("warning", "1 row without")], str(result)
