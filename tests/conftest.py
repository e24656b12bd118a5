# SPDX-License-Identifier: PostgreSQL
"""Fixtures of all Python tests: a real PostgreSQL, the voice-agent database, the built program.

    def test_good_dump_passes(lifeboat, voice_agent, tmp_path):
        dump = voice_agent.dump(tmp_path / "app.dump", "-Fc")
        result = lifeboat("verify", dump, "--against", voice_agent.conninfo, "--json")
        assert result.status == 0 and result.json["verdict"] == "pass"

Run with /usr/bin/python3 -m pytest. LIFEBOAT names the program to test (default: build/lifeboat). What is missing here
fails the tests: nothing is ever skipped.
"""
import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import postgres  # noqa: E402

# Whoever started this in the background may have had SIGINT ignored, which every child would inherit: Ctrl-C is tested here.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = postgres.ROOT
SANITIZER = re.compile(r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|UndefinedBehaviorSanitizer|runtime error:")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A skipped test looks like one that passed: count it as failed."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped; tests here pass or fail"


@dataclasses.dataclass
class Result:
    """What one run of the program gave."""

    status: int
    stdout: str
    stderr: str
    arguments: list
    stdout_bytes: bytes

    @property
    def json(self):
        """Standard output as one JSON document."""
        try:
            return json.loads(self.stdout)
        except ValueError as problem:
            raise AssertionError(f"{self}\nis not JSON: {problem}") from None

    def check(self, check_id):
        """The one check of a verification report with that id."""
        found = [c for c in self.json["checks"] if c["id"] == check_id]
        assert len(found) == 1, f"{len(found)} checks named {check_id} in\n{self}"
        return found[0]

    @property
    def finding_ids(self):
        return sorted({f["id"] for f in self.json["findings"]})

    def __str__(self):
        return (f"$ {' '.join(self.arguments)}\nstatus {self.status}\n--- stdout\n{self.stdout[-6000:]}\n"
                f"--- stderr\n{self.stderr[-6000:]}")


class Lifeboat:
    """Runs the built program with a home of its own. Call it like the command line."""

    def __init__(self, program, home, bindir):
        self.program = str(program)
        self.home = pathlib.Path(home)
        self.state = self.home / "state"
        self.config_home = self.home / "config"
        self.config_home.mkdir(parents=True)
        keep = {k: v for k, v in os.environ.items()
                if not k.startswith(("PG", "LIFEBOAT", "XDG_")) and k not in ("NO_COLOR", "TERM")}
        self.environment = dict(
            keep, HOME=str(self.home), XDG_CONFIG_HOME=str(self.config_home), XDG_STATE_HOME=str(self.home / "xdg-state"),
            LIFEBOAT_STATE=str(self.state), TZ="UTC", LC_ALL="C.UTF-8", PATH=f"{bindir}:{keep.get('PATH', '')}",
            ASAN_OPTIONS="detect_leaks=1:abort_on_error=0:exitcode=99:allocator_may_return_null=1",
            UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1:exitcode=98")

    def __call__(self, *arguments, env=None, input=None, timeout=120, cwd=None, text=True):
        """Runs to the end. `env` adds to the environment (None as a value removes). Time-outs, sanitizer reports and
        deaths by signal fail the test whatever it expected."""
        environment = dict(self.environment)
        for name, value in (env or {}).items():
            environment.pop(name, None)
            if value is not None:
                environment[name] = str(value)
        command = [self.program, *map(str, arguments)]
        feed = {"stdin": subprocess.DEVNULL} if input is None else {"input": input if isinstance(input, bytes) else input.encode()}
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, timeout=timeout,
                              cwd=cwd or self.home, check=False, **feed)
        result = Result(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), command,
                        done.stdout)
        assert not SANITIZER.search(result.stderr), str(result)
        assert done.returncode >= 0, f"ended by signal {-done.returncode}\n{result}"
        return result

    def start(self, *arguments, env=None, **options):
        """A running child (subprocess.Popen) for tests that interrupt it; it dies with the test run."""
        environment = dict(self.environment, **{k: str(v) for k, v in (env or {}).items()})
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        return subprocess.Popen([self.program, *map(str, arguments)], stdin=subprocess.DEVNULL, env=environment, cwd=self.home,
                                preexec_fn=postgres.die_with_parent(signal.SIGKILL), **options)

    def configure(self, text, mode=0o600):
        """Writes the configuration file that the program finds by itself; returns its path."""
        path = self.config_home / "lifeboat" / "lifeboat.conf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path


@pytest.fixture(scope="session")
def fixtures():
    path = ROOT / "tests" / "fixtures"
    assert path.is_dir(), f"{path} is missing"
    return path


@pytest.fixture(scope="session")
def server():
    with postgres.Server() as running:
        yield running


@pytest.fixture
def own_server():
    """A server of the test's own, for what belongs to a whole cluster: roles, settings, tablespaces."""
    with postgres.Server() as running:
        yield running


@pytest.fixture
def database(server):
    """An empty database, dropped after the test."""
    made = server.create()
    yield made
    made.drop()


@pytest.fixture(scope="session")
def voice_agent_template(server):
    made = server.create("voice_agent_template")
    examples = ROOT / "examples" / "voice-agent"
    made.psql(examples / "schema.sql", examples / "data.sql", scale="0.02")
    return made


@pytest.fixture
def voice_agent(server, voice_agent_template):
    """A small voice-agent database of the test's own (about 5,000 rows), dropped after the test."""
    made = server.create(template=voice_agent_template.name)
    yield made
    made.drop()


@pytest.fixture(scope="session")
def voice_agent_dump(voice_agent_template, tmp_path_factory):
    """A custom-format dump of the small voice-agent database. Do not change the file: copy it."""
    return voice_agent_template.dump(tmp_path_factory.mktemp("dump") / "voice-agent.dump", "-Fc")


@pytest.fixture(scope="session")
def program():
    path = pathlib.Path(os.environ.get("LIFEBOAT", ROOT / "build" / "lifeboat")).resolve()
    assert os.access(path, os.X_OK), f"{path} is not there: build it (ninja -C build), or set LIFEBOAT"
    return path


@pytest.fixture
def lifeboat(program, tmp_path):
    home = tmp_path / "lifeboat-home"
    home.mkdir()
    return Lifeboat(program, home, postgres.newest_bindir())


@pytest.fixture
def pooled(server, tmp_path_factory):
    """Starts PgBouncer in front of the server: pooled("transaction").conninfo(database)."""
    started = []

    def start(mode, extra=""):
        started.append(postgres.Pooler(server, tmp_path_factory.mktemp("b"), mode, extra))
        return started[-1]

    # every directory above must let PgBouncer's user through
    folder = tmp_path_factory.getbasetemp()
    for above in (folder, *folder.parents):
        if above.stat().st_mode & 0o011 == 0:
            above.chmod(above.stat().st_mode | 0o711)
    yield start
    for pooler in started:
        pooler.stop()


def pytest_terminal_summary(terminalreporter):
    """The faults that were injected, each with the finding that it drew."""
    faults = [text for report in terminalreporter.stats.get("passed", []) for name, text in report.user_properties if name == "fault"]
    if faults:
        terminalreporter.section(f"{len(faults)} faults drew their findings")
        for text in sorted(faults):
            terminalreporter.write_line(text)


def pytest_unconfigure(config):
    """The last line, which scripts/test counts: errors and whatever did not pass have failed, and so has nothing at all."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is None or hasattr(config, "workerinput"):
        return
    good = len(reporter.stats.get("passed", []))
    bad = sum(len(reporter.stats.get(kind, [])) for kind in ("failed", "error", "skipped", "xfailed", "xpassed"))
    reporter.ensure_newline()
    reporter.write_line(f"{good} passed, {bad if good + bad > 0 else 1} failed")
