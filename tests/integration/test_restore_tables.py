# SPDX-License-Identifier: PostgreSQL
"""lifeboat restore --tables: lost rows come back, and what was written since stays as it is."""
import subprocess

import pytest

SHOP = """
CREATE TYPE mood AS ENUM ('sad', 'fine');
CREATE DOMAIN code AS text CHECK (VALUE ~ '^[A-Z]+$');
CREATE TYPE place AS (street text, number int);
CREATE TABLE customers (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, feels mood, codes code[],
  home place, moods mood[], shout text GENERATED ALWAYS AS (upper(name)) STORED, since timestamptz NOT NULL DEFAULT now());
CREATE TABLE orders (id bigserial PRIMARY KEY, customer int NOT NULL REFERENCES customers, boss int REFERENCES orders,
  amount numeric(10, 2), extra jsonb);
CREATE TABLE notes (text text, data json);
CREATE TABLE events (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE events_a PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE events_b PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
INSERT INTO customers (name, feels, codes, home, moods) SELECT 'name ' || i, 'fine', ARRAY['A', 'B']::code[], ROW('x "y"', i)::place,
  '{sad,fine}' FROM generate_series(1, 20) AS i;
INSERT INTO orders (customer, boss, amount, extra) SELECT 1 + i % 20, nullif(i - 1, 0), i, '{"a": [1]}' FROM
  generate_series(1, 60) AS i;
INSERT INTO notes SELECT 'note ' || i / 2, '{}' FROM generate_series(1, 10) AS i;
INSERT INTO events SELECT i, date '2026-01-01' + i FROM generate_series(1, 50) AS i;
"""
TABLES = ("customers", "orders", "notes", "events")


def content(database):
    return {table: sorted(str(row) for row in database.sql(f"SELECT t::text FROM {table} AS t")) for table in TABLES}


def apply(database, path):
    done = subprocess.run([database.server.bindir / "psql", "-X", "-d", database.conninfo, "-v", "ON_ERROR_STOP=1", "-f", path],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def shop(database):
    database.sql(SHOP)
    return database


@pytest.mark.parametrize("arguments", [["-Fc"], ["-Fp"], ["-Fp", "--inserts"]], ids=" ".join)
def test_lost_rows_come_back_and_later_ones_stay(lifeboat, shop, tmp_path, arguments):
    dump = shop.dump(tmp_path / "shop.dump", *arguments)
    before = content(shop)
    shop.sql("DELETE FROM orders; DELETE FROM customers WHERE id > 5; DELETE FROM notes WHERE text IN ('note 1', 'note 2');"
             "DELETE FROM events WHERE id % 2 = 0")
    shop.sql("UPDATE customers SET name = 'changed since' WHERE id = 1; INSERT INTO customers (name) VALUES ('new');"
             "INSERT INTO notes VALUES ('later', '{}')")
    after = content(shop)
    sql = tmp_path / "back.sql"
    done = lifeboat("restore", dump, "--into", shop.conninfo, "--tables", "orders,public.customers,notes", "--tables", "events",
                    "--schema", "side", "--sql", sql)
    assert done.status == 0, done
    assert content(shop) == after, "nothing that exists may be touched"
    assert done.stdout.index("side.customers") < done.stdout.index("side.orders"), done
    assert "the same as in the backup" in done.stdout or "--inserts" in arguments
    assert shop.value("SELECT count(*) FROM side.orders") == 60 and shop.value("SELECT count(*) FROM side.events") == 50
    assert shop.value("SELECT last_value FROM side.orders_id_seq") == 60
    apply(shop, sql)
    now = content(shop)
    assert now["orders"] == before["orders"] and now["events"] == before["events"]
    assert now["notes"] == sorted(before["notes"] + [row for row in after["notes"] if "later" in row])
    assert shop.value("SELECT name FROM customers WHERE id = 1") == "changed since"
    assert shop.value("SELECT count(*) FROM customers") == 21 and shop.value("SELECT count(*) FROM customers WHERE name = 'new'") == 1
    assert shop.sql("INSERT INTO orders (customer) VALUES (1) RETURNING id") == [(61,)]
    assert shop.sql("INSERT INTO customers (name) VALUES ('next') RETURNING id") == [(22,)]
    apply(shop, sql)  # once more: nothing comes twice
    assert content(shop)["notes"] == now["notes"] and shop.value("SELECT count(*) FROM orders") == 61
    again = lifeboat("restore", dump, "--into", shop.conninfo, "--tables", "notes", "--schema", "side")
    assert again.status == 64 and "DROP SCHEMA side" in again.stderr, again


def test_a_table_that_was_dropped_and_a_column_that_was(lifeboat, shop, tmp_path):
    shop.sql("CREATE INDEX by_amount ON orders (amount); CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS "
             "'BEGIN RETURN NEW; END'; CREATE TRIGGER stamped BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION stamp()")
    dump = shop.dump(tmp_path / "shop.dump", "-Fc")
    before = content(shop)
    shop.sql("DROP TABLE orders; DELETE FROM customers; ALTER TABLE customers DROP COLUMN codes, ADD COLUMN must text NOT NULL DEFAULT 'x'")
    sql = tmp_path / "back.sql"
    done = lifeboat("restore", dump, "--into", shop.conninfo, "--tables", "orders,customers", "--sql", sql)
    assert done.status == 0, done
    for said in ("not in the database any more", "no such column any more", "a trigger fires"):
        assert said in " ".join(done.stdout.split()), done
    apply(shop, sql)
    assert content(shop)["orders"] == before["orders"] and shop.value("SELECT count(*) FROM customers") == 20
    assert shop.value("SELECT count(*) FROM pg_indexes WHERE tablename = 'orders'") == 2
    assert shop.value("SELECT count(*) FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype = 'f'") == 2
    assert shop.sql("INSERT INTO orders (customer) VALUES (1) RETURNING id") == [(61,)]


def test_a_missing_parent_changes_nothing(lifeboat, shop, tmp_path):
    dump = shop.dump(tmp_path / "shop.dump", "-Fc")
    shop.sql("DELETE FROM orders; DELETE FROM customers")
    sql = tmp_path / "back.sql"
    done = lifeboat("restore", dump, "--into", shop.conninfo, "--tables", "orders", "--sql", sql)
    assert done.status == 0 and "public.customers" in done.stdout, done
    with pytest.raises(AssertionError, match="foreign key"):
        apply(shop, sql)
    assert shop.value("SELECT count(*) FROM orders") == 0


def test_all_or_nothing(lifeboat, server, shop, tmp_path):
    """A role that may not make a schema; a table that is not there; a wrong call. The database is as it was."""
    dump = shop.dump(tmp_path / "shop.dump", "-Fc")
    server.admin.sql("DROP ROLE IF EXISTS rescuer; CREATE ROLE rescuer LOGIN")
    try:
        for arguments, status, said in (
                (["--into", shop.conninfo_as("rescuer"), "--tables", "notes"], 2, "may not create anything"),
                (["--into", shop.conninfo, "--tables", "customer"], 64, "did you mean customers?"),
                (["--into", shop.conninfo, "--tables", "notes", "--schema", "pg_x"], 64, "cannot be the name"),
                (["--into", shop.conninfo, "--schema", "x"], 64, "go with --tables"),
                (["--new-database", "x", "--tables", "notes"], 64, "with --into")):
            done = lifeboat("restore", dump, *arguments)
            assert done.status == status and said in done.stderr, done
    finally:
        server.admin.sql("DROP ROLE rescuer")
    dry = lifeboat("restore", dump, "--into", shop.conninfo, "--tables", "notes", "--dry-run")
    assert dry.status == 0 and "restored_2" in dry.stdout, dry
    assert shop.value("SELECT count(*) FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema|public)'") == 0
