# SPDX-License-Identifier: PostgreSQL
"""A dump holds instants in the time zone of the session that wrote it, and does not name it. That is no difference; a
microsecond is one."""
import pytest

ROWS = """
CREATE TABLE moments AS SELECT i, timestamptz '2024-03-20 00:00Z' + i * interval '17 hours' AS at,
  ARRAY[timestamptz '2001-01-01 00:00Z' + i * interval '1 day'] AS several FROM generate_series(1, 500) AS i;
CREATE TABLE words AS SELECT i, 'word ' || i AS word FROM generate_series(1, 50) AS i;
CREATE FUNCTION shift() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at := NEW.at + interval '1 microsecond'; RETURN NEW; END $$;
"""


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "UTC"])
def test_the_zone_of_a_dump_is_found(lifeboat, database, tmp_path, zone):
    database.sql(ROWS)
    database.sql(f"ALTER DATABASE {database.name} SET timezone = '{zone}'")
    dump = database.dump(tmp_path / "zone.dump", "-Fc")
    done = lifeboat("verify", dump, "--restore", "--json")
    assert done.json["verdict"] == "pass" and done.status == 0, done
    assert done.json["proof_level"] >= 3


def test_a_microsecond_is_a_difference(lifeboat, database, tmp_path):
    """The rows are loaded through a trigger that moves them: no zone explains that."""
    database.sql(ROWS)
    database.sql(f"ALTER DATABASE {database.name} SET timezone = 'Europe/Berlin'")
    database.dump(tmp_path / "schema.sql", "-Fp", "--schema-only")
    database.dump(tmp_path / "rows.sql", "-Fp", "--data-only")
    schema, rows = (tmp_path / "schema.sql").read_text(), (tmp_path / "rows.sql").read_text()
    end = "--\n-- PostgreSQL database dump complete"
    trigger = "CREATE TRIGGER shift BEFORE INSERT ON public.moments FOR EACH ROW EXECUTE FUNCTION public.shift();\n\n"
    both = tmp_path / "both.sql"
    for moved in (False, True):
        both.write_text(schema.split(end)[0] + (trigger if moved else "") + rows[rows.index("COPY public"):])
        done = lifeboat("verify", both, "--restore", "--json")
        found = {finding["id"] for finding in done.json["findings"] if finding["severity"] == "failure"}
        assert found == ({"copy-content-differs"} if moved else set()), done
