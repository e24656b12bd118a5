# SPDX-License-Identifier: PostgreSQL
"""No path of somebody's machine stands in the tree."""
import re

from house import Violation

# written so that this file does not match itself
MACHINE = re.compile(r"(?<![\w.])/(?:wor[k]|sr[v]|home/[a-z][\w-]*|root|tmp/bas[h])/[\w.-]|\bfarm[-]\w")
BINARY = (".dump", ".tar", ".gz", ".zst", ".zstd", ".lz4", ".png", ".dat")


def violations(house):
    for path in house.files():
        if path.startswith("tests/fixtures/") or path.endswith(BINARY):
            continue
        for number, line in enumerate(house.text(path).splitlines(), 1):
            for found in MACHINE.finditer(line):
                yield Violation(f"{path}:{found.group()}", f"{path}:{number}: path of a machine: {found.group()}")
