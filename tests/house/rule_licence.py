# SPDX-License-Identifier: PostgreSQL
"""Every source file and script says its licence in one SPDX line, at the top."""
from house import Violation

LINE = "SPDX-License-" + "Identifier: PostgreSQL"


def violations(house):
    names = set(house.select(".c", ".h", ".py", ".sh", ".sql")) | {name for name, _ in house.scripts()}
    for path in sorted(names):
        if path.startswith("tests/fixtures/") or "/input/" in path:
            continue
        lines = house.text(path).splitlines()
        wanted = f"/* {LINE} */" if path.endswith((".c", ".h")) else f"-- {LINE}" if path.endswith(".sql") else f"# {LINE}"
        if wanted not in lines[:2]:
            yield Violation(path, f"{path}: does not begin with \"{wanted}\"")
        if sum(LINE in line for line in lines[:6]) > 1:
            yield Violation(path, f"{path}: more than one SPDX line")
