# SPDX-License-Identifier: PostgreSQL
"""The program and the Python oracle of docs/runbook-format.md see the same in the same world, for every issue of the runbook.

tests/runbook/matrix.py --lifeboat plays all injections; here a healthy world and one fault of each kind of block are played.
"""
import os
import subprocess
import sys

import pytest

import postgres

FAULTS = {"idle-in-transaction": "sql", "error-burst": "log", "database-unreachable": "sh, with the server down"}


@pytest.mark.parametrize("fault", FAULTS)
def test_both_engines_agree_and_the_program_resolves(program, fault):
    done = subprocess.run([sys.executable, postgres.ROOT / "tests" / "runbook" / "matrix.py", "--lifeboat", program, "--only", fault],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
                          env=dict(os.environ, PG_BINDIR=str(postgres.newest_bindir())))
    words = done.stdout + done.stderr
    assert done.returncode == 0 and "engines disagree" not in words, words
    assert f"ok   {fault}" in words and "1 of 1 proven, 0 false alarms" in words, words
