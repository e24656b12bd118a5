# SPDX-License-Identifier: PostgreSQL
"""The proof by restore: every fixture restored and held to a live database, and what this machine cannot restore refused."""
import json

import pytest

LONG = ("--max-age", "100000d", "--min-size", "1kB")
OWNER_ROLES = ("fixture_owner", "anon", "authenticated", "service_role", "app_user")

# What the tools installed here (15 or newer) must restore.
FIXTURES = ["pg13/custom.dump", "pg13/custom-plain.dump", "pg13/custom-pipe.dump", "pg13/directory", "pg13/script.sql.gz", "pg13/dumpall.sql",
            "pg15/custom.dump", "pg15/custom-pipe.dump", "pg15/directory", "pg15/archive.tar", "pg15/script.sql.gz", "pg15/inserts.sql"]
# What pg_dump can write beside them, of the same database.
MADE = {"custom, uncompressed": ["-Fc", "-Z0"], "column inserts": ["-Fp", "--column-inserts"], "script": ["-Fp"],
        "custom of inserts": ["-Fc", "--inserts"]}


@pytest.fixture(scope="module")
def source(server, fixtures):
    """The database that the fixtures are dumps of, brought back by pg_restore: an answer that lifeboat had no part in."""
    for role in OWNER_ROLES:
        server.admin.sql(f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    made = server.create("app")  # its name, too, which a dump of a whole cluster says
    made.restore(fixtures / "pg15" / "custom.dump")
    yield made
    made.drop()


@pytest.fixture(scope="module")
def promised(fixtures):
    return json.loads((fixtures / "pg15" / "expected.json").read_text())


def quoted(name):
    plain = name.replace("_", "a").isalnum() and name.isascii() and name == name.lower()
    return name if plain else '"' + name.replace('"', '""') + '"'


def prove(lifeboat, path, *arguments, **options):
    return lifeboat("verify", path, "--restore", "--json", *LONG, *arguments, **options)


def check(result, identifier):
    return next(c for c in result.json["checks"] if c["id"] == identifier)


def assert_matching(result, promised):
    """Restored without an unexplained error, the copy equal to backup and source, and the counts the promised ones."""
    report = result.json
    assert result.status == 0 and report["verdict"] == "pass", result
    assert report["proof_level"] >= 4, result
    assert all(count == 0 for count in report["restore"]["errors"].values()), result
    assert not report["findings"], result
    assert check(result, "copy")["status"] == check(result, "source")["status"] == "pass", result
    counts = {f"{quoted(t['schema'])}.{quoted(t['name'])}": t["rows"] for t in report["inventory"]["tables"] if t["kind"] == "r"}
    assert counts == promised, result


@pytest.mark.parametrize("fixture", FIXTURES)
def test_a_fixture_is_restored_and_matches(lifeboat, fixtures, source, promised, fixture):
    digests = [] if "inserts" in fixture else ["--digests"]  # INSERTs have no COPY text to take a digest of
    assert_matching(prove(lifeboat, fixtures / fixture, "--against", source.conninfo, *digests), promised)


@pytest.mark.parametrize("make", MADE)
def test_what_pg_dump_writes_here_is_restored_and_matches(lifeboat, source, promised, tmp_path, make):
    assert_matching(prove(lifeboat, source.dump(tmp_path / "made", *MADE[make]), "--against", source.conninfo), promised)


def test_another_database_is_no_match(lifeboat, fixtures, server, source):
    """The control: the same backup, held to a database that has more rows, and one changed value."""
    other = server.create(template=source.name)
    try:
        other.sql("INSERT INTO odd.parent SELECT p.* FROM ONLY odd.parent AS p, generate_series(1, 3)")
        other.sql("UPDATE public.contacts SET phone = phone || '0' WHERE id = (SELECT min(id) FROM public.contacts)")
        result = prove(lifeboat, fixtures / "pg15" / "custom.dump", "--against", other.conninfo, "--digests")
    finally:
        other.drop()
    assert {(f["id"], f["where"]) for f in result.json["findings"]} == {("row-count-drift", "odd.parent"),
                                                                       ("content-differs", "public.contacts")}, result
    assert result.status == 1 and result.json["proof_level"] < 4, result


def test_nothing_to_compare_with_is_not_matching(lifeboat, fixtures):
    result = prove(lifeboat, fixtures / "pg15" / "custom.dump")
    assert result.status == 0 and result.json["proof_level"] == 3, result
    assert check(result, "source")["status"] == "skipped", result


@pytest.mark.parametrize("fixture, major", [("pg17/custom.dump", 17), ("pg17/directory-zstd", 17), ("pg17/dumpall.sql", 17),
                                            ("pg18/archive.tar", 18), ("pg18/script.sql.gz", 18), ("pg18/custom-lz4.dump", 18)])
def test_a_newer_dump_is_refused_with_the_package_to_install(lifeboat, fixtures, server, fixture, major):
    """By the tools of 15, whatever else is installed."""
    result = prove(lifeboat, fixtures / fixture, "--pg-bindir", server.bindir)
    if server.major >= major:
        assert result.json["proof_level"] >= 3, result
        return
    assert result.status == 2 and result.json["verdict"] == "unknown", result
    assert result.json["proof_level"] == 2, result
    assert f"comes from PostgreSQL {major}" in check(result, "restore")["why"], result
    assert f"nstall postgresql-{major}" in result.json["next_step"] and "--pg-bindir" in result.json["next_step"], result


@pytest.mark.parametrize("named, level", [("restored", 3), ("matching", 4), ("serving", 5)])
def test_a_proof_ends_where_it_was_asked_to(lifeboat, fixtures, source, named, level):
    """What stands above the rung was not asked for: skipped and listed, neither unknown nor good."""
    result = lifeboat("verify", fixtures / "pg15" / "custom.dump", "--json", *LONG, "--proof", named, "--against", source.conninfo)
    report = result.json
    assert result.status == 0 and report["verdict"] == "pass" and report["proof_level"] <= level, result
    above = {"restored": ["copy", "source", "foreign-keys", "writes"], "matching": ["writes"], "serving": []}[named]
    for identifier in above:
        assert check(result, identifier)["status"] == "skipped", result
    told = [gap for gap in report["not_tested"] if f"asked to end at level {level}, {named}" in gap["why"]]
    assert bool(told) == bool(above), result
    if named == "restored":
        assert report["proof_level"] == 3, result
