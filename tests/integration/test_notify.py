# SPDX-License-Identifier: PostgreSQL
"""Channels against a real HTTP and HTTPS server that gives the answers Slack documents, and worse ones."""
import http.server
import json
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

SECRET = "/services/T00000000/B00000000/hunter2hunter2"
OK = (200, {}, b"ok")


class Web(http.server.ThreadingHTTPServer):
    """Answers from a script, one entry a request, the last one for ever. An entry is (status, headers, body), "hang",
    "reset" or a number of seconds to wait before OK."""

    daemon_threads = True

    def __init__(self, script, context=None):
        self.script = list(script)
        self.requests = []
        self.released = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)
        self.scheme = "https" if context else "http"
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, host="127.0.0.1"):
        return f"{self.scheme}://{host}:{self.server_address[1]}{SECRET}"

    def handle_error(self, request, client_address):
        pass  # clients that hang up are part of the test

    def stop(self):
        self.released.set()
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        web = self.server
        web.requests.append({"at": time.monotonic(), "path": self.path, "headers": dict(self.headers), "body": body})
        answer = web.script[min(len(web.requests), len(web.script)) - 1]
        if answer == "hang":
            web.released.wait(60)
            return
        if answer == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self.close_connection = True
            self.connection.close()
            return
        if isinstance(answer, (int, float)):
            time.sleep(answer)
            answer = OK
        status, headers, text = answer
        self.send_response(status)
        for name, value in {"Content-Length": len(text), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


@pytest.fixture
def web():
    made = []

    def make(*script, context=None):
        made.append(Web(script, context))
        return made[-1]

    yield make
    for server in made:
        server.stop()


def channel(lifeboat, url, more="", kind="slack", key="url"):
    lifeboat.configure(f"[notify ops]\ntype = {kind}\n{key} = {url}\n{more}")


def failing(lifeboat):
    return lifeboat("status", "--json").json["failing_channels"]


def no_secret(lifeboat, *results):
    for result in results:
        assert "hunter2" not in result.stdout + result.stderr, str(result)
    for path in lifeboat.state.glob("lifeboat.db*"):
        assert b"hunter2" not in path.read_bytes()


def test_accepted(lifeboat, web):
    server = web(OK)
    channel(lifeboat, server.url())
    result = lifeboat("notify-test", "--log-level", "debug")
    assert result.status == 0 and "1 test message sent" in result.stdout, str(result)
    (request,) = server.requests
    assert request["path"] == SECRET and request["headers"]["Content-Type"].startswith("application/json")
    body = json.loads(request["body"])
    assert "test message from lifeboat, channel ops" in body["text"] and body["blocks"][0]["type"] == "header"
    no_secret(lifeboat, result)


# What Slack (or something that is not Slack) answers, how often it is asked, and words of the message.
REFUSALS = [
    ((404, {}, b"no_service"), 1, ["404", "no_service", "make a new incoming webhook"]),
    ((404, {}, b"ok"), 1, ["404"]),
    ((410, {}, b"channel_is_archived"), 1, ["410", "channel_is_archived", "make a new incoming webhook"]),
    ((403, {}, b"action_prohibited"), 1, ["403", "action_prohibited"]),
    ((400, {}, b"invalid_payload"), 1, ["400", "invalid_payload"]),
    ((200, {}, b"<html><body>Sign in to the hotel network</body></html>"), 1, ["200", "not a Slack webhook"]),
    ((200, {}, b""), 1, ["200", "not a Slack webhook"]),
    ((302, {"Location": "http://127.0.0.1:1/"}, b""), 1, ["302"]),
    ((500, {}, b"rollup_error"), 2, ["500", "rollup_error", "after 2 attempts"]),
    ((503, {}, b""), 2, ["503"]),
    ((429, {"Retry-After": "3600"}, b"rate_limited"), 1, ["429", "asked to wait"]),
    ((429, {}, b""), 2, ["429", "after 2 attempts"]),
    ("reset", 2, ["could not be reached", "after 2 attempts"]),
    ("hang", 1, ["did not answer", "after 1 attempt"]),
]


@pytest.mark.parametrize("answer,requests,words", REFUSALS, ids=lambda value: str(value)[:40])
def test_refused(lifeboat, web, answer, requests, words):
    server = web(answer)
    channel(lifeboat, server.url(), "patience = 2s\n")
    started = time.monotonic()
    result = lifeboat("notify-test", "--log-level", "debug")
    assert time.monotonic() - started < 6, "a dead channel must not hold up a run"
    assert result.status == 2 and len(server.requests) == requests, str(result)
    for word in words:
        assert word in result.stderr, f"{word} is not in {result}"
    (failure,) = failing(lifeboat)
    assert failure["channel"] == "ops" and words[0] in failure["error"]
    shown = lifeboat("status")
    assert "channel ops has not been reached since" in shown.stdout
    no_secret(lifeboat, result, shown)
    server.script = [OK]
    assert lifeboat("notify-test", "ops").status == 0 and failing(lifeboat) == []


# Answers that end well, and how long the pauses between the requests were at least.
RETRIES = [
    ([(429, {"Retry-After": "2"}, b"rate_limited"), OK], [2.0]),
    ([(500, {}, b"rollup_error"), (502, {}, b""), OK], [1.0, 2.0]),
    (["reset", OK], [1.0]),
    ([(429, {"Retry-After": "0"}, b""), OK], [0.0]),
]


@pytest.mark.parametrize("script,pauses", RETRIES, ids=lambda value: str(value)[:40])
def test_tried_again(lifeboat, web, script, pauses):
    server = web(*script)
    channel(lifeboat, server.url())
    result = lifeboat("notify-test")
    assert result.status == 0 and len(server.requests) == len(script), str(result)
    times = [request["at"] for request in server.requests]
    for (before, after), pause in zip(zip(times, times[1:]), pauses):
        assert pause <= after - before < pause + 1.5
    assert failing(lifeboat) == []


def test_connection_refused(lifeboat):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        channel(lifeboat, f"http://127.0.0.1:{unused.getsockname()[1]}{SECRET}", "patience = 2s\n")
        result = lifeboat("notify-test")
    assert result.status == 2 and "could not be reached" in result.stderr, str(result)
    no_secret(lifeboat, result)


def test_interrupted_while_waiting(lifeboat, web):
    server = web((429, {"Retry-After": "30"}, b""))
    channel(lifeboat, server.url())
    process = lifeboat.start("notify-test")
    deadline = time.monotonic() + 20
    while not server.requests and time.monotonic() < deadline:
        time.sleep(0.02)
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130 and time.monotonic() - started < 2


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """A certificate authority of our own, and what it signed: name -> (certificate, key)."""
    place = tmp_path_factory.mktemp("ca")

    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], cwd=place, check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE, timeout=60)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", 30, "-subj", "/CN=lifeboat test CA")
    for name, alternative, days in [("good", "IP:127.0.0.1", 30), ("other-host", "DNS:hooks.slack.com", 30),
                                    ("expired", "IP:127.0.0.1", -1)]:
        (place / f"{name}.ext").write_text(f"subjectAltName={alternative}\n")
        openssl("req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", days,
                "-extfile", f"{name}.ext", "-out", f"{name}.pem")
    return place


def tls(authority, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / f"{name}.pem", authority / f"{name}.key")
    return context


def test_https_with_an_authority_of_our_own(lifeboat, web, authority):
    server = web(OK, context=tls(authority, "good"))
    channel(lifeboat, server.url(), f"ca_file = {authority}/ca.pem\n")
    result = lifeboat("notify-test")
    assert result.status == 0 and len(server.requests) == 1, str(result)


@pytest.mark.parametrize("name,trust", [("good", False), ("other-host", True), ("expired", True)])
def test_https_that_cannot_be_trusted(lifeboat, web, authority, name, trust):
    server = web(OK, context=tls(authority, name))
    channel(lifeboat, server.url(), "patience = 1s\n" + (f"ca_file = {authority}/ca.pem\n" if trust else ""))
    result = lifeboat("notify-test")
    assert result.status == 2 and "certificate" in result.stderr.lower(), str(result)
    assert server.requests == [], "nothing is said to a server that cannot prove who it is"
    no_secret(lifeboat, result)


def test_every_channel_is_tried(lifeboat, web):
    dead, alive = web((404, {}, b"no_service")), web(OK)
    lifeboat.configure(f"[notify a]\ntype = slack\nurl = {dead.url()}\n[notify b]\ntype = slack\nurl = {alive.url()}\n")
    result = lifeboat("notify-test")
    assert result.status == 2 and "1 test message sent" in result.stdout and "channel a" in result.stderr, str(result)
    assert len(dead.requests) == len(alive.requests) == 1
    assert [f["channel"] for f in failing(lifeboat)] == ["a"]
    assert lifeboat("notify-test", "b").status == 0


def test_no_channel(lifeboat):
    lifeboat.configure("[notify ops]\ntype = slack\nurl = https://localhost/\n")
    absent = lifeboat("notify-test", "absent")
    assert absent.status == 2 and "[notify absent]" in absent.stderr
    lifeboat.configure("")
    assert lifeboat("notify-test").status == 2


def test_url_from_a_file(lifeboat, web, tmp_path):
    server = web(OK)
    secret = tmp_path / "url"
    secret.write_text(server.url() + "\n")
    secret.chmod(0o600)
    channel(lifeboat, secret, key="url_file")
    assert lifeboat("notify-test").status == 0 and server.requests[0]["path"] == SECRET
    secret.chmod(0o644)
    refused = lifeboat("notify-test")
    assert refused.status == 78 and "can be read by others" in refused.stderr, str(refused)


def test_sentry(lifeboat, web):
    server = web((200, {}, b'{"id":"x"}'))
    address = f"http://publickey:oldhunter2@127.0.0.1:{server.server_address[1]}/base/42"
    channel(lifeboat, address, kind="sentry", key="dsn")
    result = lifeboat("notify-test")
    assert result.status == 0, str(result)
    (request,) = server.requests
    assert request["path"] == "/base/api/42/envelope/"
    assert request["headers"]["Content-Type"] == "application/x-sentry-envelope"
    auth = request["headers"]["X-Sentry-Auth"]
    assert auth.startswith("Sentry sentry_version=7, sentry_client=lifeboat/") and auth.endswith("sentry_key=publickey")
    header, item, payload, rest = request["body"].split(b"\n")
    assert rest == b"" and json.loads(item) == {"type": "event", "length": len(payload)}
    event = json.loads(payload)
    assert event["event_id"] == json.loads(header)["event_id"] and event["level"] == "info"
    server.script = [(403, {}, b'{"detail":"event submission rejected"}')]
    refused = lifeboat("notify-test")
    assert refused.status == 2 and "403" in refused.stderr and "DSN" in refused.stderr, str(refused)
    no_secret(lifeboat, result, refused)


def test_webhook(lifeboat, web):
    server = web((204, {}, b""))
    channel(lifeboat, server.url(), kind="webhook")
    assert lifeboat("notify-test").status == 0
    body = json.loads(server.requests[0]["body"])
    assert body["schema"] == "lifeboat.notification/1" and body["event"] == "test" and body["report"] is None


# --- what a verification tells ---

BEGIN = time.time() + 60


def clock(day):
    """The same time of day, some days from now (the dump was taken today)."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(BEGIN + day * 86400))


@pytest.fixture
def target(lifeboat, voice_agent_dump, tmp_path):
    """A target whose backup is good or damaged, verified some days from now; it says what the run was."""
    backups = tmp_path / "backups"
    backups.mkdir()
    good = voice_agent_dump.read_bytes()

    def verify(day, damaged=False, missing=False):
        path = backups / "app.dump"
        path.unlink(missing_ok=True)
        if not missing:
            path.write_bytes(good[:len(good) * 2 // 3] if damaged else good)
        return lifeboat("verify", "--target", "production", env={"LIFEBOAT_NOW": clock(day)})

    verify.section = f"[target production]\npath = {backups}\nmax_age = 400d\nmax_gap = 400d\n"
    return verify


def told(server, since=0):
    return [json.loads(request["body"]) for request in server.requests[since:]]


def test_a_failure_is_told_once_reminded_daily_and_ended(lifeboat, web, target):
    server = web(OK)
    lifeboat.configure(target.section + f"[notify ops]\ntype = slack\nurl = {server.url()}\n")
    days = [(1, False, 0, None), (2, True, 1, "production: the backup failed verification"),
            (3, True, 1, "production: the backup still fails verification"),
            (4, False, 1, "recovered: the backup passed verification"), (5, False, 0, None)]
    for day, damaged, messages, title in days:
        before = len(server.requests)
        result = target(day, damaged)
        assert result.status == (1 if damaged else 0), str(result)
        sent = told(server, before)
        assert len(sent) == messages, f"day {day}: {sent}"
        if title:
            assert title in sent[0]["blocks"][0]["text"]["text"] and title in sent[0]["text"]
    failure = json.dumps(told(server)[0], ensure_ascii=False)
    for words in ("app.dump", "What to do now", "lifeboat log ", "Since", "`"):
        assert words in failure, failure
    assert len(failure) < 10000 and '"Problem began' not in failure
    assert clock(2)[:17] in json.dumps(told(server)[2]), "the recovery says when the problem began"


def test_same_day_runs_do_not_repeat(lifeboat, web, target):
    server = web(OK)
    lifeboat.configure(target.section + f"[notify ops]\ntype = slack\nurl = {server.url()}\n")
    assert [target(2, True).status for _ in range(3)] == [1, 1, 1]
    assert len(server.requests) == 1
    assert target(2, missing=True).status in (1, 2)


def test_dead_channel_changes_no_verdict(lifeboat, web, target):
    server = web((404, {}, b"no_service"))
    lifeboat.configure(target.section + f"[notify ops]\ntype = slack\nurl = {server.url()}\n")
    assert target(1).status == 0 and not server.requests
    failed = target(2, True)
    assert failed.status == 1 and "no_service" in failed.stderr, str(failed)
    status = lifeboat("status", env={"LIFEBOAT_NOW": clock(2)})
    assert status.status == 1 and f"channel ops has not been reached since {clock(2)[:10]}" in status.stdout, str(status)
    server.script = [OK]
    again = target(3, True)
    assert again.status == 1
    assert "the backup failed verification" in told(server)[-1]["text"], "what was not told is told, not reminded of"
    assert "not been reached" not in lifeboat("status", env={"LIFEBOAT_NOW": clock(3)}).stdout
    no_secret(lifeboat, failed, status, again)


def test_warnings_only_when_asked_for(lifeboat, web, target):
    quiet, chatty = web(OK), web(OK)
    lifeboat.configure(target.section.replace("max_gap = 400d", "max_gap = 36h") +
                       f"[notify quiet]\ntype = slack\nurl = {quiet.url()}\n"
                       f"[notify chatty]\ntype = slack\nurl = {chatty.url()}\nwarnings = yes\n"
                       f"[notify elsewhere]\ntype = slack\nurl = {quiet.url()}\ntargets = staging\n")
    assert target(1).status == 0
    late = target(9)
    assert late.status == 0 and "verification-gap" in lifeboat("log", json.loads(
        lifeboat("log", "--json", env={"LIFEBOAT_NOW": clock(9)}).stdout)["runs"][0]["run_id"]).stdout, str(late)
    assert quiet.requests == [] and "passed verification with warnings" in told(chatty)[0]["text"]
    assert target(10).status == 0
    assert quiet.requests == [] and "recovered" in told(chatty)[1]["text"]


def test_unknown_is_told(lifeboat, web, target, tmp_path):
    server = web(OK)
    lifeboat.configure(target.section + f"against = host={tmp_path} dbname=gone user=x\n"
                       f"[notify ops]\ntype = slack\nurl = {server.url()}\n")
    assert target(1).status == 2
    assert "the backup could not be verified" in told(server)[0]["text"]
    assert "could not run" in json.dumps(told(server)[0])


def test_wrong_channel_is_refused_before_the_work(lifeboat, target):
    lifeboat.configure(target.section + "[notify ops]\ntype = slack\n")
    result = target(1)
    assert result.status == 78 and "has no url" in result.stderr, str(result)


def test_sentry_events_of_a_failure_are_grouped(lifeboat, web, target):
    server = web((200, {}, b'{"id":"x"}'))
    lifeboat.configure(target.section + f"[notify errors]\ntype = sentry\ndsn = http://key@127.0.0.1:{server.server_address[1]}/1\n")
    assert target(2, True).status == 1 and target(3, True).status == 1 and target(4).status == 0
    events = [json.loads(request["body"].split(b"\n")[2]) for request in server.requests]
    assert [event["level"] for event in events] == ["error", "error", "info"]
    assert events[0]["fingerprint"] == events[1]["fingerprint"] == ["lifeboat", "production"]
    assert events[0]["event_id"] != events[1]["event_id"] and events[0]["extra"]["findings"]
