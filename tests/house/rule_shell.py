# SPDX-License-Identifier: PostgreSQL
"""Shell scripts are clean under shellcheck, Python scripts compile and name the system's interpreter."""
import concurrent.futures
import subprocess

from house import Violation


def violations(house):
    shell, python = [], []
    for name, interpreter in house.scripts():
        if "python" in interpreter:
            python.append(name)
            if interpreter != "/usr/bin/python3":
                yield Violation(name, f"{name}: runs {interpreter}: use /usr/bin/python3, the one that Debian's packages serve")
        elif interpreter.split("/")[-1].split()[-1] in ("sh", "bash", "dash"):
            shell.append(name)
    shell += [n for n in house.select(".sh") if n not in shell]

    def one(name):
        done = subprocess.run(["shellcheck", "-x", "-f", "gcc", name], cwd=house.root, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout.decode(errors="replace")

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for name, (status, words) in zip(shell, pool.map(one, shell)):
            for line in words.splitlines():
                yield Violation(name, line)
            if status != 0 and not words:
                yield Violation(name, f"{name}: shellcheck failed")
    for name in sorted(set(python) | set(house.select(".py"))):
        try:
            compile(house.text(name), name, "exec")
        except SyntaxError as problem:
            yield Violation(name, f"{name}:{problem.lineno}: {problem.msg}")
