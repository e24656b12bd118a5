#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""Proves the runbook: for every issue, healthy (all absent) -> inject -> only it and its declared consequences are present -> its
resolution -> absent again -> down -> all absent.

    tests/runbook/matrix.py [--only ID,...] [--jobs N] [--lifeboat PROGRAM] [--write] [--keep]

--jobs N plays in N worlds at once, each with a server and a service of its own.
With --lifeboat the program diagnoses and resolves, and every answer it gives in every world is held to the Python engine's.

--write puts the result into docs/runbook-matrix.md and runbook/tested.tsv. Needs PostgreSQL's server programs (15 by default, or
PG_BINDIR); makes its own cluster and its own service under a temporary directory, speaks over Unix sockets and ports chosen by the
system, and leaves nothing behind.
"""
import argparse
import concurrent.futures
import datetime as dt
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import psycopg2

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
import reference as rb  # noqa: E402
from engine import Engine, differences  # noqa: E402

BIN = os.environ.get("PG_BINDIR", "/usr/lib/postgresql/15/bin")
EXAMPLE = os.environ.get("VOICE_AGENT", os.path.join(ROOT, "examples", "voice-agent"))
SERVICE = os.path.join(ROOT, "examples", "voice-agent", "service.py")
CONF = """
listen_addresses = ''
max_connections = 40
superuser_reserved_connections = 3
max_prepared_transactions = 5
wal_level = logical
max_wal_size = '64MB'
min_wal_size = '8MB'
fsync = off
archive_mode = on
shared_preload_libraries = 'pg_stat_statements'
logging_collector = off
log_line_prefix = '%m [%p] user=%u,db=%d,app=%a,client=%h '
log_timezone = 'UTC'
log_lock_waits = on
deadlock_timeout = '200ms'
password_encryption = 'scram-sha-256'
track_functions = all
"""
HBA = """
local all break_glass scram-sha-256
local all voice_agent scram-sha-256
local all all trust
local replication all trust
"""


class World:
    """One cluster, one service, one configuration: what an injection may change, and what is thrown away after it."""

    def __init__(self, base):
        self.base = base
        self.template = os.path.join(base, "template")
        self.here = os.path.join(base, "now")
        self.socket = os.path.join(base, "s")
        self.service_dir = os.path.join(base, "service")
        self.user = "postgres" if os.getuid() == 0 else None
        self.sessions, self.threads, self.children = [], [], []
        self.config, self.service, self.engine, self.disagreed = {}, None, None, {}
        self.parameters = rb.read_parameters(os.path.join(ROOT, "runbook", "parameters.conf"))

    # paths -----------------------------------------------------------------------------------------------------------
    @property
    def data(self):
        return os.path.join(self.here, "data")

    @property
    def log_file(self):
        return os.path.join(self.here, "postgresql.log")

    @property
    def archive(self):
        return os.path.join(self.here, "archive")

    @property
    def backups(self):
        return os.path.join(self.here, "backups")

    # programs ----------------------------------------------------------------------------------------------------------
    def environment(self, user="lifeboat"):
        return {"PGHOST": self.socket, "PGPORT": "5432", "PGUSER": user, "PGDATABASE": "app", "PATH": BIN + ":/usr/bin:/bin",
                "LC_ALL": "C.UTF-8", "HOME": self.base, "PGPASSFILE": os.path.join(self.here, "pgpass"),
                "PGSERVICEFILE": os.path.join(self.here, "pg_service.conf")}

    def run(self, *words, user=None, check=True, text=None, env=None):
        if user and self.user:
            words = ("setpriv", "--reuid", user, "--regid", user, "--init-groups") + words
        done = subprocess.run(words, capture_output=True, text=True, input=text, cwd=self.base,
                              env=dict(os.environ, **self.environment("postgres"), **(env or {})), timeout=180)
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr[-2000:]}{done.stdout[-500:]}")
        return done

    def as_postgres(self, *words, **more):
        return self.run(*words, user=self.user, **more)

    def psql(self, text, database="app", user="postgres"):
        return self.run(os.path.join(BIN, "psql"), "-Xqv", "ON_ERROR_STOP=1", "-d", database, "-U", user, "-f", "-", text=text).stdout

    def owned(self, path):
        if self.user:
            shutil.chown(path, self.user, self.user)

    # server -------------------------------------------------------------------------------------------------------------
    def start(self):
        self.as_postgres(os.path.join(BIN, "pg_ctl"), "-D", self.data, "-l", self.log_file, "-w", "-o", f"-k {self.socket}", "start")

    def stop(self, mode="fast"):
        self.close_sessions()
        self.as_postgres(os.path.join(BIN, "pg_ctl"), "-D", self.data, "-m", mode, "-w", "stop", check=False)

    def restart(self, mode="fast"):
        self.stop(mode)
        self.start()

    def sql(self, text, *arguments, user="postgres", database="app"):
        session = psycopg2.connect(host=self.socket, user=user, dbname=database, application_name="lifeboat-matrix")
        session.autocommit = True
        try:
            cursor = session.cursor()
            cursor.execute(text, arguments or None)
            return cursor.fetchall() if cursor.description else []
        finally:
            session.close()

    def setting(self, **settings):
        for name, value in settings.items():
            self.sql(f"alter system set {name} = '{value}'" if value is not None else f"alter system reset {name}")
        self.sql("select pg_reload_conf()")
        time.sleep(0.2)

    def session(self, user="app_owner", application_name="psql", database="app", options=""):
        """A connection that stays open until the injection goes down."""
        session = psycopg2.connect(host=self.socket, user=user, dbname=database, application_name=application_name, options=options,
                                   password="app-secret" if user == "voice_agent" else None)
        self.sessions.append(session)
        return session

    def hold(self, text, **more):
        """Runs a statement in the background; it may never come back."""
        autocommit = more.pop("autocommit", False)
        session = self.session(**more)
        session.autocommit = autocommit

        def work():
            try:
                session.cursor().execute(text)
            except psycopg2.Error:
                pass
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self.threads.append(thread)
        return session

    def wait_for(self, text, seconds=10):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.sql(text):
                return
            time.sleep(0.05)
        raise RuntimeError(f"never came true: {text}")

    def close_sessions(self):
        if self.sessions:
            try:
                self.sql("select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid = any(%s)",
                         [session.info.backend_pid for session in self.sessions])
            except psycopg2.Error:
                pass
        for thread in self.threads:
            thread.join(5)
        for session in self.sessions:
            session.close()
        self.sessions, self.threads = [], []

    # service --------------------------------------------------------------------------------------------------------------
    def serve(self):
        self.service = subprocess.Popen([sys.executable, SERVICE, "serve", self.service_dir], stdout=subprocess.DEVNULL)
        ports = os.path.join(self.service_dir, "ports.json")
        for _ in range(200):
            if os.path.exists(ports):
                return
            time.sleep(0.05)
        raise RuntimeError("the service did not start")

    def control(self, *words):
        subprocess.run([sys.executable, SERVICE, words[0], self.service_dir, *words[1:]], check=True, capture_output=True, text=True)

    def fault(self, path, *words):
        self.control("fault", path, *words)

    def log(self, count, age, *words):
        self.control("log", str(count), str(age), *words)

    def clear_service(self):
        self.control("clear")
        open(os.path.join(self.service_dir, "app.log"), "w").close()
        self.control("log", "200", "240", "level=info", "msg=request", "route=/api/calls", "status=200", "duration_ms=48",
                     'client_ip="192.0.2.10"')

    # cycle ------------------------------------------------------------------------------------------------------------------
    def build(self):
        """The template: a healthy database of the example, a base backup, an archive, dumps."""
        os.makedirs(self.socket)
        os.chmod(self.base, 0o755)
        os.makedirs(self.template)
        self.owned(self.socket)
        self.here = self.template
        os.makedirs(self.archive)
        os.makedirs(self.backups)
        for path in (self.here, self.archive, self.backups):
            self.owned(path)
        self.as_postgres(os.path.join(BIN, "initdb"), "-D", self.data, "-U", "postgres", "-k", "--wal-segsize=1", "--auth=trust", "-E", "UTF8",
                         "--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8", "--no-sync")
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as file:
            file.write(CONF + f"archive_command = 'cp %p {os.path.join(self.base, 'now', 'archive')}/%f'\n")
        with open(os.path.join(self.data, "pg_hba.conf"), "w", encoding="utf-8") as file:
            file.write(HBA)
        real = os.path.join(self.base, "now")
        os.symlink(self.template, real)
        self.start()
        self.psql(open(os.path.join(HERE, "roles.sql"), encoding="utf-8").read(), database="postgres")
        self.psql(f"\\i {EXAMPLE}/schema.sql\n", user="app_owner")
        self.psql(f"\\set scale 0.05\n\\i {EXAMPLE}/data.sql\n", user="app_owner")
        self.psql(open(os.path.join(HERE, "healthy.sql"), encoding="utf-8").read(), user="app_owner")
        self.psql("create extension pg_stat_statements; vacuum (analyze);")
        with open(os.path.join(self.here, "pgpass"), "w", encoding="utf-8") as file:
            file.write("*:*:*:break_glass:sealed-secret\n*:*:*:voice_agent:app-secret\n")
        os.chmod(file.name, 0o600)
        with open(os.path.join(self.here, "app_password"), "w", encoding="utf-8") as file:
            file.write("app-secret")
        self.as_postgres(os.path.join(BIN, "pg_basebackup"), "-D", os.path.join(self.backups, "base"), "-c", "fast", "-X", "none", "--no-sync")
        dump = os.path.join(self.backups, "app.dump")
        self.as_postgres(os.path.join(BIN, "pg_dump"), "-Fc", "-f", dump, "app")
        self.as_postgres("sh", "-c", f"cd {self.backups} && sha256sum app.dump > app.dump.sha256")
        self.as_postgres(os.path.join(BIN, "pg_dumpall"), "--globals-only", "-f", os.path.join(self.backups, "globals.sql"))
        self.sql("select pg_switch_wal()")
        self.identifier = self.sql("select system_identifier::text from pg_control_system()")[0][0]
        self.sql("select pg_stat_reset_shared('archiver')")
        self.sql("select pg_stat_statements_reset()")
        self.stop()
        os.unlink(real)
        self.here = real

    def fresh(self):
        self.close_sessions()
        if os.path.exists(self.here):
            self.stop("immediate")
            shutil.rmtree(self.here)
        subprocess.run(["cp", "-a", "--reflink=auto", self.template, self.here], check=True)
        open(self.log_file, "w").close()
        self.owned(self.log_file)
        self.start()
        self.clear_service()
        self.config = self.defaults()

    def defaults(self):
        text = subprocess.run([sys.executable, SERVICE, "config", self.service_dir], check=True, capture_output=True, text=True).stdout
        config = dict(line.split(" = ", 1) for line in text.strip().split("\n")[1:])
        token = os.path.join(self.base, "token")
        open(token, "w").write("sbp_test")
        config.update(
            postgres_log=self.log_file, data_directory=self.data, disk_free="1MB", app_conninfo=f"host={self.socket} dbname=app user=voice_agent",
            app_password_file=os.path.join(self.here, "app_password"), supabase_token_file=token,
            database_start=f"{'setpriv --reuid postgres --regid postgres --init-groups ' if self.user else ''}{BIN}/pg_ctl -D {self.data} "
                           f"-l {self.log_file} -w -o '-k {self.socket}' start >/dev/null",
            **self.extra_config())
        return config

    def extra_config(self):
        config = {}
        for path in sorted(glob.glob(os.path.join(HERE, "config*.py"))):
            names = {"world": self, "os": os}
            exec(compile(open(path, encoding="utf-8").read(), path, "exec"), names)
            config.update(names["config"])
        return config

    def close(self):
        self.close_sessions()
        for path in (self.here, self.template):
            if os.path.exists(os.path.join(path, "data", "postmaster.pid")):
                self.here = path
                self.stop("immediate")
        if self.service:
            self.service.send_signal(signal.SIGTERM)
            self.service.wait(5)

    # questions ----------------------------------------------------------------------------------------------------------------
    def values(self):
        known = {name: value for name, value in self.config.items()
                 if name in self.parameters or name.endswith("_file") and name[:-5] in self.parameters}
        return rb.Values(self.parameters, known)

    def context(self, user="lifeboat"):
        return rb.Context(f"host={self.socket} dbname=app user={user}", self.environment(user))

    def diagnose(self, issues):
        """With both engines when there are two: they must agree. The world moves, so a difference is looked at again."""
        if self.engine is None:
            return self.diagnose_reference(issues)
        results = self.engine.diagnose(issues)
        apart = differences(results, self.diagnose_reference(issues))
        for _ in range(3):
            if not apart:
                break
            time.sleep(0.5)
            again = {name: issues[name] for name in apart}
            results.update(self.engine.diagnose(again))
            apart = differences({name: results[name] for name in again}, self.diagnose_reference(again))
        self.disagreed.update(apart)
        return results

    def diagnose_reference(self, issues):
        """All of them, those that need no connection beside the others."""
        alone = {issue.id for issue in issues.values() if all(right.startswith("tool:") for right in issue.list("needs"))
                 and all(block.kind != "sql" for block in issue.of("probe", "ruleout"))}
        results, values = {}, self.values()

        def work(chosen):
            context = self.context()
            try:
                results.update((issue.id, rb.diagnose(issue, values, context)) for issue in chosen)
            finally:
                context.close()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(work, [[issue for issue in issues.values() if (issue.id in alone) == side] for side in (True, False)]))
        return {name: results[name] for name in issues}

    def resolve(self, issue):
        if self.engine is not None:
            self.engine.resolve(issue)
            return
        user = "postgres" if "superuser" in issue.list("resolve_needs") else "app_owner"
        context, values = self.context(user), self.values()
        for block in issue.of("resolve"):
            rb.apply_block(block, values, context, context.conninfo)


def inject_file(issue_id, stem):
    for suffix in (".sql", ".py"):
        path = os.path.join(HERE, "inject", issue_id, stem + suffix)
        if os.path.exists(path):
            return path
    return None


def play(world, path):
    text = open(path, encoding="utf-8").read()
    if path.endswith(".sql"):
        world.psql(text)
    else:
        exec(compile(text, path, "exec"), {"world": world, "os": os, "time": time, "shutil": shutil, "subprocess": subprocess})


def present(results):
    return {name for name, (outcome, _) in results.items() if outcome == rb.PRESENT}


def one(world, issues, issue, verbose):
    """The five steps for one issue. Returns a row of the matrix."""
    row = {"id": issue.id, "detected": "", "alarms": [], "cleared": "", "cleared_by": "", "down": "", "unknown": 0, "trouble": ""}
    world.fresh()
    world.disagreed = {}
    up, act, down = (inject_file(issue.id, stem) for stem in ("up", "act", "down"))
    try:
        play(world, up)
        results = world.diagnose(issues)
        allowed = {issue.id} | set(issue.list("consequences"))
        row["detected"] = results[issue.id][0]
        row["alarms"] = sorted(present(results) - allowed)
        row["consequences"] = sorted(present(results) & allowed - {issue.id})
        row["unknown"] = sum(1 for outcome, _ in results.values() if outcome == rb.UNKNOWN)
        row["evidence"] = results[issue.id][1]
        for name in row["alarms"]:
            row["trouble"] += f" {name}: {results[name][1][:2]}"
        if issue.of("resolve"):
            world.resolve(issue)
        if act:
            play(world, act)
        row["cleared_by"] = ("resolution" if issue.of("resolve") else "") + (" + hand" if act else "")
        if row["cleared_by"]:
            for _ in range(6):  # a cancelled statement ends a moment later
                results = world.diagnose({issue.id: issue})
                row["cleared"] = results[issue.id][0]
                if row["cleared"] == rb.ABSENT:
                    break
                time.sleep(0.5)
            if row["cleared"] != rb.ABSENT:
                row["trouble"] += f" after resolution: {results[issue.id][1][:3]}"
        play(world, down)
        world.close_sessions()
        results = world.diagnose(issues)
        left = {name: outcome for name, (outcome, _) in results.items() if outcome != rb.ABSENT}
        row["down"] = "clean" if not left else str(left)
        if left:
            row["trouble"] += f" after down: {[(name, results[name][1][:2]) for name in left][:3]}"
        for name, (ours, theirs) in world.disagreed.items():
            row["trouble"] += f" engines disagree on {name}: C {ours[0]} {ours[1][:3]}, Python {theirs[0]} {theirs[1][:3]}"
    except Exception as error:  # a broken injection is a row of the matrix, not the end of it
        row["trouble"] += f" {type(error).__name__}: {error}"
    if verbose:
        print("\n".join("    " + line for line in row.get("evidence", [])))
    return row


def good(row):
    return (row["detected"] == rb.PRESENT and not row["alarms"] and row["cleared"] in (rb.ABSENT, "") and row["cleared_by"] != ""
            and row["down"] == "clean" and not row["trouble"])


def write(issues, rows, base, server):
    today = dt.date.today().isoformat()
    tested = os.path.join(ROOT, "runbook", "tested.tsv")
    dates = {}
    if os.path.exists(tested):
        dates = dict((line.split("\t")[0], line.strip().split("\t")) for line in open(tested, encoding="utf-8").readlines()[1:])
    for row in rows:
        dates[row["id"]] = [row["id"], today, server, "proven" if good(row) else "FAILED"]
    with open(tested, "w", encoding="utf-8") as file:
        file.write("id\tdate\tserver\tresult\n")
        file.writelines("\t".join(dates[name]) + "\n" for name in sorted(dates) if name in issues)
    if len(rows) < len([issue for issue in issues.values() if "not_tested" not in issue.front]):
        return
    proven = sum(good(row) for row in rows)
    by_own = sum(row["cleared_by"] == "resolution" for row in rows)
    path = os.path.join(ROOT, "docs", "runbook-matrix.md")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""# The runbook's matrix

Written by `tests/runbook/matrix.py --write` on {today}, PostgreSQL {server}; do not edit.

Every row was played in a fresh copy of a healthy database with the example's service beside it: **inject** the fault, run **all**
{len(issues)} diagnoses, apply the issue's **resolution**, diagnose again, take the injection **down**, run all diagnoses again. The diagnosing role is no
superuser (BYPASSRLS, `pg_monitor`, `pg_read_all_data`, as Supabase's `postgres`); resolutions run as the database's owner unless the issue says that it
needs a superuser.

| | |
|---|---|
| issues | {len(issues)} |
| injected | {len(rows)} |
| detected | {sum(row["detected"] == rb.PRESENT for row in rows)} |
| false alarms (an issue that was not injected and is no declared consequence) | {sum(len(row["alarms"]) for row in rows)} |
| cleared by the issue's own resolution | {by_own} |
| cleared by the resolution and a person's or provider's act, played by `act` | {sum(row["cleared_by"] not in ("resolution", "") for row in rows)} |
| all absent before and after | {base} |
| rows without any fault | {proven} of {len(rows)} |

| issue | detected | consequences seen | false alarms | cleared by | after that | cannot tell | last tested |
|---|---|---|---|---|---|---|---|
""")
        for row in rows:
            file.write(f"| [{row['id']}](../{os.path.relpath(issues[row['id']].path, ROOT)}) | {row['detected'] or 'no'} | {', '.join(row.get('consequences', []))} | "
                       f"{', '.join(row['alarms'])} | {row['cleared_by'].strip(' +')} | {row['cleared']} | {row['unknown'] or ''} | {today} |\n")
        out = [issue for issue in issues.values() if "not_tested" in issue.front]
        file.write("\n*Consequences seen* are issues that the injected one declares. *Cannot tell* counts diagnoses that had no answer while the fault was there, "
                   "as all SQL ones when the server is down.\n\n## Not injected\n\n")
        if not out:
            file.write("None.\n")
        for issue in out:
            file.write(f"- [{issue.id}](../{os.path.relpath(issue.path, ROOT)}): {issue.front['not_tested']}\n")


def side_by_side(options, chosen):
    """Plays the issues in several processes. Returns (status, rows, all absent while healthy, server)."""
    results = tempfile.mkdtemp(prefix="runbook-rows-")
    try:
        running = []
        for number in range(options.jobs):
            path = os.path.join(results, f"{number}.json")
            words = [sys.executable, os.path.abspath(__file__), "--only", ",".join(chosen[number::options.jobs]), "--rows", path]
            running.append((subprocess.Popen(words + (["--lifeboat", options.lifeboat] if options.lifeboat else [])), path))
        status = max(process.wait() for process, _ in running)
        parts = [json.load(open(path, encoding="utf-8")) for _, path in running]
    finally:
        shutil.rmtree(results, ignore_errors=True)
    rows = {row["id"]: row for part in parts for row in part["rows"]}
    return status, [rows[name] for name in chosen], all(part["well"] for part in parts), parts[0]["server"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--rows", default="", help=argparse.SUPPRESS)
    parser.add_argument("--only", default="")
    parser.add_argument("--lifeboat", default="")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    issues = rb.read_runbook(os.path.join(ROOT, "runbook"))
    chosen = options.only.split(",") if options.only else [name for name, issue in issues.items() if "not_tested" not in issue.front]
    if options.jobs > 1:
        status, rows, well, server = side_by_side(options, chosen)
        print(f"{sum(good(row) for row in rows)} of {len(rows)} proven, {sum(len(row['alarms']) for row in rows)} false alarms")
        if options.write:
            write(issues, rows, "yes" if well else "NO", server)
        return status
    memory = os.path.isdir("/dev/shm") and shutil.disk_usage("/dev/shm").free > 4 * 10**9
    base = tempfile.mkdtemp(prefix="runbook-", dir="/dev/shm" if memory else "/tmp")
    world = World(base)
    status, rows = 0, []
    try:
        world.build()
        world.serve()
        world.fresh()
        if options.lifeboat:
            world.engine = Engine(options.lifeboat, world, os.path.join(ROOT, "runbook"))
        results = world.diagnose(issues)
        for name, (ours, theirs) in world.disagreed.items():
            status = 1
            print(f"  engines disagree on {name}: C {ours}, Python {theirs}")
        ill = {name: (outcome, evidence[:2]) for name, (outcome, evidence) in results.items() if outcome != rb.ABSENT}
        print(f"healthy: {len(results) - len(ill)} absent of {len(results)}")
        for name, why in ill.items():
            status = 1
            print(f"  {name}: {why}")
        server = world.sql("show server_version")[0][0].split()[0]
        for name in chosen:
            if not inject_file(name, "up") or not inject_file(name, "down"):
                rows.append({"id": name, "detected": "", "alarms": [], "cleared": "", "cleared_by": "", "down": "", "unknown": 0,
                             "trouble": "no injection"})
            else:
                rows.append(one(world, issues, issues[name], options.verbose))
            row = rows[-1]
            status |= not good(row)
            print(f"{'ok  ' if good(row) else 'FAIL'} {name:34} {row['detected']:12} alarms={','.join(row['alarms']) or '-'} "
                  f"cleared={row['cleared']} by={row['cleared_by']} unknown={row['unknown']} {row['trouble'][:700]}", flush=True)
        print(f"{sum(good(row) for row in rows)} of {len(rows)} proven, {sum(len(row['alarms']) for row in rows)} false alarms")
        if world.engine:
            print(f"the slowest diagnosis of all took {world.engine.slowest:.1f} s")
        if options.write:
            write(issues, rows, "yes" if not ill else "NO", server)
        if options.rows:
            with open(options.rows, "w", encoding="utf-8") as file:
                json.dump({"rows": rows, "well": not ill, "server": server}, file)
    finally:
        world.close()
        if not options.keep:
            shutil.rmtree(base, ignore_errors=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
