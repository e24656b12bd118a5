#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""Plays the scenarios of plan/: the fault, every step in order, every expectation, on real servers.

    tests/runbook/plan.py [--only ID,...] [--keep] [-v]

A fresh source (a copy of the matrix's healthy database, with its archive, base backup and an attested dump), an empty target server
as the other region, and lifeboat itself. A block that fails, an `expect` that prints nothing, or an expectation that already holds
before the fault was repaired (where it is asked on the source) fails the scenario. Prints what each step took beside what the plan allows.
"""
import argparse
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import time

import psycopg2

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import matrix  # noqa: E402
import reference as rb  # noqa: E402

PLAN = os.path.join(matrix.ROOT, "plan")
PROGRAM = os.path.abspath(os.environ.get("LIFEBOAT", os.path.join(matrix.ROOT, "build", "lifeboat")))
ROLES = ("fault", "step", "expect", "undo")


def scenarios():
    return {issue.id: issue for issue in map(rb.read_issue, sorted(glob.glob(os.path.join(PLAN, "scenario-*.md"))))}


class Failed(Exception):
    """A block did not do what the plan says."""


class PlanWorld(matrix.World):
    """The matrix's world, with a second server and lifeboat's own backups."""

    def __init__(self, base):
        super().__init__(base)
        self.bin = os.path.join(base, "bin")
        self.target_data, self.target_socket = os.path.join(base, "target"), os.path.join(base, "t")
        self.room = os.path.join(base, "room")

    def build(self):
        matrix.CONF += f"unix_socket_directories = '{self.socket}'\n"  # the plan starts the server as an operator does
        super().build()
        os.makedirs(self.bin)
        shutil.copy(PROGRAM, self.bin)
        for path in (self.target_socket, self.room):
            os.makedirs(path)
            self.owned(path)

    def libpq(self, on):
        socket, database = (self.socket, "app") if on == "source" else (self.target_socket, "app" if self.has_app() else "postgres")
        return {"PGHOST": socket, "PGPORT": "5432", "PGUSER": "postgres", "PGDATABASE": database}

    def has_app(self):
        done = self.run(os.path.join(matrix.BIN, "psql"), "-XAtqc", "select 1 from pg_database where datname = 'app'", "-h", self.target_socket,
                        "-U", "postgres", "-d", "postgres", check=False)
        return done.stdout.strip() == "1"

    def shell(self, body, on, extra=None):
        environment = dict(os.environ, PATH=f"{self.bin}:{matrix.BIN}:/usr/bin:/bin", HOME=self.room, LC_ALL="C.UTF-8", TMPDIR=self.room,
                           LIFEBOAT_STATE=os.path.join(self.room, "state"), **self.libpq(on), **(extra or {}))
        words = ["/bin/sh", "-eu", "-c", body]
        if self.user:
            words = ["setpriv", "--reuid", self.user, "--regid", self.user, "--init-groups"] + words
        # a server that a step starts keeps the streams open: into files
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
            status = subprocess.run(words, env=environment, cwd=self.room, stdout=out, stderr=errors, stdin=subprocess.DEVNULL,
                                    timeout=300, check=False).returncode
            out.seek(0), errors.seek(0)
            return status, out.read(), errors.read()

    def fresh(self):
        self.shell(f"pg_ctl -D {self.target_data} -m immediate -w stop", "target")
        for path in (self.target_data, self.room):
            shutil.rmtree(path, ignore_errors=True)
        for path in (self.room, self.target_data):
            os.makedirs(path)
            self.owned(path)
        super().fresh()
        for name in ("daily", "offsite"):
            path = os.path.join(self.here, name)
            os.makedirs(path)
            self.owned(path)
        self.must(f"lifeboat backup --against 'dbname=app' --to {self.here}/daily && cp -a {self.here}/daily/. {self.here}/offsite", "source")
        self.must(f"initdb -D {self.target_data} -U postgres --auth=trust -E UTF8 --locale=C.UTF-8 --no-sync && "
                  f"pg_ctl -D {self.target_data} -w -l {self.room}/target.log -o \"-k {self.target_socket} -c listen_addresses='' -c fsync=off\" start",
                  "target")
        self.must("cd / && psql -Xqc 'checkpoint'", "source")

    def must(self, body, on):
        status, out, errors = self.shell(body, on)
        if status:
            raise Failed(f"{body}: status {status}\n{out[-1500:]}{errors[-1500:]}")

    def close(self):
        self.shell(f"pg_ctl -D {self.target_data} -m immediate -w stop", "target")
        self.shell(f"pg_ctl -D {self.data} -m immediate -w stop", "source")
        super().close()

    def parameters_of_plan(self):
        given = {"backup_dir": os.path.join(self.here, "daily"), "offsite_dir": os.path.join(self.here, "offsite"),
                 "wal_archive": self.archive, "base_backup": os.path.join(self.backups, "base"), "data_directory": self.data,
                 "postgres_log": self.log_file, "app_database": "app", "app_role": "voice_agent", "app_name": "voice-agent",
                 "system_identifier": self.identifier}
        return rb.Values(self.parameters, given)

    # blocks ---------------------------------------------------------------------------------------------------------------
    def sql_block(self, block, values, on):
        where = " ".join(f"{word}='{value}'" for word, value in zip(("host", "port", "user", "dbname"), self.libpq(on).values()))
        session = None
        try:
            session = psycopg2.connect(where, application_name="lifeboat")
            session.autocommit = True
            cursor = session.cursor()
            cursor.execute("set default_transaction_read_only = off")
            body = block.body.strip()
            generate = body.endswith("\\gexec")
            sql, arguments = rb.bind(body[:-len("\\gexec")] if generate else body.rstrip(";"), values)
            cursor.execute(sql, arguments)
            rows = [" | ".join(map(str, row)) for row in cursor.fetchall()] if cursor.description else []
            for statement in rows if generate else []:
                cursor.execute(statement)
            return "\n".join(rows)
        except psycopg2.Error as problem:
            raise Failed(f"line {block.line}: {problem}") from problem
        finally:
            if session is not None:
                session.close()

    def sh_block(self, block, values, on):
        extra = {}

        def one(match):
            extra["RB_" + match.group(1)] = values.get(match.group(1))
            return f'"$RB_{match.group(1)}"'
        status, out, errors = self.shell(rb.PLACEHOLDER.sub(one, block.body), on, extra)
        if status and block.role != "expect":
            raise Failed(f"line {block.line}: status {status}\n{out[-2500:]}{errors[-2500:]}")
        return out.strip()

    def block(self, block, values):
        on = block.options.get("on", "target")
        return (self.sql_block if block.kind == "sql" else self.sh_block)(block, values, on)


def play(world, scenario, verbose=False):
    """(minutes that the plan allows, seconds that it took); Failed when something did not come true."""
    world.fresh()
    values = world.parameters_of_plan()
    for block in scenario.of("fault"):
        world.block(block, values)
    allowed, began = 0, time.monotonic()
    for block in scenario.of("step", "expect"):
        started = time.monotonic()
        said = world.block(block, values)
        allowed += int(block.options.get("minutes", 0))
        if block.role == "expect" and not said:
            raise Failed(f"line {block.line}: nothing was printed:\n{block.body}")
        if verbose:
            print(f"    {block.role:6} {time.monotonic() - started:5.1f} s of {block.options.get('minutes', '-')} min  {said[:300]}", flush=True)
    took = time.monotonic() - began
    for block in scenario.of("undo"):
        world.block(block, values)
    return allowed, took


def premature(world, scenario):
    """Expectations on the source's data that hold although nothing was repaired: they would prove nothing."""
    world.fresh()
    values = world.parameters_of_plan()
    for block in scenario.of("fault"):
        world.block(block, values)
    last = scenario.of("expect")[-1]
    try:
        return bool(world.block(last, values))
    except (Failed, psycopg2.Error):
        return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    base = tempfile.mkdtemp(prefix="plan-", dir="/tmp")
    world = PlanWorld(base)
    failed = 0
    try:
        world.build()
        world.serve()
        for name, scenario in scenarios().items():
            if options.only and name not in options.only.split(","):
                continue
            try:
                allowed, took = play(world, scenario, options.verbose)
                idle = premature(world, scenario)
                failed += idle
                print(f"{'FAIL' if idle else 'ok  '} {name:26} {took:6.1f} s here, {allowed} minutes in the plan"
                      + ("; its last expectation holds before the repair" if idle else ""), flush=True)
            except Failed as problem:
                failed += 1
                print(f"FAIL {name:26} {problem}", flush=True)
    finally:
        world.close()
        if not options.keep:
            shutil.rmtree(base, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
