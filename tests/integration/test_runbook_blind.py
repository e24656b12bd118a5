# SPDX-License-Identifier: PostgreSQL
"""Nothing can be reached, nothing can be read: then no issue may be called absent. The runbook's worst bug would be an all-clear that
nobody looked for."""
import os
import pathlib
import socket
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "runbook"))
import reference as rb  # noqa: E402

ISSUES = rb.read_runbook(str(ROOT / "runbook"))
PARAMETERS = rb.read_parameters(str(ROOT / "runbook" / "parameters.conf"))


def closed_port():
    """An address where nobody answers: bound, not listening, for as long as the test runs."""
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    return holder, f"127.0.0.1:{holder.getsockname()[1]}"


def given(nowhere, address, secret):
    values = {}
    for name, parameter in PARAMETERS.items():
        kind = parameter.type
        if kind == "url":
            values[name] = f"http://{address}/{name}/"
        elif kind == "path":
            values[name] = str(nowhere / "missing" / name)
        elif kind == "secret":
            values[name + "_file"] = str(secret)
        elif kind == "conninfo":
            values[name] = f"host={nowhere} dbname=app user=nobody connect_timeout=2"
        elif kind == "command":
            values[name] = "exit 7"
        elif parameter.default is None:
            values[name] = address if name.endswith("_address") else {"integer": "1", "duration": "1h", "size": "1MB"}.get(kind, "nothing")
    return values


@pytest.fixture(scope="module")
def blind(tmp_path_factory):
    nowhere = tmp_path_factory.mktemp("nowhere")
    secret = nowhere / "secret"
    secret.write_text("nothing\n")
    holder, address = closed_port()
    environment = {"PATH": os.environ["PATH"], "PGHOST": str(nowhere), "PGDATABASE": "app", "PGUSER": "nobody"}
    context = rb.Context(f"host={nowhere} dbname=app user=nobody", environment)
    yield rb.Values(PARAMETERS, given(nowhere, address, secret)), context
    context.close()
    holder.close()


@pytest.mark.parametrize("name", ISSUES)
def test_a_blind_diagnosis_is_never_an_all_clear(blind, name):
    values, context = blind
    outcome, evidence = rb.diagnose(ISSUES[name], values, context)
    # "looks like it, but is X" is an answer, if X is said to be present: the application does not answer
    elsewhere = any(line.startswith(f"ruleout {rb.PRESENT}") for line in evidence)
    assert outcome != rb.ABSENT or elsewhere, evidence


def test_what_is_down_is_seen(blind):
    values, context = blind
    for name in ("app-not-answering", "database-unreachable", "vapi-api-down"):
        assert rb.diagnose(ISSUES[name], values, context)[0] == rb.PRESENT, name
