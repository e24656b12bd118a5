# SPDX-License-Identifier: PostgreSQL
"""Every finding id has its folder tests/scenario/<id>/ with a test in it, and no folder is left over."""
import json
import subprocess

from house import Violation


def violations(house):
    if not (house.root / "src/cmd/cmd_describe.c").is_file():
        return  # the program cannot yet say which findings it has
    done = subprocess.run([house.program, "describe", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    if done.returncode != 0:
        yield Violation("describe", f"`lifeboat describe --json` exited with {done.returncode}: {done.stderr[-300:]!r}")
        return
    declared = {finding["id"] for finding in json.loads(done.stdout)["findings"]}
    if not declared:
        yield Violation("describe", "`lifeboat describe --json` lists no findings")
    folders = {}
    for name in house.files():
        if name.startswith("tests/scenario/") and name.count("/") >= 3:
            folders.setdefault(name.split("/")[2], []).append(name)
    for missing in sorted(declared - set(folders)):
        yield Violation(missing, f"tests/scenario/{missing}/ is missing: nothing provokes this finding")
    for extra in sorted(set(folders) - declared):
        yield Violation(extra, f"tests/scenario/{extra}/: no such finding is declared")
