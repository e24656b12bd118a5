#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""A voice-agent service to practise on: the application and everything it talks to, in one process, with faults on request.

    service.py serve DIR [--certificate-days N]   runs until killed; writes DIR/ports.json, DIR/app.log, DIR/journal.jsonl
    service.py config DIR                         prints the [runbook] section that points at it
    service.py fault DIR PATH KEY=VALUE ...       status=503 delay=8 drop=1 body='{...}' header='Retry-After: 30' until=restart
    service.py restart | rollback | reload DIR    what an operator does: ends the faults that say until=that
    service.py certificate DIR DAYS               a new certificate, taken up at once
    service.py log DIR COUNT [AGE] KEY=VALUE ...  appends log lines, spread over the last AGE seconds (60)
    service.py clear DIR                          everything is well again

A fault is a rule on a path (exact, or a prefix with *); the newest that matches wins. `set PATH.TO.KEY=JSON` changes one value of the
healthy reply and leaves the rest; `rate NAME=0.9` makes a counter of /metrics grow by that much a second; `expect_header` answers 401
unless the request carries it. until=restore ends with a POST to /restore of the Supabase project, as un-pausing does.
Only the standard library is used, everything binds to 127.0.0.1, and the ports are chosen by the system.
"""
import copy
import datetime as dt
import json
import os
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REF = "abcdefghijklmnopqrst"
RELEASE = "2026.11.3"
SECRETS = {"vapi_key": "vapi-4f1c", "twilio_basic": "QUMwMDp0d2lsaW8tc2VjcmV0", "retired_key": "sb_secret_old", "sentry_token": "sntrys_1",
           "ci_token": "ghp-1"}


def ago(seconds):
    return (dt.datetime.now(dt.timezone.utc) - dt.timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def metrics(values):
    return "".join(f"{name} {value}\n" for name, value in values.items())


def healthy(path):
    """What the well-behaved world answers: (status, JSON document or text)."""
    now = time.time()
    app = {
        "/": "<!doctype html><title>Voice agent</title>",
        "/healthz": {"status": "ok"},
        "/readyz": {"status": "ok", "missing_environment": [],
                    "checks": [{"name": name, "ok": True} for name in ("database", "queue", "vapi", "twilio", "google_calendar")]},
        "/version": {"release": RELEASE, "commit": "9f2c1ab", "deployed_at": ago(2 * 86400), "instances": [{"id": "web-1", "release": RELEASE},
                                                                            {"id": "web-2", "release": RELEASE}]},
        "/metrics": {"nodejs_eventloop_lag_p99_seconds": 0.012, "process_cpu_seconds_total": now * 0.08, "process_resident_memory_bytes": 210e6,
                     "nodejs_heap_size_used_bytes": 96e6, "process_start_time_seconds": now - 86400,
                     "app_metrics_sampled_timestamp_seconds": now - 5, "app_tool_call_duration_p95_seconds": 0.6,
                     "app_pool_waiting_requests": 0, "app_http_request_duration_p95_seconds": 0.18},
        "/api/dashboard": {"calls_today": 41, "appointments_today": 12},
        "/api/cache": {"entries": 812, "oldest_entry_seconds": 140, "generation": 7, "expected_generation": 7},
        "/api/service-key-check": (401, {"error": "invalid api key"}),
        "/vapi/assistant-request": {"assistantId": "asst_4f1c"},
        "/twilio/voice": "<Response><Connect/></Response>",
    }
    project = f"/supabase/v1/projects/{REF}"
    outside = {
        "/vapi/assistant": [{"id": "asst_4f1c", "name": "Reception"}],
        "/vapi/status": {"status": {"indicator": "none", "description": "All Systems Operational"}},
        "/twilio/2010-04-01/Accounts/AC00.json": {"sid": "AC00", "status": "active", "type": "Full"},
        "/twilio/2010-04-01/Accounts/AC00/Balance.json": {"currency": "USD", "balance": "182.41"},
        "/twilio/v1/Alerts": {"alerts": []},
        "/twilio/status": {"status": {"indicator": "none", "description": "All Systems Operational"}},
        "/google/calendar/v3/calendars/primary/events": {"kind": "calendar#events", "items": [], "nextSyncToken": "CPDAl"},
        "/google/calendar/v3/users/me/calendarList": {"kind": "calendar#calendarList", "items": []},
        "/google/status": [{"id": "ArRVmKSaaSDr8ga3xyQg", "service_name": "Google Calendar", "begin": ago(40 * 86400), "end": ago(40 * 86400 - 3600),
                            "most_recent_update": {"status": "AVAILABLE"}}],
        "/slack/services/hook": "ok",
        "/sentry/api/0/projects/org/app/issues/": [],
        "/sentry/api/42/envelope/": {"id": "0" * 32},
        "/ci/repos/org/voice-agent/actions/runs": {"total_count": 1, "workflow_runs": [
            {"id": 9120, "name": "ci", "head_branch": "main", "head_sha": "9f2c1ab", "status": "completed", "conclusion": "success",
             "updated_at": ago(7200)}]},
        "/storage/object/recordings/probe.wav": "RIFF",
        "/backups/": "ok",
        project: {"id": REF, "ref": REF, "organization_id": "tsrqponmlkjihgfedcba", "organization_slug": "tsrqponmlkjihgfedcba",
                  "name": "voice-agent", "region": "eu-west-1", "created_at": ago(300 * 86400), "status": "ACTIVE_HEALTHY",
                  "database": {"host": f"db.{REF}.supabase.co", "version": "17.6.1.111", "postgres_engine": "17", "release_channel": "ga"}},
        project + "/restore": "",
        project + "/health": [{"name": name, "healthy": True, "status": "ACTIVE_HEALTHY"}
                              for name in ("auth", "db", "pooler", "realtime", "rest", "storage")],
        project + "/readonly": {"enabled": False, "override_enabled": False, "override_active_until": "null"},
        project + "/config/disk/util": {"timestamp": ago(30), "metrics": {"fs_size_bytes": 8e9, "fs_avail_bytes": 5.6e9,
                                                                          "fs_used_bytes": 2.4e9}},
        project + "/database/backups": {"region": "eu-west-1", "walg_enabled": True, "pitr_enabled": True, "backups": [
            {"id": 71, "is_physical_backup": True, "status": "COMPLETED", "inserted_at": ago(9 * 3600)}],
            "physical_backup_data": {"earliest_physical_backup_date_unix": int(now) - 7 * 86400,
                                     "latest_physical_backup_date_unix": int(now) - 100}},
        project + "/api/rest": {"swagger": "2.0"},
        project + "/advisors/security": {"lints": []},
        "/supabase/rest/v1/": {"swagger": "2.0"},
    }
    return app, outside


def asked(path, query, body, reply):
    """What depends on the question: the services asked for, and whether a message has a text."""
    if path.endswith("/health") and "services" in query:
        return reply[0], [row for row in reply[1] if row["name"] in ",".join(query["services"]).split(",")]
    if path.startswith("/slack/") and b'"text"' not in body:
        return 400, "no_text"
    return reply


def set_value(document, path, value):
    keys = path.split(".")
    for key in keys[:-1]:
        document = document[int(key)] if isinstance(document, list) else document[key]
    if isinstance(document, list):
        document[int(keys[-1])] = value
    else:
        document[keys[-1]] = value


class Files:
    """The directory that the service and its operator share."""

    def __init__(self, directory):
        self.directory = directory
        self.faults_path = os.path.join(directory, "faults.json")
        self.log_path = os.path.join(directory, "app.log")
        self.journal_path = os.path.join(directory, "journal.jsonl")

    def faults(self):
        try:
            with open(self.faults_path, encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return []

    def write_faults(self, faults):
        with open(self.faults_path + ".new", "w", encoding="utf-8") as file:
            json.dump(faults, file, indent=1)
        os.replace(self.faults_path + ".new", self.faults_path)

    def end(self, until):
        self.write_faults([fault for fault in self.faults() if fault.get("until") not in until])

    def append(self, path, rows):
        with open(path, "a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)


def find_fault(faults, port, path):
    for fault in reversed(faults):
        where = fault["path"]
        side, _, rest = where.partition(":")
        if side in ("app", "out"):
            if side != port:
                continue
            where = rest
        elif port != "app":
            continue
        if path == where or where.endswith("*") and path.startswith(where[:-1]):
            return fault
    return {}


def handler(files, port):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def answer(self):
            path, _, query = self.path.partition("?")
            query = urllib.parse.parse_qs(query)
            length = int(self.headers.get("Content-Length") or 0)
            request_body = self.rfile.read(length)
            fault = find_fault(files.faults(), port, path)
            files.append(files.journal_path, [{"time": ago(0), "port": port, "method": self.command, "path": self.path,
                                               "bytes": len(request_body), "fault": bool(fault)}])
            time.sleep(float(fault.get("delay", 0)))
            if fault.get("drop"):
                self.close_connection = True
                self.connection.close()
                return
            app, outside = healthy(path)
            table = app if port == "app" else outside
            reply = copy.deepcopy(table.get(path, (404, {"error": "not found"})))
            status, document = reply if isinstance(reply, tuple) else (200, reply)
            for key, value in fault.get("set", {}).items():
                set_value(document, key, value)
            for name, rate in fault.get("rate", {}).items():
                document[name] = time.time() * rate
            status, document = asked(path, query, request_body, (status, document))
            if "expect_header" in fault:
                name, _, value = fault["expect_header"].partition(": ")
                if self.headers.get(name) != value:
                    status, document = 401, {"error": "unauthorized"}
            if self.command == "POST" and path == f"/supabase/v1/projects/{REF}/restore" and "status" not in fault:
                files.end({"restore"})
            status = int(fault.get("status", status))
            if "body" in fault:
                document = fault["body"]
            if path == "/metrics" and isinstance(document, dict):
                document = metrics(document)
            text = document if isinstance(document, str) else json.dumps(document)
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain" if isinstance(document, str) else "application/json")
            self.send_header("Content-Length", str(len(body)))
            if "header" in fault:
                name, _, value = fault["header"].partition(": ")
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_POST = do_HEAD = do_PUT = do_PATCH = answer
    return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass


def certificate(directory, days):
    key, cert = os.path.join(directory, "key.pem"), os.path.join(directory, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", str(days),
                    "-subj", "/CN=localhost"], check=True, capture_output=True)
    return key, cert


def serve(directory, days):
    files = Files(directory)
    os.makedirs(directory, exist_ok=True)
    servers = {"app": Server(("127.0.0.1", 0), handler(files, "app")), "out": Server(("127.0.0.1", 0), handler(files, "out")),
               "tls": Server(("127.0.0.1", 0), handler(files, "app"))}
    key, cert = certificate(directory, days)
    for name, value in SECRETS.items():
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(value + "\n")
        os.chmod(file.name, 0o600)
    with open(os.path.join(directory, "slack_webhook"), "w", encoding="utf-8") as file:
        file.write(f"http://127.0.0.1:{servers['out'].server_address[1]}/slack/services/hook\n")
    os.chmod(file.name, 0o600)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    servers["tls"].socket = context.wrap_socket(servers["tls"].socket, server_side=True, do_handshake_on_connect=False)
    log_lines(files, 200, 240, {"level": "info", "msg": "request", "route": "/api/calls", "status": 200, "duration_ms": 48,
                                "client_ip": "192.0.2.10"})
    threading.Thread(target=renew, args=(directory, context), daemon=True).start()
    for server in servers.values():
        threading.Thread(target=server.serve_forever, daemon=True).start()
    ports = {name: server.server_address[1] for name, server in servers.items()}
    with open(os.path.join(directory, "ports.new"), "w", encoding="utf-8") as file:
        json.dump(dict(ports, pid=os.getpid()), file)
    os.replace(os.path.join(directory, "ports.new"), os.path.join(directory, "ports.json"))
    while True:
        time.sleep(3600)


def renew(directory, context):
    """Takes a new certificate when there is one, as a reloaded proxy would."""
    cert, seen = os.path.join(directory, "cert.pem"), 0.0
    while True:
        time.sleep(0.2)
        try:
            stamp = os.stat(cert).st_mtime
            if stamp != seen:
                context.load_cert_chain(cert, os.path.join(directory, "key.pem"))
                seen = stamp
        except (OSError, ssl.SSLError):
            pass


def log_lines(files, count, age, values):
    now = time.time()
    rows = []
    for number in range(count):
        at = now - age + age * (number + 0.5) / count
        row = {"time": dt.datetime.fromtimestamp(at, dt.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
               "service": "voice-agent", "instance": f"web-{1 + number % 2}", "release": RELEASE}
        row.update({key: value.replace("%d", str(number)) if isinstance(value, str) else value for key, value in values.items()})
        rows.append(row)
    files.append(files.log_path, rows)


def parse(word):
    key, _, value = word.partition("=")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value


def config(directory):
    with open(os.path.join(directory, "ports.json"), encoding="utf-8") as file:
        ports = json.load(file)
    app, out = f"http://127.0.0.1:{ports['app']}", f"http://127.0.0.1:{ports['out']}"
    here = f"{sys.executable} {os.path.abspath(__file__)}"
    rows = {
        "app_url": app, "app_log": os.path.join(directory, "app.log"), "app_tls_address": f"127.0.0.1:{ports['tls']}",
        "app_restart": f"{here} restart {directory}", "app_rollback": f"{here} rollback {directory}",
        "app_reload": f"{here} reload {directory}", "app_release": RELEASE, "key_check_url": app + "/api/service-key-check",
        "worker_restart": f"{here} restart {directory}", "certificate_renew": f"{here} certificate {directory} 90",
        "vapi_api_url": out + "/vapi", "vapi_status_url": out + "/vapi/status", "twilio_api_url": out + "/twilio",
        "twilio_status_url": out + "/twilio/status", "twilio_monitor_url": out + "/twilio", "twilio_account": "AC00",
        "google_api_url": out + "/google", "google_status_url": out + "/google/status",
        "slack_webhook_file": os.path.join(directory, "slack_webhook"), "sentry_api_url": out + "/sentry/api/0/projects/org/app",
        "sentry_envelope_url": out + "/sentry/api/42/envelope/", "sentry_key": "5e1f", "ci_runs_url": out + "/ci/repos/org/voice-agent/actions/runs",
        "storage_url": out + "/storage",
        "backup_store_url": out + "/backups/", "supabase_api_url": out + "/supabase", "supabase_ref": REF,
        "supabase_rest_url": out + "/supabase/rest/v1/",
    }
    rows.update((name + "_file", os.path.join(directory, name)) for name in SECRETS)
    print("[runbook]")
    for key, value in rows.items():
        print(f"{key} = {value}")


def main(words):
    if len(words) < 2:
        sys.exit(__doc__)
    command, directory, rest = words[0], words[1], words[2:]
    files = Files(directory)
    if command == "serve":
        serve(directory, int(rest[1]) if rest[:1] == ["--certificate-days"] else 90)
    elif command == "config":
        config(directory)
    elif command == "fault":
        fault = {"path": rest[0], "set": {}, "rate": {}}
        for word in rest[1:]:
            key, value = parse(word)
            if key.startswith("set "):
                fault["set"][key[4:]] = value
            elif key.startswith("rate "):
                fault["rate"][key[5:]] = value
            else:
                fault[key] = value
        files.write_faults(files.faults() + [fault])
    elif command in ("restart", "rollback", "reload"):
        files.end({"restart": ["restart"], "rollback": ["rollback", "restart"], "reload": ["reload", "restart"]}[command])
        log_lines(files, 1, 0, {"level": "info", "msg": f"{command} done"})
    elif command == "log":
        count, values, age = int(rest[0]), rest[1:], 60.0
        if values and "=" not in values[0]:
            age, values = float(values[0]), values[1:]
        log_lines(files, count, age, dict(parse(word) for word in values))
    elif command == "certificate":
        certificate(directory, int(rest[0]))
    elif command == "clear":
        files.write_faults([])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
