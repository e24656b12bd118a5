# SPDX-License-Identifier: PostgreSQL
"""The tree under test, for the rules beside this file.

A rule is a module rule_NAME.py with a docstring that states the rule and a function violations(house) that yields
Violation(key, message). The key names the culprit without line numbers, so that an exception keeps matching.
"""
import collections
import os
import pathlib
import re
import subprocess

Violation = collections.namedtuple("Violation", "key message")


class House:
    def __init__(self, root, build=None):
        self.root = pathlib.Path(root).resolve()
        self.build = pathlib.Path(build or os.environ.get("HOUSE_BUILD", self.root / "build")).resolve()
        self._files = None

    @property
    def program(self):
        return self.build / "lifeboat"

    def files(self):
        """Every file of the tree as a path relative to its root: what git would commit, or all when there is no git."""
        if self._files is None:
            done = subprocess.run(["git", "-c", "safe.directory=*", "-C", self.root, "ls-files", "-z", "--cached", "--others",
                                   "--exclude-standard"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
            if done.returncode == 0:
                names = done.stdout.decode().split("\0")
            else:
                names = [str(p.relative_to(self.root)) for p in self.root.rglob("*")
                         if not re.match(r"(\.git|build[^/]*)/", str(p.relative_to(self.root)))]
            self._files = sorted({n for n in names if n and (self.root / n).is_file() and not (self.root / n).is_symlink()})
        return self._files

    def select(self, *suffixes, under=""):
        return [f for f in self.files() if f.startswith(under) and f.endswith(suffixes)]

    def text(self, name):
        return (self.root / name).read_text(encoding="utf-8", errors="replace")

    def scripts(self):
        """(path, interpreter) of files that begin with #!, fixtures aside."""
        for name in self.files():
            if name.startswith("tests/fixtures/"):
                continue
            with open(self.root / name, "rb") as file:
                first = file.readline(200)
            if first.startswith(b"#!"):
                yield name, first[2:].decode(errors="replace").strip()


def code_only(text):
    """C text with comments, strings and character constants blanked; line numbers stay."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()) if m.group()[0] == "/" else '""' + re.sub(r"[^\n]", " ", m.group())[2:], text)


def functions(house, names):
    """ctags' view of C functions: dicts with name, path, line, end, signature, file (true when static)."""
    import json

    if not names:
        return []
    done = subprocess.run(["ctags", "--output-format=json", "--fields=+neSf", "--kinds-C=f", "--languages=C", "--langmap=C:.c.h",
                           "-o", "-", *names], cwd=house.root, stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def exceptions(path):
    """{(rule, key): reason} and the stated limit of the exceptions file."""
    found, limit = {}, None
    for number, line in enumerate(pathlib.Path(path).read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("limit "):
            limit = int(line.split()[1])
        elif line.strip() and not line.startswith("#"):
            parts = line.split(None, 2)
            if len(parts) != 3:
                raise SystemExit(f"{path}:{number}: want RULE KEY REASON")
            found[parts[0], parts[1]] = parts[2]
    if limit is None or len(found) > limit:
        raise SystemExit(f"{path}: {len(found)} exceptions, limit {limit}: mend the code instead of adding one")
    return found
