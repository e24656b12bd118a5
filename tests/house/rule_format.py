# SPDX-License-Identifier: PostgreSQL
"""C is laid out as .clang-format says; no tabs or trailing blanks in any text of ours."""
import concurrent.futures
import re
import subprocess

from house import Violation


def violations(house):
    names = [n for n in house.select(".c", ".h") if not n.startswith("tests/fixtures/")]

    def one(chunk):
        done = subprocess.run(["clang-format", "--dry-run", "-Werror", *chunk], cwd=house.root, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout.decode(errors="replace")

    chunks = [names[i:i + 8] for i in range(0, len(names), 8)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for chunk, (status, words) in zip(chunks, pool.map(one, chunks)):
            bad = sorted(set(re.findall(r"(?m)^([^\s:]+):\d+:\d+: error", words)))
            for path in bad:
                yield Violation(path, f"{path}: not formatted: clang-format -i {path}")
            if status != 0 and not bad:
                yield Violation("clang-format", f"clang-format failed on {' '.join(chunk)}: {words[-500:]}")
    for path in house.select(".c", ".h", ".py", ".sh", ".sql", ".md", "meson.build"):
        if path.startswith("tests/fixtures/") or "/input/" in path:
            continue
        for number, line in enumerate(house.text(path).splitlines(), 1):
            if line != line.rstrip() or ("\t" in line and not path.endswith(".md")):
                yield Violation(path, f"{path}:{number}: tab or trailing blank")
                break
