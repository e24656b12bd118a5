#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""Stands in for the docker client and its daemon: the words that lifeboat's driver says are done for real, with a PostgreSQL
of this machine in the place of a container. Like the official image it starts twice: first without TCP, to set itself up.

DOCKER_STANDIN is a directory: calls (one a line), and a folder for each container. DOCKER_STANDIN_FAULT: down, dies.
"""
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import time

STATE = pathlib.Path(os.environ["DOCKER_STANDIN"])
FAULT = os.environ.get("DOCKER_STANDIN_FAULT", "")
BINDIR = pathlib.Path(os.environ["DOCKER_STANDIN_BINDIR"])
AS_USER = {}
if os.geteuid() == 0:
    account = pwd.getpwnam("postgres")
    AS_USER = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def die(words, status=1):
    print(words, file=sys.stderr)
    sys.exit(status)


def options(arguments, flags):
    """What stands before the operands: flags without a value are named."""
    found, operands = {}, []
    while arguments:
        word = arguments.pop(0)
        if word == "--":
            operands += arguments
            break
        if not word.startswith("--"):
            operands.append(word)
        elif word in flags:
            found[word] = True
        else:
            found.setdefault(word, []).append(arguments.pop(0))
    return found, operands


def container(name):
    path = STATE / "containers" / name
    if not path.is_dir():
        die(f"Error: No such container: {name}")
    return path


def running(path):
    try:
        os.kill(int((path / "pid").read_text()), 0)
        return True
    except (OSError, ValueError):
        return False


def serve(path):
    """The container itself, in a process of its own."""
    about = json.loads((path / "about").read_text())
    log = open(path / "log", "ab")
    child, stopping = [], []

    def stop(*_):
        stopping.append(True)
        for process in child:
            process.send_signal(signal.SIGQUIT)
            # not process.wait(): the interrupted one holds its lock
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    if FAULT == "dies":
        log.write(b"FATAL: the image is broken\n")
        sys.exit(1)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    environment["LC_ALL"] = "C"
    subprocess.run([BINDIR / "initdb", "-D", path / "data", "-U", "postgres", "-A", "trust", "--no-sync",
                    *about["environment"].get("POSTGRES_INITDB_ARGS", "").split()], stdout=log, stderr=log, check=True, env=environment,
                   cwd="/", **AS_USER)
    address = f"127.{1 + os.getpid() % 250}.{os.getpid() // 250 % 250}.7"  # nobody else listens there
    for listen in ("", address):
        if stopping:
            os._exit(0)
        child[:] = [subprocess.Popen([BINDIR / "postgres", "-D", path / "data", "-k", about["socket"], "-p", "5432", "-c",
                                      f"listen_addresses={listen}", "-c", "shared_buffers=32MB"], stdout=log, stderr=log,
                                     env=environment, cwd="/", **AS_USER)]
        if stopping:  # the word came before the server was known
            stop()
        if listen == "":
            time.sleep(1)
            child[0].send_signal(signal.SIGINT)
        child[0].wait()


def run(arguments):
    found, operands = options(arguments, {"--detach"})
    path = STATE / "containers" / found["--name"][0]
    path.mkdir(parents=True)
    path.chmod(0o755)
    for folder in (STATE, path.parent):
        folder.chmod(0o755)
    (path / "data").mkdir(mode=0o700)
    if AS_USER:
        os.chown(path / "data", AS_USER["user"], AS_USER["group"])
    environment = dict(line.split("=", 1) for line in pathlib.Path(found["--env-file"][0]).read_text().splitlines())
    socket, inside = found["--volume"][0].split(":")
    assert inside == "/var/run/postgresql" and found["--network"] == ["none"] and operands == ["postgres:15"], operands
    labels = dict(label.split("=", 1) for label in found["--label"])
    (path / "about").write_text(json.dumps({"environment": environment, "socket": socket, "labels": labels}))
    if os.fork() == 0:
        os.setsid()
        null = os.open("/dev/null", os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        (path / "pid").write_text(str(os.getpid()))
        serve(path)
        os._exit(0)
    while not (path / "pid").exists():
        time.sleep(0.01)
    print("4f1d" * 16)


def remove(arguments):
    for name in options(arguments, {"--force", "--volumes"})[1]:
        path = container(name)
        if running(path):
            os.kill(int((path / "pid").read_text()), signal.SIGTERM)
            for _ in range(500):
                if not running(path):
                    break
                time.sleep(0.02)
        for _ in range(100):  # what the server had started ends a moment after it
            shutil.rmtree(path, ignore_errors=True)
            if not path.exists():
                break
            time.sleep(0.05)
        print(name)


def ps(arguments):
    found, _ = options(arguments, {"--all", "--quiet"})
    key, value = found["--filter"][0].split("=", 1)
    containers = STATE / "containers"
    for path in sorted(containers.iterdir()) if containers.is_dir() else []:
        labels = json.loads((path / "about").read_text())["labels"]
        if key == "name" and path.name == value.strip("^/?$"):
            print("4f1d4f1d4f1d")
        elif key == "label" and labels.get(value.split("=")[0]) == value.split("=", 1)[1]:
            print(f"{path.name}\t{labels['lifeboat.directory']}")


def main(arguments):
    STATE.mkdir(parents=True, exist_ok=True)
    with open(STATE / "calls", "a") as calls:
        calls.write(json.dumps(arguments) + "\n")
    if FAULT == "down":
        die("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?")
    word, rest = arguments[0], arguments[1:]
    if word == "version":
        print("24.0.7")
    elif word == "image":
        if rest[-1] != "postgres:15":
            die(f"Error: No such image: {rest[-1]}")
        print("sha256:" + "0" * 64)
    elif word == "exec":
        container(rest[0])
        sys.exit(1)  # printenv of a variable that is not set
    elif word == "inspect":
        print(str(running(container(rest[-1]))).lower())
    elif word == "logs":
        sys.stderr.write((container(rest[-1]) / "log").read_text())
    else:
        {"run": run, "rm": remove, "ps": ps}[word](rest)


main(sys.argv[1:])
