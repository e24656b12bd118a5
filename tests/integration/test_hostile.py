# SPDX-License-Identifier: PostgreSQL
"""Dumps that reach out of the database: nothing acts, whoever trusts them, and each is reported. An ordinary restore obeys them: that is
the control."""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading

import pytest

LONG = ("--max-age", "100000d", "--min-size", "1B")


class World:
    """What a hostile dump would like to touch: a folder that everybody may write to, a service on TCP and one on a Unix socket."""

    def __init__(self, where):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lbworld-", dir=where))
        self.folder.chmod(0o777)
        self.secret = self.folder / "secret"
        self.secret.write_text("canary-4711\n")
        self.secret.chmod(0o644)
        self.calls = []
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind(f"{self.folder}/.s.PGSQL.{self.port}")
        os.chmod(f"{self.folder}/.s.PGSQL.{self.port}", 0o777)
        self.unix.listen()
        for listener in (self.tcp, self.unix):
            threading.Thread(target=self.serve, args=(listener,), daemon=True).start()

    def serve(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.calls.append(listener.family)
            connection.close()

    def touched(self):
        return sorted(p.name for p in self.folder.iterdir() if p != self.secret and not p.name.startswith(".s.PGSQL"))

    def close(self):
        for listener in (self.tcp, self.unix):
            listener.shutdown(socket.SHUT_RDWR) if listener.family == socket.AF_INET else None
            listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture
def world():
    made = World("/var/tmp")
    yield made
    made.close()


# Each would act when restored by hand; the word tells it in the report. {f} is the folder, {p} the port.
ATTACKS = {
    "shell": r"\! touch {f}/shell",
    "copy-line": r"\copy (SELECT 1) TO PROGRAM 'touch {f}/copy-line'",
    "output": r"\o {f}/output",
    "include": r"\i {f}/secret",
    "program": "COPY (SELECT 1) TO PROGRAM 'touch {f}/program';",
    "from-program": "CREATE TABLE taken (a text);\nCOPY taken FROM PROGRAM 'touch {f}/from-program; echo x';",
    "write-file": "COPY (SELECT 1) TO '{f}/write-file';",
    "read-file": "CREATE TABLE seen (a text);\nCOPY seen FROM '{f}/secret';",
    "lo_export": "SELECT lo_from_bytea(4711, 'x');\nSELECT lo_export(4711, '{f}/lo_export');",
    "lo_import": "SELECT lo_import('{f}/secret');",
    "pg_read_file": "CREATE TABLE held AS SELECT pg_read_file('{f}/secret') AS canary;",
    "do": "DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch {f}/do'''; END $$;",
    "alter-system": "ALTER SYSTEM SET archive_command = 'touch {f}/alter-system';",
    "load": "LOAD 'auto_explain';",
    "language": "CREATE FUNCTION evil() RETURNS integer LANGUAGE c AS '/lib/x86_64-linux-gnu/libc.so.6', 'abort';",
    "dblink": "CREATE EXTENSION IF NOT EXISTS dblink;\nSELECT dblink_connect('tcp', 'host=127.0.0.1 port={p} connect_timeout=2 password=pw-4711');",
    "dblink-socket": "SELECT dblink_connect('unix', 'host={f} port={p} connect_timeout=2');",
    "matview": "CREATE MATERIALIZED VIEW dialled AS SELECT * FROM dblink('host=127.0.0.1 port={p} connect_timeout=2', 'SELECT 1') AS t(a integer);",
}
# These act in what the server runs by itself as it loads and looks: nothing in a word gives them away, the confinement has to hold.
HIDDEN = """
CREATE FUNCTION public.hidden_program() RETURNS integer LANGUAGE plpgsql AS
    $$BEGIN EXECUTE format('COPY (SELECT 1) TO PRO%s ''touch {f}/hidden''', 'GRAM'); RETURN 1; END$$;
CREATE FUNCTION public.hidden_call() RETURNS integer LANGUAGE plpgsql AS
    $$BEGIN PERFORM public.dblink_connect('hidden', 'host=127.0.0.1 port={p} connect_timeout=2'); RETURN 1; END$$;
CREATE FUNCTION public.hidden_file() RETURNS text LANGUAGE plpgsql AS
    $$BEGIN RETURN pg_catalog.pg_read_file('{f}/secret'); END$$;
CREATE TABLE public.defaults (a integer, b integer DEFAULT public.hidden_program());
CREATE TABLE public.calls (a integer, b integer DEFAULT public.hidden_call());
CREATE TABLE public.reads (a integer, b text DEFAULT public.hidden_file());
COPY public.defaults (a) FROM stdin;
1
\\.
COPY public.calls (a) FROM stdin;
1
\\.
COPY public.reads (a) FROM stdin;
1
\\.
CREATE VIEW public.looks AS SELECT public.hidden_program() AS a, public.hidden_call() AS b, public.hidden_file() AS c;
CREATE SUBSCRIPTION calls_out CONNECTION 'host=127.0.0.1 port={p} connect_timeout=2 password=pw-4711' PUBLICATION p;
"""


def script(world, attacks, hidden=True):
    parts = ["--\n-- PostgreSQL database dump\n--\n\nCREATE TABLE public.t (a integer);\nCOPY public.t (a) FROM stdin;\n1\n\\.\n"]
    parts += [attack.format(f=world.folder, p=world.port) for attack in attacks]
    if hidden:
        parts.append("CREATE EXTENSION IF NOT EXISTS dblink;\n" + HIDDEN.format(f=world.folder, p=world.port))
    return "\n".join(parts) + "\n\n--\n-- PostgreSQL database dump complete\n--\n"


def hostile(result):
    return [f"{f['message']} {f['where']}" for f in result.json["findings"] if f["id"] == "dump-hostile"]


def assert_nothing_acted(world, result):
    assert world.touched() == [], world.touched()
    assert world.calls == [], "a connection was made"
    assert "canary-4711" not in result.stdout, "a file of the machine stands in the report"
    assert "pw-4711" not in result.stdout, "a password stands in the report"


def test_by_hand_they_act(own_server, world, tmp_path):
    """The control: psql obeys the same script."""
    path = tmp_path / "attack.sql"
    path.write_text(script(world, ATTACKS.values()))
    database = own_server.create()
    subprocess.run([own_server.bindir / "psql", "-X", "-q", "-d", database.conninfo, "-f", path], stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, timeout=120)
    assert {"shell", "copy-line", "output", "program", "from-program", "write-file", "lo_export", "do", "hidden"} <= set(world.touched())
    assert {socket.AF_INET, socket.AF_UNIX} <= set(world.calls)
    assert database.value("SELECT canary FROM held") == "canary-4711\n"


@pytest.mark.parametrize("trust", [(), ("--trust-dump",)], ids=["untrusted", "trusted"])
def test_a_hostile_script_does_not_act(lifeboat, world, tmp_path, trust):
    path = tmp_path / "attack.sql"
    path.write_text(script(world, ATTACKS.values()))
    result = lifeboat("verify", path, "--restore", "--json", *LONG, *trust)
    assert_nothing_acted(world, result)
    assert result.status == 1 and result.json["proof_level"] < 3, result
    if not trust:
        said = "\n".join(hostile(result))
        for line in ATTACKS.values():
            words = line.split("\n")[-1].format(f=world.folder, p=world.port)[:30].rstrip(";")
            assert words.replace("\\", "") in said.replace("\\", ""), (words, said)


@pytest.mark.parametrize("name", ["shell", "program", "dblink"])
def test_one_line_is_one_finding(lifeboat, world, tmp_path, name):
    path = tmp_path / "attack.sql"
    path.write_text(script(world, [ATTACKS[name]], hidden=False))
    result = lifeboat("verify", path, "--restore", "--json", *LONG)
    assert_nothing_acted(world, result)
    assert result.status == 1 and {f["id"] for f in result.json["findings"] if f["severity"] == "failure"} == {"dump-hostile"}, result


def replaced(bytes_, old, new):
    """An entry of the table of contents with other words of the same length."""
    assert bytes_.count(old) == 1 and len(new) <= len(old), (bytes_.count(old), len(new), len(old))
    return bytes_.replace(old, new + b" " * (len(old) - len(new)))


@pytest.fixture(scope="module")
def archive(server, tmp_path_factory):
    made = server.create()
    long = "x" * 200
    made.sql(f"CREATE TABLE public.t (a integer, {'b' * 60} integer, {'c' * 60} integer); INSERT INTO public.t VALUES (1, 2, 3);"
             f"CREATE TABLE public.u (a integer); COMMENT ON TABLE public.u IS 'one {long}'; COMMENT ON COLUMN public.u.a IS 'two {long}';"
             f"CREATE VIEW public.v AS SELECT 'three {long}'::text AS three")
    path = made.dump(tmp_path_factory.mktemp("archive") / "dump", "-Fc", "-Z0")
    folder = made.dump(path.with_name("folder"), "-Fd", "-Z0")
    made.drop()
    return path.read_bytes(), folder


@pytest.mark.parametrize("trust", [(), ("--trust-dump",)], ids=["untrusted", "trusted"])
def test_a_hostile_archive_does_not_act(lifeboat, server, archive, world, tmp_path, trust):
    x, b, c = b"x" * 200, b"b" * 60, b"c" * 60
    folder = os.fsencode(world.folder)
    bytes_ = replaced(archive[0], b"COMMENT ON TABLE public.u IS 'one " + x + b"';", b"COPY public.u TO PROGRAM 'touch " + folder + b"/entry';")
    bytes_ = replaced(bytes_, b"COMMENT ON COLUMN public.u.a IS 'two " + x + b"';",
                      b"SELECT 1; COPY public.u TO '" + folder + b"/second'; SELECT 2;")
    bytes_ = replaced(bytes_, b"COPY public.t (a, " + b + b", " + c + b") FROM stdin;",
                      b"COPY public.t FROM PROGRAM 'touch " + folder + b"/rows';")
    path = tmp_path / "attack.dump"
    path.write_bytes(bytes_)
    if not trust:  # the control
        database = server.create()
        subprocess.run([server.bindir / "pg_restore", "-d", database.conninfo, path], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       check=False)
        database.drop()
        assert world.touched() == ["entry", "rows", "second"]
        for name in world.touched():
            (world.folder / name).unlink()
    result = lifeboat("verify", path, "--restore", "--json", *LONG, *trust)
    assert_nothing_acted(world, result)
    assert result.status in (1, 2) and result.json["proof_level"] < 3, result
    if not trust:
        assert len(hostile(result)) >= 3, result


def test_a_member_outside_of_its_directory_is_not_read(lifeboat, archive, tmp_path):
    folder = shutil.copytree(archive[1], tmp_path / "folder")
    contents = (folder / "toc.dat").read_bytes()
    member = next(p.name for p in folder.iterdir() if p.name.endswith(".dat") and p.name != "toc.dat").encode()
    outside = b"../" + b"s" * (len(member) - 7) + b".dat"
    (folder / os.fsdecode(outside)).write_text("7\tcanary-4711\n\\.\n")
    (folder / "toc.dat").write_bytes(contents.replace(member, outside))
    result = lifeboat("verify", folder, "--restore", "--json", *LONG)
    assert result.status in (1, 2) and result.json["proof_level"] < 2, result
    assert "canary-4711" not in result.stdout, result
