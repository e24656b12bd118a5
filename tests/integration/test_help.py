# SPDX-License-Identifier: PostgreSQL
"""The command line itself: help, errors, exit statuses, output that is not a terminal, and the reference."""
import os
import pty
import re
import select
import subprocess

import pytest

ESCAPE = re.compile(r"\x1b\[")


@pytest.fixture
def described(lifeboat):
    return lifeboat("describe", "--json").json


def commands(lifeboat):
    return [c["name"] for c in lifeboat("describe", "--json").json["commands"]]


def test_every_command_has_help_in_80_columns(lifeboat):
    for name in commands(lifeboat):
        result = lifeboat(*name.split(), "--help")
        assert result.status == 0 and result.stderr == "", result
        assert result.stdout == lifeboat("help", *name.split()).stdout
        assert "Examples" in result.stdout, f"{name} has no example"
        for line in result.stdout.splitlines():
            assert len(line) <= 80 or line.startswith("  $ "), f"{name}: {line}"
        assert not ESCAPE.search(result.stdout)


def test_the_overview_lists_every_command_in_80_columns(lifeboat):
    result = lifeboat("--help")
    assert result.status == 0
    for name in commands(lifeboat):
        parent, _, second = name.partition(" ")
        shown = lifeboat("help", parent).stdout if second else result.stdout
        assert re.search(rf"^  {second or name} ", shown, re.M), f"{name} is not in the overview"
    assert all(len(line) <= 80 for line in result.stdout.splitlines())
    assert lifeboat("help").stdout == lifeboat("-h").stdout == result.stdout


def test_nothing_asked_is_no_success(lifeboat):
    """A script with an empty variable must not read success."""
    result = lifeboat()
    assert result.status == 64 and "verify" in result.stdout


@pytest.mark.parametrize("arguments,words", [
    (["verfy"], "there is no command"),
    (["/etc/passwd"], "lifeboat verify /etc/passwd"),
    (["verison"], 'did you mean "lifeboat version"?'),
    (["version", "--jsn"], "did you mean --json?"),
    (["version", "extra"], "one argument too many"),
    (["help", "nonsense"], "there is no command"),
    (["runbook", "lst"], 'did you mean "lifeboat runbook list"?'),
    (["help", "runbook", "list", "more"], "one argument too many"),
    (["runbook", "show", "deadlcoks"], "the runbook has no issue"),
    (["runbook", "list", "--section", "databse"], "did you mean database?"),
    (["explain"], "an argument is missing"),
    (["explain", "backup-stal"], 'did you mean "backup-stale"?'),
    (["describe", "chekcs"], 'did you mean "checks"?'),
    (["describe", "--json", "--man"], "exclude each other"),
    (["--nonsense"], "a command is missing"),
    (["version", "--log-level", "loud"], "write one of: debug info warning error"),
    (["version", "--config"], "--config needs a value"),
    (["a\x1b[31mb"], "a\\x1b[31mb"),
])
def test_wrong_calls_end_with_64_and_say_what_to_do(lifeboat, arguments, words):
    result = lifeboat(*arguments)
    assert result.status == 64 and words in result.stderr and "  hint: " in result.stderr, result
    assert result.stdout == "" and "\x1b" not in result.stderr


def test_a_missing_configuration_ends_with_78(lifeboat):
    result = lifeboat("status", "--config", "/nonexistent.conf")
    assert result.status == 78 and "/nonexistent.conf" in result.stderr, result


def test_a_wrong_configuration_names_file_and_line(lifeboat):
    path = lifeboat.configure("[target a]\npath = /x\n\n[targte b]\n")
    result = lifeboat("status")
    assert result.status == 78 and f"{path}:4: there is no section kind [targte]" in result.stderr, result
    assert "did you mean [target]?" in result.stderr


def test_a_wrong_clock_is_refused(lifeboat):
    assert lifeboat("status", env={"LIFEBOAT_NOW": "yesterday"}).status == 64
    assert lifeboat("version", env={"LIFEBOAT_NOW": "2030-01-01T00:00:00Z"}).status == 0


def test_common_options_may_stand_before_the_command(lifeboat):
    assert lifeboat("--log-level", "debug", "version").status == 0
    assert lifeboat("--no-color", "version").status == 0
    assert lifeboat("--version").stdout == lifeboat("version").stdout


def test_version_is_quick(lifeboat):
    """Under 20 ms, in processor time and the best of 20: other work on the machine must not decide."""
    best = 1.0
    for _ in range(20):
        started = subprocess.Popen([lifeboat.program, "version"], stdout=subprocess.DEVNULL)
        usage = os.wait4(started.pid, 0)[2]
        best = min(best, usage.ru_utime + usage.ru_stime)
    if "asan" not in os.path.realpath(lifeboat.program):
        assert best < 0.020, f"{best * 1000:.1f} ms"


def test_a_result_that_cannot_be_written_is_no_success(lifeboat):
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([lifeboat.program, "version"], stdout=full, stderr=subprocess.PIPE, env=lifeboat.environment, check=False)
    assert done.returncode == 2 and b"could not be written" in done.stderr


def test_a_reader_that_has_seen_enough_is_no_fault(lifeboat):
    command = f"{lifeboat.program} describe --json | head -1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=lifeboat.environment, check=False)
    assert done.returncode == 0 and done.stderr == b"", done


def on_terminal(lifeboat, arguments, **environment):
    """What the program writes on a terminal of 100 columns."""
    reader, writer = pty.openpty()
    started = subprocess.Popen([lifeboat.program, *arguments], stdin=writer, stdout=writer, stderr=writer, close_fds=True,
                               env=dict(lifeboat.environment, **{"TERM": "xterm-256color", **environment}))
    os.close(writer)
    seen = b""
    while True:
        if not select.select([reader], [], [], 30)[0]:
            break
        try:
            piece = os.read(reader, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    started.wait(timeout=30)
    os.close(reader)
    return seen.decode()


@pytest.mark.parametrize("environment,colour", [
    ({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False), ({"TERM": ""}, False)])
def test_colours_only_where_they_are_wanted(lifeboat, environment, colour):
    assert bool(ESCAPE.search(on_terminal(lifeboat, ["help", "version"], **environment))) == colour


def test_no_color_flag(lifeboat):
    assert not ESCAPE.search(on_terminal(lifeboat, ["help", "version", "--no-color"]))


def test_every_declared_name_is_explained(lifeboat, described):
    """Twenty at most of each kind: the kinds differ in how they are shown, their items do not."""
    ids = [c["id"] for c in described["checks"]][:20] + [f["id"] for f in described["findings"]][:20]
    ids += [v["name"] for v in described["verdicts"] + described["proof_levels"]]
    ids += [str(s["number"]) for s in described["exit_statuses"]]
    ids += [o["name"] for section in described["configuration"] for o in section["settings"]][:20]
    ids += [o["name"] for o in described["common_options"]]
    for name in ids:
        result = lifeboat("explain", name)
        assert result.status == 0 and len(result.stdout) > 20, f"{name}\n{result}"


def test_the_manual_page_is_valid_roff(lifeboat, tmp_path):
    page = tmp_path / "lifeboat.1"
    page.write_text(lifeboat("describe", "--man").stdout)
    done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", page], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0 and done.stderr == b"", done.stderr.decode()
    shown = subprocess.run(["man", "-l", page], stdout=subprocess.PIPE, env=dict(os.environ, MANWIDTH="80", LC_ALL="C.UTF-8"), check=True)
    for name in commands(lifeboat):
        assert f"lifeboat {name}" in shown.stdout.decode()


def test_every_row_explains_itself(described):
    rows = [o for c in described["commands"] for o in c["options"]] + described["common_options"]
    rows += [o for section in described["configuration"] for o in section["settings"]]
    for row in rows:
        assert row["summary"] and not row["summary"].endswith("."), row
        assert len(row["summary"]) <= 100, row
    for command in described["commands"]:
        assert command["summary"] and command["examples"], command["name"]
        assert all(example["explanation"] for example in command["examples"]), command["name"]
    for finding in described["findings"]:
        assert finding["title"] and finding["means"] and finding["action"], finding["id"]
    for check in described["checks"]:
        assert check["title"] and check["explain"], check["id"]


def test_names_mean_one_thing(described):
    """One option name has one meaning wherever it stands: same type, same default, same words."""
    seen = {}
    rows = [o for c in described["commands"] for o in c["options"]] + described["common_options"]
    for row in rows + [o for section in described["configuration"] for o in section["settings"]]:
        if row["name"] in ("keep", "tables", "sql"):
            continue  # a copy or 30d of backups; show them or restore only those: what each command's users expect
        before = seen.setdefault(row["name"], row)
        assert before["type"] == row["type"], f"{row['name']}: {before} and {row}"
