# SPDX-License-Identifier: PostgreSQL
"""The test environment itself: what the other tests stand on."""
import os
import subprocess


def test_databases_are_separate(server):
    one, two = server.create(), server.create()
    one.sql("CREATE TABLE t AS SELECT generate_series(1, 3) AS n")
    assert one.value("SELECT count(*) FROM t") == 3
    assert two.sql("SELECT to_regclass('t')") == [(None,)]
    assert one.copy("public.t") == b"1\n2\n3\n"
    one.drop(), two.drop()


def test_every_dump_format(server, database, tmp_path):
    database.sql("CREATE TABLE t AS SELECT generate_series(1, 3) AS n")
    assert (database.dump(tmp_path / "a.dump", "-Fc")).read_bytes()[:5] == b"PGDMP"
    assert (database.dump(tmp_path / "dir", "-Fd") / "toc.dat").is_file()
    assert b"toc.dat" in database.dump(tmp_path / "a.tar", "-Ft").read_bytes()[:512]
    assert "PostgreSQL database dump complete" in database.dump(tmp_path / "a.sql").read_text()
    assert "\\connect" in server.dumpall(tmp_path / "all.sql").read_text()


def test_server_dies_with_its_starter(tmp_path):
    script = ("import sys, os; sys.path.insert(0, sys.argv[1]); import postgres; s = postgres.Server();"
              "print(s.process.pid, s.directory, flush=True); os.kill(os.getpid(), 9)")
    done = subprocess.run(["/usr/bin/python3", "-c", script, os.path.dirname(os.path.dirname(__file__))],
                          stdout=subprocess.PIPE, timeout=60, check=False)
    pid, directory = done.stdout.decode().split()
    import shutil
    import time

    deadline = time.monotonic() + 20
    while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            if stat.read().rsplit(")", 1)[1].split()[0] == "Z":
                break
        time.sleep(0.1)
    else:
        assert not os.path.exists(f"/proc/{pid}")
    shutil.rmtree(directory)
