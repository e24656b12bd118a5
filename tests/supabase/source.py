# SPDX-License-Identifier: PostgreSQL
"""A server that looks like a Supabase project to pg_dump: PostgreSQL as it is installed here, with the platform's extensions beside it.

PostgreSQL finds its files from where its program lies, so a copy of the programs in a folder of its own has a share folder of its own, in
which the extensions of tests/supabase/extension are. What is restored elsewhere does not see them.
"""
import pathlib
import shutil

import postgres

HERE = pathlib.Path(__file__).resolve().parent
RELATED = {"pg_cron": "schema = pg_catalog\nrelocatable = false\n", "pg_net": "relocatable = false\n"}
PROGRAMS = ("postgres", "initdb", "psql", "pg_dump", "pg_dumpall", "pg_restore")


def copy_server(folder):
    """The installed server below `folder`, with the stub extensions; returns its folder of programs."""
    installed = postgres.newest_bindir().resolve()
    major = installed.parent.name
    bindir = folder / "usr" / "lib" / "postgresql" / major / "bin"
    bindir.mkdir(parents=True)
    for program in PROGRAMS:
        shutil.copy2(installed / program, bindir / program)
    (bindir.parent / "lib").symlink_to(installed.parent / "lib")
    share = folder / "usr" / "share" / "postgresql" / major
    shutil.copytree(f"/usr/share/postgresql/{major}", share, symlinks=True, ignore=shutil.ignore_patterns("*.mo"))
    for script in sorted((HERE / "extension").glob("*.sql")):
        name, version = script.stem.split("--")
        shutil.copy2(script, share / "extension" / script.name)
        (share / "extension" / f"{name}.control").write_text(
            f"comment = 'stub for tests'\ndefault_version = '{version}'\n" + RELATED.get(name, "relocatable = false\n"))
    return bindir


class Source:
    """Context manager: the running server, and its database `app`."""

    def __init__(self, folder):
        self.server = postgres.Server(bindir=copy_server(pathlib.Path(folder)))
        try:
            # On the platform `postgres` is no superuser, and its settings lock it out where the platform's libraries are missing.
            self.server.admin.sql("CREATE ROLE supabase_admin SUPERUSER CREATEDB CREATEROLE LOGIN BYPASSRLS REPLICATION")
            self.database = self.server.create("app")
            self.server.tool("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo, "-f", str(HERE / "database.sql"))
            self.server.tool("psql", "-X", "-q", "-d", self.conninfo, "-c",
                             "ALTER ROLE postgres SET session_preload_libraries = 'supautils', 'safeupdate'")
        except BaseException:
            self.server.stop()
            raise

    @property
    def conninfo(self):
        return self.database.conninfo_as("supabase_admin")

    def dump(self, path, *arguments):
        self.server.tool("pg_dump", "-d", self.conninfo, "-f", str(path), *arguments)
        return path

    def dumpall(self, path, *arguments):
        self.server.tool("pg_dumpall", "-d", self.conninfo, "-f", str(path), *arguments)
        return path

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop()
