# SPDX-License-Identifier: PostgreSQL
"""A file includes its own floor or a lower one (src/FLOORS), as "floor/file.h"."""
import re

from house import Violation


def violations(house):
    floors = re.sub(r"#.*", "", house.text("src/FLOORS")).split()
    height = {name: n for n, name in enumerate(floors)}
    for path in house.select(".c", ".h", under="src/"):
        parts = path.split("/")
        own = parts[1] if len(parts) > 2 else None
        if own is not None and own not in height:
            yield Violation(path, f"{path}: folder {own} is not a floor in src/FLOORS")
            continue
        for number, line in enumerate(house.text(path).splitlines(), 1):
            found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not found:
                continue
            target = found.group(1)
            floor = target.split("/")[0]
            if "/" not in target or floor not in height or not (house.root / "src" / target).is_file():
                yield Violation(f"{path}:{target}", f'{path}:{number}: include "{target}" is not "floor/file.h" of this tree')
            elif own is not None and height[floor] > height[own]:
                yield Violation(f"{path}:{target}", f"{path}:{number}: floor {own} includes the higher floor {floor} ({target})")
