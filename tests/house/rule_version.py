# SPDX-License-Identifier: PostgreSQL
"""One version: VERSION, the change log's newest release and the program agree."""
import re
import subprocess

from house import Violation


def violations(house):
    version = house.text("VERSION").strip()
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        yield Violation("VERSION", f"VERSION: {version!r} is not MAJOR.MINOR.PATCH")
    if (house.root / "CHANGELOG.md").is_file():
        released = [v for v in re.findall(r"(?m)^## \[([^\]]+)\]", house.text("CHANGELOG.md")) if v != "Unreleased"]
        if not released or released[0] != version:
            yield Violation("CHANGELOG.md", f"CHANGELOG.md: newest release is {released[:1]}, VERSION says {version}")
    if house.program.is_file() and (house.root / "src/cmd/cmd_version.c").is_file():
        done = subprocess.run([house.program, "version"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20, check=False)
        if done.returncode != 0 or version not in done.stdout.decode(errors="replace"):
            yield Violation("version", f"`lifeboat version` does not say {version}: {done.stdout[:200]!r}")
