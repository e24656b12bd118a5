# SPDX-License-Identifier: PostgreSQL
"""The stand-in service of examples/voice-agent: healthy until told otherwise, every fault shows, every operator's act ends its own."""
import json
import os
import pathlib
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

SERVICE = pathlib.Path(__file__).resolve().parents[2] / "examples" / "voice-agent" / "service.py"
PROJECT = "/supabase/v1/projects/abcdefghijklmnopqrst"


class Service:
    def __init__(self, directory):
        self.directory = str(directory)
        self.process = subprocess.Popen([sys.executable, SERVICE, "serve", self.directory], stdout=subprocess.DEVNULL)
        ports = directory / "ports.json"
        until = time.monotonic() + 60
        while not ports.exists():
            assert self.process.poll() is None and time.monotonic() < until, "the service did not start"
            time.sleep(0.02)
        self.ports = json.loads(ports.read_text())

    def say(self, word, *more):
        return subprocess.run([sys.executable, SERVICE, word, self.directory, *more], check=True, capture_output=True, text=True).stdout

    def ask(self, side, path, headers=None, data=None):
        """(status, text); status 0 when there was no answer."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports[side]}{path}", headers=headers or {}, data=data)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def json(self, side, path, **more):
        status, text = self.ask(side, path, **more)
        assert status == 200, (path, status, text)
        return json.loads(text)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    service = Service(tmp_path_factory.mktemp("service"))
    yield service
    service.process.terminate()
    service.process.wait(30)


@pytest.fixture
def service(running):
    running.say("clear")
    yield running
    running.say("clear")


HEALTHY = [("app", path) for path in ("/", "/healthz", "/readyz", "/version", "/metrics", "/vapi/assistant-request", "/twilio/voice")] + [
    ("out", path) for path in (
        "/vapi/assistant", "/vapi/status", "/twilio/status", "/twilio/2010-04-01/Accounts/AC00.json", "/google/status",
        "/google/calendar/v3/users/me/calendarList", "/sentry/api/0/projects/org/app/issues/", "/ci/repos/org/voice-agent/actions/runs",
        PROJECT, PROJECT + "/health", PROJECT + "/readonly", PROJECT + "/database/backups", PROJECT + "/config/disk/util",
        PROJECT + "/advisors/security", "/supabase/rest/v1/")]


@pytest.mark.parametrize("side,path", HEALTHY)
def test_everything_answers_when_well(service, side, path):
    assert service.ask(side, path)[0] == 200


def test_what_is_not_there_is_not_found(service):
    assert service.ask("app", "/nothing")[0] == 404
    assert service.ask("app", "/vapi/assistant")[0] == 404, "the providers are on the other port"


# fault words, what is asked, what shows it: (status, part of the text); None: no answer
FAULTS = [
    (["/healthz", "status=503"], ("app", "/healthz"), (503, "")),
    (["*", "drop=1"], ("app", "/healthz"), None),
    (["/readyz", 'set missing_environment=["VAPI_KEY"]'], ("app", "/readyz"), (200, "VAPI_KEY")),
    (["/metrics", "set process_resident_memory_bytes=480e6"], ("app", "/metrics"), (200, "process_resident_memory_bytes 480000000.0\n")),
    (["out:/twilio/2010-04-01/*", "status=503", 'body={"code": 20503}'], ("out", "/twilio/2010-04-01/Accounts/AC00.json"), (503, "20503")),
    (["out:" + PROJECT, 'set status="RESTORING"'], ("out", PROJECT), (200, '"RESTORING"')),
    (["out:/vapi/assistant", "expect_header=Authorization: Bearer new"], ("out", "/vapi/assistant"), (401, "unauthorized")),
]


@pytest.mark.parametrize("words,question,answer", FAULTS, ids=[words[0] + " " + words[1] for words, _, _ in FAULTS])
def test_a_fault_shows_and_is_cleared(service, words, question, answer):
    healthy = service.ask(*question)
    assert healthy[0] == 200
    service.say("fault", *words)
    status, text = service.ask(*question)
    if answer is None:
        assert status == 0
    else:
        assert status == answer[0] and answer[1] in text and (status, text) != healthy
    service.say("clear")
    assert service.ask(*question)[0] == 200


@pytest.mark.parametrize("until,ends", [("restart", {"restart", "rollback", "reload"}), ("rollback", {"rollback"}), ("reload", {"reload"})])
@pytest.mark.parametrize("act", ["restart", "rollback", "reload"])
def test_an_act_ends_the_faults_it_cures(service, until, ends, act):
    service.say("fault", "/healthz", "status=503", f"until={until}")
    service.say(act)
    assert (service.ask("app", "/healthz")[0] == 200) == (act in ends)


def test_the_newest_fault_wins(service):
    service.say("fault", "*", "status=500")
    service.say("fault", "/healthz", "status=418")
    assert [service.ask("app", path)[0] for path in ("/healthz", "/readyz")] == [418, 500]


def test_a_delay_is_waited_for(service):
    service.say("fault", "/healthz", "delay=0.4")
    began = time.monotonic()
    assert service.ask("app", "/healthz")[0] == 200
    assert time.monotonic() - began >= 0.4


def test_a_counter_grows_at_its_rate(service):
    def counter():
        text = service.ask("app", "/metrics")[1]
        return time.time(), float(next(line.split()[1] for line in text.splitlines() if line.startswith("process_cpu_seconds_total ")))

    for rate, words in ((0.08, None), (0.9, "rate process_cpu_seconds_total=0.9")):
        if words:
            service.say("fault", "/metrics", words)
        first = counter()
        time.sleep(0.5)
        second = counter()
        # the clock is read outside the answer: on a busy machine a little earlier or later
        assert 0.3 * rate < (second[1] - first[1]) / (second[0] - first[0]) < 3 * rate


def test_supabase_answers_as_its_api_says(service):
    project = service.json("out", PROJECT)
    assert {"id", "ref", "organization_id", "organization_slug", "name", "region", "created_at", "status", "database"} <= set(project)
    assert {"host", "version", "postgres_engine", "release_channel"} == set(project["database"])
    backups = service.json("out", PROJECT + "/database/backups")
    assert {"region", "walg_enabled", "pitr_enabled", "backups", "physical_backup_data"} == set(backups)
    assert {row["name"] for row in service.json("out", PROJECT + "/health?services=db,pooler")} == {"db", "pooler"}
    assert all({"name", "healthy", "status"} == set(row) for row in service.json("out", PROJECT + "/health"))


def test_a_paused_project_is_woken_by_a_post_only(service):
    service.say("fault", "out:" + PROJECT, 'set status="INACTIVE"', "until=restore")
    assert service.json("out", PROJECT)["status"] == "INACTIVE"
    service.ask("out", PROJECT + "/restore")
    assert service.json("out", PROJECT)["status"] == "INACTIVE"
    assert service.ask("out", PROJECT + "/restore", data=b"")[0] == 200
    assert service.json("out", PROJECT)["status"] == "ACTIVE_HEALTHY"


def test_slack_takes_messages_and_refuses_empty_ones(service):
    assert service.ask("out", "/slack/services/hook", data=b'{"text": "hello"}') == (200, "ok")
    assert service.ask("out", "/slack/services/hook", data=b"{}") == (400, "no_text")


def test_log_lines_lie_in_the_past_and_are_numbered(service):
    path = os.path.join(service.directory, "app.log")
    before = len(open(path, encoding="utf-8").readlines())
    service.say("log", "3", "30", "level=error", "msg=failed %d", "status=500")
    rows = [json.loads(line) for line in open(path, encoding="utf-8").readlines()[before:]]
    assert [row["msg"] for row in rows] == ["failed 0", "failed 1", "failed 2"]
    assert [row["status"] for row in rows] == [500, 500, 500]
    assert sorted(row["time"] for row in rows) == [row["time"] for row in rows]


def test_a_new_certificate_is_taken_up(service):
    def shown():
        return ssl.get_server_certificate(("127.0.0.1", service.ports["tls"]))

    first = shown()
    service.say("certificate", "3")
    until = time.monotonic() + 60
    while shown() == first:
        assert time.monotonic() < until, "the old certificate is still shown"
        time.sleep(0.1)
    assert service.ask("app", "/healthz")[0] == 200


def test_the_configuration_names_what_is_there(service):
    lines = service.say("config").splitlines()
    assert lines[0] == "[runbook]"
    values = dict(line.split(" = ", 1) for line in lines[1:])
    assert values["app_url"] == f"http://127.0.0.1:{service.ports['app']}"
    for name, value in values.items():
        if name.endswith("_file"):
            assert os.stat(value).st_size > 0, name
            assert os.stat(value).st_mode & 0o077 == 0, name
