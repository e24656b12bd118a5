# SPDX-License-Identifier: PostgreSQL
"""The fixtures say the truth: restored by PostgreSQL itself, they hold the rows that expected.json promises."""
import json

import pytest


def restored_counts(database):
    rows = database.sql("SELECT c.oid::regclass::text, quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c"
                        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname IN ('public', 'odd')")
    return {name: database.value(f"SELECT count(*) FROM ONLY {name}") for _, name in rows}


@pytest.mark.parametrize("version", [13, 15])  # what the oldest supported server for the tests (15) can restore
def test_expected_json_is_what_a_restore_gives(server, database, fixtures, version):
    expected = json.loads((fixtures / f"pg{version}" / "expected.json").read_text())
    server.admin.sql("DO $$ BEGIN CREATE ROLE fixture_owner; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    for role in ("anon", "authenticated", "service_role", "app_user"):
        server.admin.sql(f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    database.restore(fixtures / f"pg{version}" / "custom.dump")
    assert restored_counts(database) == expected


def test_all_versions_promise_the_same(fixtures):
    promises = {path.parent.name: json.loads(path.read_text()) for path in fixtures.glob("pg*/expected.json")}
    assert set(promises) == {"pg13", "pg15", "pg17", "pg18"}
    assert all(p == promises["pg17"] for p in promises.values())


def test_small_enough_to_carry(fixtures):
    assert sum(p.stat().st_size for p in fixtures.rglob("*") if p.is_file()) < 10_000_000
