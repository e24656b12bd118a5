# SPDX-License-Identifier: PostgreSQL
"""A throw-away PostgreSQL for tests, benchmarks and scripts.

Runs in a temporary directory, listens on a Unix socket only, trusts everyone on it, and does not sync. PostgreSQL refuses
to run as root, so root starts it as the operating system's user `postgres`. The server dies with the process that
started it, however that ends.
"""
import ctypes
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

import psycopg2
import psycopg2.extensions

ROOT = pathlib.Path(__file__).resolve().parent.parent

SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "128MB",
    "max_connections": "50",
    "timezone": "UTC",
    "log_line_prefix": "'%m '",
    "unix_socket_permissions": "0777",
}


def newest_bindir():
    """Directory of the newest installed PostgreSQL server; LIFEBOAT_TEST_PGBIN overrides it."""
    given = os.environ.get("LIFEBOAT_TEST_PGBIN")
    if given:
        return pathlib.Path(given)
    found = [p.parent for p in pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not found:
        raise RuntimeError("no PostgreSQL server below /usr/lib/postgresql: run scripts/test, or install `postgresql`")
    return max(found, key=lambda p: int(p.parent.name))


def die_with_parent(signum):
    """For preexec_fn: the kernel sends `signum` to the child when its parent dies."""
    libc = ctypes.CDLL(None, use_errno=True)

    def ask():
        libc.prctl(1, signum, 0, 0, 0)

    return ask


class Database:
    """One database of a Server."""

    def __init__(self, server, name):
        self.server = server
        self.name = name

    @property
    def conninfo(self):
        return f"host={self.server.socket} port={self.server.port} user=postgres dbname='{self.name}'"

    def conninfo_as(self, role):
        return self.conninfo.replace("user=postgres", f"user={role}")

    @property
    def uri(self):
        return f"postgresql://postgres@/{self.name}?host={self.server.socket}&port={self.server.port}"

    def connect(self, role=None):
        connection = psycopg2.connect(self.conninfo_as(role) if role else self.conninfo)
        connection.autocommit = True
        return connection

    def sql(self, text, *parameters):
        """Runs one or more statements, each committed on its own; the rows of the last one as a list of tuples, or None."""
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(text, parameters or None)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def value(self, text, *parameters):
        return self.sql(text, *parameters)[0][0]

    def psql(self, *paths, **variables):
        """Runs SQL files with psql; stops at the first error."""
        arguments = [f"-v{name}={value}" for name, value in variables.items()]
        for path in paths:
            arguments += ["-f", str(path)]
        return self.server.tool("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo, *arguments)

    def copy(self, table, columns=None):
        """The bytes that COPY ... TO STDOUT gives with the settings that pg_dump pins."""
        import io

        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET datestyle = ISO; SET intervalstyle = postgres; SET extra_float_digits = 3;"
                               "SET bytea_output = hex; SET timezone = UTC; SET row_security = off; SET search_path = ''")
                out = io.BytesIO()
                names = "(" + ", ".join(columns) + ")" if columns else ""
                cursor.copy_expert(f"COPY {table} {names} TO STDOUT", out)
                return out.getvalue()
        finally:
            connection.close()

    def dump(self, path, *arguments):
        """pg_dump into `path` (a file, or a directory with -Fd); returns the path."""
        self.server.tool("pg_dump", "-d", self.conninfo, "-f", str(path), *arguments)
        return pathlib.Path(path)

    def restore(self, path, *arguments):
        return self.server.tool("pg_restore", "-d", self.conninfo, "--exit-on-error", *arguments, str(path))

    def drop(self):
        self.server.admin.sql(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')


class Server:
    """A running PostgreSQL. Use as a context manager, or call stop()."""

    port = 5432  # names the socket only; nothing listens on TCP

    def __init__(self, bindir=None, settings=None, prefix="lbpg-"):
        self.bindir = pathlib.Path(bindir) if bindir else newest_bindir()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
        self.socket = str(self.directory)
        self.data = self.directory / "data"
        self.log = self.directory / "log"
        self.made = 0
        self.process = None
        self.as_user = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            self.as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            os.chown(self.directory, account.pw_uid, account.pw_gid)
        os.chmod(self.directory, 0o755)
        try:
            self._start(dict(SETTINGS, **(settings or {})))
        except BaseException:
            self.stop()
            raise

    def _start(self, settings):
        # not inherited: PGDATA and friends of whoever runs the tests
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        environment.update(LC_ALL="C.UTF-8", HOME=str(self.directory), TZ="UTC")
        made = subprocess.run([self.bindir / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                               "--locale=C.UTF-8", "--no-sync", "--data-checksums"], cwd=self.directory,
                              env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=120, check=False, **self.as_user)
        if made.returncode != 0:
            raise RuntimeError("initdb failed:\n" + made.stdout.decode(errors="replace"))
        arguments = [self.bindir / "postgres", "-D", self.data, "-k", self.socket, "-p", str(self.port)]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value.strip(chr(39))}"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(arguments, cwd=self.directory, env=environment, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, preexec_fn=die_with_parent(signal.SIGQUIT),
                                            start_new_session=True, **self.as_user)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.admin.sql("SELECT 1")
                return
            except psycopg2.OperationalError as problem:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("PostgreSQL did not start:\n" + self.log.read_text(errors="replace")) from problem
            time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(20)
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def major(self):
        return int(self.admin.value("SHOW server_version_num")) // 10000

    @property
    def admin(self):
        return Database(self, "postgres")

    def create(self, name=None, template="template0"):
        """A new database; a name is made up when none is given."""
        if name is None:
            self.made += 1
            name = f"test_{self.made}"
        self.admin.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return Database(self, name)

    def tool(self, program, *arguments, **options):
        """Runs one of PostgreSQL's own programs; raises with its words when it fails."""
        done = subprocess.run([self.bindir / program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.environment(), timeout=600, check=False, **options)
        if done.returncode != 0:
            raise RuntimeError(f"{program} exited with {done.returncode}: {done.stderr.decode(errors='replace')}")
        return done

    def environment(self):
        return dict({k: v for k, v in os.environ.items() if not k.startswith("PG")}, PGHOST=self.socket,
                    PGPORT=str(self.port), PGUSER="postgres", TZ="UTC", LC_ALL="C.UTF-8")

    def dumpall(self, path, *arguments):
        self.tool("pg_dumpall", "-f", str(path), *arguments)
        return pathlib.Path(path)


class Pooler:
    """PgBouncer in front of a server, in one of its modes, on a socket of its own."""

    def __init__(self, server, folder, mode, extra=""):
        self.folder = folder
        folder.chmod(0o777)
        (folder / "users").write_text('"postgres" ""\n')
        (folder / "ini").write_text(f"""[databases]
* = host={server.socket} port={server.port}
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users
pool_mode = {mode}
logfile = {folder}/log
pidfile = {folder}/pid
max_client_conn = 50
default_pool_size = 8
ignore_startup_parameters = extra_float_digits
{extra}
""")
        command = ["pgbouncer", str(folder / "ini")]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=die_with_parent(signal.SIGKILL), **server.as_user)
        deadline = time.monotonic() + 20
        while not (folder / ".s.PGSQL.6432").exists():
            assert time.monotonic() < deadline and self.process.poll() is None, (folder / "log").read_text()
            time.sleep(0.05)

    def conninfo(self, database):
        return f"host={self.folder} port=6432 user=postgres dbname={database.name}"

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
