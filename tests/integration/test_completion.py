# SPDX-License-Identifier: PostgreSQL
"""Completion scripts, tried in the shells themselves."""
import os
import pty
import select
import stat
import subprocess
import time

import pytest

BASH = """
source "$SCRIPT"
COMP_WORDS=(lifeboat {words}) COMP_CWORD={last}
compopt() {{ echo "compopt $*"; }}
_lifeboat
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def script(lifeboat, tmp_path, shell, name):
    made = lifeboat("completion", shell)
    assert made.status == 0, made
    path = tmp_path / name
    path.write_text(made.stdout)
    return path


def run(lifeboat, command, **environment):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=60, check=False,
                          env=dict(lifeboat.environment, **environment))
    return done.stdout.decode()


CASES = [
    (["ver"], {"version"}, {"help"}),
    (["des"], {"describe"}, {"version"}),
    ([""], {"describe", "status", "help"}, set()),
    (["version", "--j"], {"--json"}, {"--markdown"}),
    (["describe", "--m"], {"--markdown", "--man"}, {"--json"}),
    (["status", "--log-format", ""], {"auto", "logfmt", "json"}, {"--json"}),
    (["completion", ""], {"bash", "zsh", "fish"}, {"version"}),
    (["help", "expl"], {"explain"}, {"help"}),
    (["run"], {"runbook"}, {"list"}),
    (["runbook", ""], {"list", "show"}, {"verify", "status"}),
    (["runbook", "list", "--s"], {"--section"}, {"--target"}),
    (["explain", "row-count-d"], {"row-count-drift"}, {"backup-stale"}),
]


@pytest.mark.parametrize("words,present,absent", CASES, ids=lambda value: "-".join(value) if isinstance(value, list) else "")
def test_bash(lifeboat, tmp_path, words, present, absent):
    path = script(lifeboat, tmp_path, "bash", "lifeboat.bash")
    quoted = " ".join(f"'{word}'" for word in words)
    text = run(lifeboat, ["bash", "--norc", "-c", BASH.format(words=quoted, last=len(words))], SCRIPT=str(path))
    found = set(text.split())
    assert present <= found and not absent & found, text


@pytest.mark.parametrize("words,present,absent", CASES, ids=lambda value: "-".join(value) if isinstance(value, list) else "")
def test_fish(lifeboat, tmp_path, words, present, absent):
    path = script(lifeboat, tmp_path, "fish", "lifeboat.fish")
    command = f"source {path}; complete -C 'lifeboat {' '.join(words)}'"
    text = run(lifeboat, ["fish", "--no-config", "-c", command])
    found = {line.split("\t")[0] for line in text.splitlines()}
    assert present <= found and not absent & found, text


def talk(lifeboat, path, typed, wanted):
    """Types into an interactive zsh and reads until every wanted word is on the screen, or 20 s have passed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe("zsh", ["zsh", "-f", "-i"], dict(lifeboat.environment, TERM="dumb", PS1="> ", COLUMNS="200"))
    seen = b""
    try:
        def read_until(words, seconds):
            nonlocal seen
            until = time.monotonic() + seconds
            while time.monotonic() < until and not all(word.encode() in seen for word in words):
                if select.select([terminal], [], [], 0.1)[0]:
                    seen += os.read(terminal, 65536)
        for line in ["autoload -Uz compinit && compinit -u -D", f"source {path}", "bindkey '^I' list-choices", "echo REA''DY"]:
            os.write(terminal, line.encode() + b"\n")
        read_until(["READY"], 30)
        seen = b""
        os.write(terminal, f"lifeboat {typed}\t".encode())
        read_until(wanted, 20)
        return seen.decode(errors="replace")
    finally:
        os.kill(pid, 9)
        os.close(terminal)
        os.waitpid(pid, 0)


@pytest.mark.parametrize("words,present,absent", [c for c in CASES if len(c[1]) > 1],
                         ids=lambda value: "-".join(value) if isinstance(value, list) else "")
def test_zsh(lifeboat, tmp_path, words, present, absent):
    """list-choices shows what would be completed; a single match is covered by the cases with several."""
    path = script(lifeboat, tmp_path, "zsh", "_lifeboat")
    text = talk(lifeboat, path, " ".join(words), present)
    # zsh's own completion setup can move its dump over whatever it is told to: this test once told it /dev/null
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    assert all(word in text for word in present), text
    assert not any(word in text.split(words[-1] or "\n", 1)[-1].split() for word in absent), text


def test_bash_completes_files_where_a_path_stands(lifeboat, tmp_path):
    path = script(lifeboat, tmp_path, "bash", "lifeboat.bash")
    text = run(lifeboat, ["bash", "--norc", "-c", BASH.format(words="version --config ''", last=3)], SCRIPT=str(path))
    assert "compopt -o default" in text


@pytest.mark.parametrize("shell,check", [("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])])
def test_the_script_is_valid(lifeboat, tmp_path, shell, check):
    path = script(lifeboat, tmp_path, shell, "script")
    done = subprocess.run([*check, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=60)
    assert done.returncode == 0 and done.stdout == b"", done.stdout


def test_an_unknown_shell_is_refused(lifeboat):
    result = lifeboat("completion", "tcsh")
    assert result.status == 64 and "bash zsh fish" in result.stderr, result
