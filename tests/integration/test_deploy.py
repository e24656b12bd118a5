# SPDX-License-Identifier: PostgreSQL
"""What stands in deploy/: the parts of it that can be tried without a running systemd or cron."""
import configparser
import os
import re
import subprocess

import postgres

DEPLOY = postgres.ROOT / "deploy"


def test_crontab_line_runs_once_a_day(tmp_path):
    """The line's command, as cron would give it to sh, at every quarter of an hour of a day and at a late start."""
    lines = [l for l in (DEPLOY / "cron" / "lifeboat").read_text().splitlines() if re.match(r"[*0-9]", l)]
    assert len(lines) == 1
    fields = lines[0].split(None, 6)
    assert fields[:6] == ["*/15", "*", "*", "*", "*", "root"]
    assert not re.search(r"(?<!\\)%", fields[6]), "cron takes a bare % for the end of the line"
    command = fields[6].replace("\\%", "%")
    for name, body in [("date", 'exec /bin/date -u -d "2026-11-23 $NOW" "$2"'), ("lifeboat", 'echo "$NOW $*" >> "$RAN"')]:
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    ran = tmp_path / "ran"
    quarters = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in (0, 15, 30, 45)]
    for now in quarters + ["05:01", "05:14", "04:59"]:
        done = subprocess.run(["/bin/sh", "-c", command], timeout=20, check=False,
                              env={"PATH": f"{tmp_path}:/usr/bin:/bin", "NOW": now, "RAN": str(ran)})
        assert done.returncode == 0
    assert ran.read_text().splitlines() == [f"{now} verify --quiet" for now in ("05:00", "05:01", "05:14")]


def test_units_say_what_they_must():
    timer = configparser.ConfigParser(strict=False, interpolation=None)
    timer.optionxform = str
    timer.read(DEPLOY / "systemd" / "lifeboat-verify.timer")
    assert timer["Timer"]["OnCalendar"] == "*-*-* 05:00:00 UTC" and timer["Timer"]["Persistent"] == "true"
    backup = (DEPLOY / "systemd" / "lifeboat-backup@.timer").read_text()
    assert "OnCalendar=*-*-* 04:00:00 UTC" in backup, "an hour before the verification"
    assert "ExecStart=lifeboat backup --target %i" in (DEPLOY / "systemd" / "lifeboat-backup@.service").read_text()
    service = (DEPLOY / "systemd" / "lifeboat-verify.service").read_text()
    for line in ("Type=oneshot", "DynamicUser=yes", "StateDirectory=lifeboat", "NoNewPrivileges=yes", "ProtectSystem=strict",
                 "PrivateTmp=yes", "SystemCallFilter=@system-service"):
        assert re.search(f"^{re.escape(line)}$", service, re.M), line


def test_example_configuration_is_understood(lifeboat, tmp_path):
    text = (DEPLOY / "lifeboat.conf.example").read_text()
    secret = tmp_path / "slack-url"
    secret.write_text("https://127.0.0.1:1/\n")
    secret.chmod(0o600)
    everything = re.sub(r"(?m)^#(\w+ = |\[)", r"\1", text).replace("/etc/lifeboat/slack-url", str(secret)).replace(
        "/etc/lifeboat/store-conninfo", str(secret))
    for config in (text.replace("/etc/lifeboat/slack-url", str(secret)), everything):
        lifeboat.configure(config)
        result = lifeboat("status")
        assert result.status == 2 and "production: has never been verified" in result.stdout, str(result)
    assert re.findall(r"(?m)^#?(\w+) = ", text) == [
        "path", "proof", "sql", "expect", "reason", "sql", "expect", "role", "claims", "reason", "sql", "expect", "reason",
        "postgres_file", "type", "url_file", "warnings", "remind"]
