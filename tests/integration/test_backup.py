# SPDX-License-Identifier: PostgreSQL
"""lifeboat backup: taken at one snapshot, attested, whole or not there at all."""
import json
import os
import re
import resource
import signal
import stat
import subprocess
import threading
import time

import psycopg2
import pytest

STAMP = r"-\d{8}T\d{6}Z"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "backups"
    made.mkdir()
    return made


def backup(lifeboat, database, folder, *arguments, **options):
    result = lifeboat("backup", "--against", database.conninfo, "--to", folder, "--json", *arguments, **options)
    assert result.status == 0, result
    return result.json


def names(folder):
    return sorted(p.name for p in folder.iterdir())


# ---- what it writes ----

@pytest.mark.parametrize("arguments", [(), ("--backup-format", "directory", "-j", "2"), ("--backup-compress", "none"),
                                       ("--no-globals", "--no-digests")])
def test_a_backup_is_whole_and_proves_itself(lifeboat, voice_agent, folder, arguments):
    taken = backup(lifeboat, voice_agent, folder, *arguments)
    ending = "" if "directory" in arguments else r"\.dump"
    made = os.path.basename(taken["path"])
    assert re.fullmatch(voice_agent.name + STAMP + ending, made)
    expected = {made, made + ".attest.json"} | (set() if "--no-globals" in arguments else {made + ".globals.sql"})
    assert set(names(folder)) == expected
    document = json.loads((folder / (made + ".attest.json")).read_text())
    assert document["schema"] == "lifeboat.attestation/1" and document["snapshot_lsn"] == taken["snapshot_lsn"]
    assert document["inventory"]["system_identifier"] == taken["system_identifier"] != ""
    contacts = next(t for t in document["inventory"]["tables"] if t["name"] == "contacts")
    assert contacts["rows"] == voice_agent.value("SELECT count(*) FROM contacts")
    assert ("digest" in contacts) == ("--no-digests" not in arguments)
    if "--no-globals" not in arguments:
        globals_file = folder / (made + ".globals.sql")
        assert stat.S_IMODE(globals_file.stat().st_mode) == 0o600 and "CREATE ROLE" in globals_file.read_text()
