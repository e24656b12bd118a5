# SPDX-License-Identifier: PostgreSQL
"""Every external symbol begins with the name of its file: a call site is a path."""
import subprocess

from house import Violation


def violations(house):
    sources = [p for p in house.select(".c", under="src/") if p != "src/main.c"]
    objects = {}
    for path in sources:
        for folder in ("liblifeboat.a.p", "lifeboat.p"):
            candidate = house.build / folder / (path.replace("/", "_") + ".o")
            if candidate.is_file():
                objects[path] = candidate
    for path in sources:
        if path not in objects:
            yield Violation(path, f"{path}: no object in {house.build}: build first, its symbols cannot be checked")
            continue
        name = path.rsplit("/", 1)[1][:-2]
        done = subprocess.run(["nm", "--defined-only", "--extern-only", "--format=posix", objects[path]], stdout=subprocess.PIPE,
                              check=True)
        for line in done.stdout.decode().splitlines():
            symbol = line.split()[0]
            if not (symbol == name or symbol.startswith(name + "_") or symbol.startswith("__")):
                yield Violation(f"{path}:{symbol}", f"{path}: external symbol {symbol} does not begin with {name}")
