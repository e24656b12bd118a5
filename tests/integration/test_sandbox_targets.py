# SPDX-License-Identifier: PostgreSQL
"""sandbox = server and sandbox = docker: restored elsewhere, and nothing of it stays there."""
import json
import os
import pathlib
import shutil
import signal
import time

import pytest

import postgres

HERE = pathlib.Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def staging():
    with postgres.Server() as running:
        yield running


@pytest.fixture(scope="module")
def dumps(server, tmp_path_factory):
    """A small database whose roles the staging server lacks, and one that takes its time."""
    folder = tmp_path_factory.mktemp("targets")
    server.admin.sql("CREATE ROLE targets_owner; CREATE ROLE targets_reader")
    source = server.create()
    source.sql("CREATE TABLE t AS SELECT i, 'word ' || i AS word FROM generate_series(1, 500) i; ALTER TABLE t ADD PRIMARY KEY (i);"
               "ALTER TABLE t OWNER TO targets_owner; GRANT SELECT ON t TO targets_reader")
    quick = source.dump(folder / "quick.dump", "-Fc")
    source.sql("CREATE FUNCTION slow(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS "
               "'BEGIN IF i > 0 AND inet_client_addr() IS NULL THEN PERFORM pg_sleep(0.2); END IF; RETURN i; END'")
    slow = source.dump(folder / "slow.sql", "-Fp")
    end = "--\n-- PostgreSQL database dump complete"
    slow.write_text(slow.read_text().replace(end, "CREATE INDEX slow_index ON public.t (public.slow(i));\n\n" + end))
    source.drop()
    server.admin.sql("DROP ROLE targets_owner; DROP ROLE targets_reader")
    return {"quick": quick, "slow": slow}


def conninfo(server, user="postgres"):
    return f"host={server.socket} port={server.port} user={user} dbname=postgres"


def state_of(server):
    return (sorted(row[0] for row in server.admin.sql("SELECT datname FROM pg_database")),
            sorted(row[0] for row in server.admin.sql("SELECT rolname FROM pg_roles")))


def on(server, *more):
    return ["--restore", "--sandbox", "server", "--staging", conninfo(server), "--json", *more]


def check_of(report, name):
    return next(check for check in report["checks"] if check["id"] == name)


def wait_for(condition, what):
    for _ in range(900):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail(f"{what} never came")


def working(server):
    return server.admin.sql("SELECT datname FROM pg_stat_activity WHERE datname LIKE 'lifeboat_sandbox_%' AND query LIKE "
                            "'CREATE INDEX slow%'")


def test_a_staging_server_is_as_it_was(lifeboat, staging, dumps):
    before = state_of(staging)
    done = lifeboat("verify", dumps["quick"], *on(staging))
    report = done.json
    assert done.status == 0 and report["verdict"] == "pass", done
    assert "staging server" in report["restore"]["confinement"] and check_of(report, "copy")["status"] == "pass"
    assert state_of(staging) == before


def test_the_source_itself_is_refused(lifeboat, server, staging, dumps, database):
    database.sql("CREATE TABLE t AS SELECT i, 'word ' || i AS word FROM generate_series(1, 500) i; ALTER TABLE t ADD PRIMARY KEY (i)")
    before = state_of(server)
    refused = lifeboat("verify", dumps["quick"], *on(server, "--against", database.conninfo))
    assert refused.status == 2 and "is the source itself" in check_of(refused.json, "restore")["why"], refused
    assert state_of(server) == before
    control = lifeboat("verify", dumps["quick"], *on(staging, "--against", database.conninfo))
    assert check_of(control.json, "restore")["status"] == "pass", control
    unreachable = lifeboat("verify", dumps["quick"], *on(staging, "--against", conninfo(server, "nobody_there")))
    assert "cannot be told" in check_of(unreachable.json, "restore")["why"], unreachable


def test_without_rights_or_server_it_is_unknown(lifeboat, staging, dumps):
    staging.admin.sql("CREATE ROLE humble LOGIN CREATEDB")
    before = state_of(staging)
    for more, said in (([conninfo(staging, "humble")], "no superuser"), (["host=/nowhere dbname=x"], "")):
        done = lifeboat("verify", dumps["quick"], "--restore", "--sandbox", "server", "--json", "--staging", *more)
        assert done.status == 2 and said in check_of(done.json, "restore")["why"], done
    assert lifeboat("verify", dumps["quick"], "--restore", "--sandbox", "server").status == 78
    assert state_of(staging) == before
    staging.admin.sql("DROP ROLE humble")


def test_interrupted_on_a_staging_server(lifeboat, staging, dumps):
    before = state_of(staging)
    running = lifeboat.start("verify", dumps["slow"], *on(staging))
    wait_for(lambda: working(staging), "the slow index")
    running.send_signal(signal.SIGINT)
    assert running.wait(60) == 130
    assert state_of(staging) == before


def test_killed_on_a_staging_server_and_swept_by_the_next(lifeboat, staging, dumps):
    before = state_of(staging)
    running = lifeboat.start("verify", dumps["slow"], *on(staging), start_new_session=True)
    wait_for(lambda: working(staging), "the slow index")
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    left = set(state_of(staging)[0]) - set(before[0])
    assert len(left) == 1
    # neither what only bears such a name, nor what is in use
    staging.admin.sql("CREATE DATABASE lifeboat_sandbox_of_mine")
    used = staging.create("lifeboat_sandbox_used")
    staging.admin.sql("COMMENT ON DATABASE lifeboat_sandbox_used IS 'lifeboat sandbox of somebody'")
    session = used.connect()
    staging.admin.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", left.copy().pop())
    wait_for(lambda: not staging.admin.sql("SELECT 1 FROM pg_stat_activity WHERE datname = %s", left.copy().pop()), "the end")
    assert lifeboat("verify", dumps["quick"], *on(staging)).status == 0
    session.close()
    databases, roles = state_of(staging)
    assert set(databases) - set(before[0]) == {"lifeboat_sandbox_of_mine", "lifeboat_sandbox_used"} and roles == before[1]
    staging.admin.sql("DROP DATABASE lifeboat_sandbox_of_mine")
    used.drop()


# ---- docker ----

class Docker:
    def __init__(self, lifeboat, folder):
        self.lifeboat, self.state, self.sandboxes = lifeboat, folder / "docker", folder / "sandboxes"
        (folder / "bin").mkdir()
        shutil.copy(HERE / "docker_standin.py", folder / "bin" / "docker")
        self.sandboxes.mkdir(mode=0o755)
        self.environment = {"PATH": f"{folder / 'bin'}:{lifeboat.environment['PATH']}", "DOCKER_STANDIN": str(self.state),
                            "DOCKER_STANDIN_BINDIR": str(postgres.newest_bindir()), "LIFEBOAT_SANDBOX_DIR": str(self.sandboxes)}

    def verify(self, dump, *more, fault=""):
        return self.lifeboat(*self.arguments(dump, *more), env=dict(self.environment, DOCKER_STANDIN_FAULT=fault))

    @staticmethod
    def arguments(dump, *more):
        return ["verify", dump, "--restore", "--sandbox", "docker", "--json", "--docker-image", *(more or ["postgres:15"])]

    def containers(self):
        folder = self.state / "containers"
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def calls(self):
        return [json.loads(line) for line in (self.state / "calls").read_text().splitlines()]

    def left(self):
        return self.containers() + list(self.sandboxes.iterdir())


@pytest.fixture
def docker(lifeboat):
    """Below /tmp directly: paths of sockets are short, and the server's user must be able to go there."""
    import tempfile

    folder = pathlib.Path(tempfile.mkdtemp(prefix="lbd-", dir="/tmp"))
    folder.chmod(0o755)
    made = Docker(lifeboat, folder)
    yield made
    for container in made.containers():
        try:
            os.kill(int((container / "pid").read_text()), signal.SIGTERM)
        except (OSError, ValueError):
            pass
    shutil.rmtree(folder)


def test_a_container_proves_it_and_goes(docker, dumps):
    done = docker.verify(dumps["quick"])
    assert done.status == 0 and done.json["verdict"] == "pass", done
    assert done.json["restore"]["confinement"] == "no network (docker, image postgres:15)"
    assert not docker.left()
    words = [call[0] for call in docker.calls()]
    assert words.index("image") < words.index("run") < words.index("rm") and "none" in next(
        call for call in docker.calls() if call[0] == "run")
    assert not any("PASSWORD" in word for call in docker.calls() for word in call), "secrets never stand in arguments"


@pytest.mark.parametrize("fault, image, said", [
    ("down", "postgres:15", "no docker daemon answers"), ("", "postgres:99", "is not here"), ("dies", "postgres:15", "the image is broken")])
def test_what_docker_cannot_do_is_unknown(docker, dumps, fault, image, said):
    done = docker.verify(dumps["quick"], image, fault=fault)
    assert done.status == 2 and said in check_of(done.json, "restore")["why"], done
    assert not docker.left()


def test_no_daemon_and_no_client(docker, dumps):
    real = shutil.which("docker")
    environment = dict(docker.environment, PATH=docker.lifeboat.environment["PATH"], DOCKER_HOST="unix:///nonexistent/docker.sock")
    done = docker.lifeboat(*docker.arguments(dumps["quick"]), env=environment)
    assert done.status == 2, done
    assert ("no docker daemon answers" if real else "no docker client") in check_of(done.json, "restore")["why"], done
    empty = docker.lifeboat(*docker.arguments(dumps["quick"]), env=dict(environment, PATH="/nonexistent"))
    assert empty.status == 2 and "no docker client" in check_of(empty.json, "restore")["why"], empty
    assert docker.lifeboat("verify", dumps["quick"], "--restore", "--sandbox", "docker", env=docker.environment).status == 78


@pytest.mark.parametrize("how", ["interrupted", "killed"])
def test_a_container_does_not_outlive_its_run(docker, dumps, how):
    running = docker.lifeboat.start(*docker.arguments(dumps["slow"]), env=docker.environment, start_new_session=True)
    wait_for(docker.containers, "the container")
    log = docker.containers()[0] / "data" / "postmaster.pid"
    wait_for(log.exists, "its server")
    if how == "interrupted":
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 130
    else:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        assert docker.containers()
        assert docker.verify(dumps["quick"]).status == 0
    assert not docker.left()
