# SPDX-License-Identifier: PostgreSQL
"""init: the configuration it writes, without questions and on a terminal."""
import os
import pty
import select
import stat
import time

import pytest

SEVEN = {"organizations", "profiles", "agents", "appointments", "contacts", "call_logs", "knowledge_base_chunks"}


def settings(path):
    """Uncommented lines below [target ...] and [notify ...], as a dictionary."""
    found, section = {}, ""
    for line in path.read_text().splitlines():
        if line.startswith("["):
            section = line
        elif line and not line.startswith("#"):
            key, _, value = line.partition(" = ")
            found[section, key] = value
    return found


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_written_where_the_next_command_looks(lifeboat, tmp_path):
    """LIFEBOAT_CONFIG: root's own place is /etc, which tests leave alone."""
    path = tmp_path / "deep" / "er" / "lifeboat.conf"
    result = lifeboat("init", "--path", "/b", env={"LIFEBOAT_CONFIG": path})
    assert result.status == 0 and path.is_file(), result
    assert settings(path)["[target production]", "path"] == "/b"


@pytest.fixture
def made(lifeboat, tmp_path):
    """Runs init into a file of the test's own, whoever runs the tests."""
    path = tmp_path / "made.conf"

    def run(*arguments, **options):
        return lifeboat("init", "--config", path, *arguments, **options), path

    return run


def test_finds_the_critical_tables_by_itself(lifeboat, voice_agent, voice_agent_dump, made):
    result, path = made("--path", voice_agent_dump, "--against", voice_agent.conninfo)
    assert result.status == 0, result
    assert mode(path) == 0o600
    found = settings(path)
    critical = {name.strip().removeprefix("public.") for name in found["[target production]", "critical"].split(",")}
    assert SEVEN <= critical, critical
    assert "organizations" in result.stdout and "tables refer to it" in result.stdout
    assert "tables refer to it" in path.read_text()
    verified = lifeboat("verify", "--config", path, "--target", "production", "--json")
    assert verified.status == 0 and verified.json["verdict"] == "pass", verified
    assert verified.check("critical-tables")["status"] == "pass", verified


def test_every_setting_of_the_reference_is_in_the_file(lifeboat, made, tmp_path):
    _, path = made("--path", tmp_path)
    text = path.read_text()
    for section in lifeboat("describe", "--json").json["configuration"]:
        assert section["section"].split(" ")[0].rstrip("]") in text
        for row in section["settings"]:
            assert f"{row['name']} = " in text or f"{row['name']}_file = " in text, row["name"]


@pytest.mark.parametrize("arguments,status,words", [
    ([], 64, "--path PATH"),
    (["--path", "/b", "--name", "two words"], 64, "letters, digits"),
    (["--path", "/b", "--against", "host=h password=hunter2"], 64, ".pgpass"),
    (["--path", "/b", "--against", "postgresql://u:hunter2@h/d"], 64, ".pgpass"),
    (["--path", "/b", "--against", "host=/nonexistent dbname=x"], 2, "cannot connect"),
    (["--path", "/b", "--slack-url-file", "/nonexistent"], 78, "/nonexistent"),
    (["--path", "/b\nmax_age = 100d"], 64, "control character"),
])
def test_what_cannot_be_written_is_refused(made, arguments, status, words):
    result, path = made(*arguments)
    assert result.status == status and words in result.stderr, result
    assert "hunter2" not in result.stderr + result.stdout
    assert not path.exists()


def test_an_existing_file_is_kept_unless_forced(made):
    _, path = made("--path", "/first")
    result, _ = made("--path", "/second")
    assert result.status == 64 and "--force" in result.stderr, result
    assert settings(path)["[target production]", "path"] == "/first"
    result, _ = made("--path", "/second", "--force")
    assert result.status == 0
    assert settings(path)["[target production]", "path"] == "/second"


def test_given_tables_need_no_database(made):
    result, path = made("--path", "/b", "--against", "service=nowhere", "--critical", 'a,public."b$,c"')
    assert result.status == 0, result
    assert settings(path)["[target production]", "critical"] == 'a, public."b$$,c"'
    assert settings(path)["[target production]", "against"] == "service=nowhere"


def test_a_slack_channel_by_file(lifeboat, made, tmp_path):
    url = tmp_path / "url"
    url.write_text("https://hooks.slack.com/services/T/B/x\n")
    url.chmod(0o600)
    result, path = made("--path", "/b", "--slack-url-file", url)
    assert result.status == 0, result
    assert settings(path)["[notify slack]", "url_file"] == str(url)


class Typist:
    """Answers questions on a terminal."""

    def __init__(self, lifeboat, *arguments):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execve(lifeboat.program, [lifeboat.program, *map(str, arguments)], dict(lifeboat.environment, TERM="dumb"))
        self.seen = ""

    def read_until(self, words, seconds=30):
        until = time.monotonic() + seconds
        while words not in self.seen and time.monotonic() < until:
            if select.select([self.terminal], [], [], 0.2)[0]:
                try:
                    piece = os.read(self.terminal, 65536)
                except OSError:
                    break
                if not piece:
                    break
                self.seen += piece.decode()
        assert words in self.seen, self.seen

    def answer(self, question, text):
        self.read_until(question)
        time.sleep(0.1)  # echo is switched off only after a question has been written
        os.write(self.terminal, text.encode() + b"\n")

    def status(self):
        try:
            while os.read(self.terminal, 65536):
                pass
        except OSError:
            pass
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_asks_on_a_terminal(lifeboat, voice_agent, voice_agent_dump, tmp_path):
    path = tmp_path / "asked.conf"
    typist = Typist(lifeboat, "init", "--config", path)
    typist.answer("Name of this database [production]: ", "voice")
    typist.answer("Where are the backups", str(voice_agent_dump))
    typist.answer("Live database", voice_agent.conninfo + " password=hunter2")
    typist.answer("Tables that must be in every backup", "")
    typist.answer("Slack incoming webhook", "https://hooks.slack.com/services/T/B/SECRET")
    typist.read_until("written.")
    assert typist.status() == 0
    assert "SECRET" not in typist.seen
    found = settings(path)
    assert found["[target voice]", "path"] == str(voice_agent_dump)
    for key, secret in [(("[target voice]", "against_file"), "hunter2"), (("[notify slack]", "url_file"), "SECRET")]:
        file = tmp_path / os.path.basename(found[key])
        assert mode(file) == 0o600 and secret in file.read_text()
    assert "hunter2" not in path.read_text() and "SECRET" not in path.read_text()
    verified = lifeboat("verify", "--config", path, "--target", "voice", "--json")
    assert verified.json["verdict"] == "pass", verified


def test_end_of_input_writes_nothing(lifeboat, tmp_path):
    path = tmp_path / "asked.conf"
    typist = Typist(lifeboat, "init", "--config", path)
    typist.answer("Name of this database", "")
    typist.read_until("Where are the backups")
    os.write(typist.terminal, b"\x04")
    assert typist.status() == 130
    assert not path.exists()
