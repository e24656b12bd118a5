# SPDX-License-Identifier: PostgreSQL
"""A database, a good backup of it, and what can happen to them."""
import os
import pathlib
import re
import shutil
import subprocess
import time


class World:
    def __init__(self, lifeboat, server, database, folder, scenario):
        self.lifeboat = lifeboat
        self.server = server
        self.database = database
        self.folder = folder
        self.format = getattr(scenario, "FORMAT", ["-Fc"])
        self.target = getattr(scenario, "TARGET", False)
        self.arguments = list(getattr(scenario, "ARGUMENTS", []))
        self.split = getattr(scenario, "SPLIT", None)
        self.configuration = getattr(scenario, "CONFIGURATION", "")
        if getattr(scenario, "RESTORE", False):
            self.arguments.append("--restore")
        self.against = database.conninfo if getattr(scenario, "LIVE", False) else None
        self.environment = {}
        if self.split is not None:
            database.sql("DROP MATERIALIZED VIEW totals")  # nothing fills it in two dumps
        self.number = 0
        self.backup = None
        folder.mkdir()

    # ---- backups ----

    def dump(self, *arguments, database=None):
        """A new backup, which becomes the one that is verified."""
        self.number += 1
        self.backup = self.folder / f"{self.number}.dump"
        self.write_dump(database or self.database, *arguments)
        return self.backup

    def write_dump(self, database, *arguments):
        if self.split is None:
            database.dump(self.backup, *self.format, *arguments)
            return
        parts = [self.folder.parent / "schema.sql", self.folder.parent / "data.sql"]
        database.dump(parts[0], "--schema-only", *arguments)
        database.dump(parts[1], "--data-only", *arguments)
        data = parts[1].read_bytes()
        first = data.index(b"\nSET ") + 1
        self.backup.write_bytes(parts[0].read_bytes() + data[:first] + self.split.encode() + data[first:])

    def take(self, *arguments):
        """A new backup as lifeboat backup takes it, which becomes the one that is verified."""
        result = self.lifeboat("backup", "--against", self.database.conninfo, "--to", self.folder, "--json", *arguments)
        assert result.status == 0, result
        self.backup = pathlib.Path(result.json["path"])
        return self.backup

    @property
    def attestation(self):
        return self.backup.with_name(self.backup.name + ".attest.json")

    def key(self, name):
        """Path of an Ed25519 private key of that name; the public one is beside it, as NAME.pub."""
        path = self.folder.parent / name
        if not path.exists():
            subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True)
            subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-out", f"{path}.pub"], check=True)
            path.chmod(0o600)
        return str(path)

    def dump_over(self, *arguments, database=None):
        """The backup as it would be with other arguments, or of another database."""
        if self.backup.is_dir():
            shutil.rmtree(self.backup)
        else:
            self.backup.unlink()
        self.write_dump(database or self.database, *arguments)
        self.settle()

    def settle(self):
        """Nothing was written to the backup just now: one that is damaged and fresh would be looked at twice."""
        files = [self.backup, *self.backup.iterdir()] if self.backup.is_dir() else [self.backup]
        for path in files:
            os.utime(path, (time.time() - 60, time.time() - 60))

    # ---- damage ----

    @property
    def bytes(self):
        return self.backup.read_bytes()

    def write(self, content):
        self.backup.write_bytes(content)
        self.settle()

    def cut(self, part):
        content = self.bytes
        self.write(content[:int(len(content) * part)])

    def flip(self, part, length=4):
        """Bytes at that part of the file turned over."""
        content = bytearray(self.bytes)
        at = int(len(content) * part)
        for offset in range(at, at + length):
            content[offset] ^= 0xff
        self.write(bytes(content))

    def replace(self, old, new, count=-1):
        """One text for another of the same length, which must be there."""
        content = self.bytes
        assert len(old) == len(new) and old in content, f"{old!r} is not in the backup"
        self.write(content.replace(old, new, count))

    def rewrite(self, pattern, replacement):
        """As replace, with a regular expression of bytes; the length must not change."""
        content = self.bytes
        changed, count = re.subn(pattern, replacement, content, count=1)
        assert count == 1 and len(changed) == len(content), f"{pattern!r} is not in the backup"
        self.write(changed)

    def script(self, before=b"", after=b""):
        """Lines put in front of the first and behind the last statement of a script."""
        content = self.bytes
        first = content.index(b"\nSET ") + 1
        last = content.rindex(b"\n--\n-- PostgreSQL database dump complete")
        self.write(content[:first] + before + content[first:last] + after + content[last:])

    def data_files(self):
        """Of a directory-format dump: the files that hold rows, largest first."""
        return sorted(self.backup.glob("[0-9]*.dat*"), key=lambda p: -p.stat().st_size)

    # ---- verification ----

    def at(self, seconds):
        """The clock of later verifications, relative to now."""
        self.environment["LIFEBOAT_NOW"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))

    def verify(self):
        arguments = list(self.arguments)
        if self.target:
            against = f"against = {self.against}\n" if self.against else ""
            self.lifeboat.configure(f"[target app]\npath = {self.folder}\n{against}{self.configuration}")
            arguments += ["--target", "app"]
        else:
            arguments.append(self.backup)
            if self.against:
                arguments += ["--against", self.against]
        return self.lifeboat("verify", "--json", *arguments, env=self.environment)


def findings(result, *severities):
    return sorted({f["id"] for f in result.json["findings"] if f["severity"] in severities})


FOLDER = pathlib.Path(__file__).resolve().parent
