#!/usr/bin/python3
# SPDX-License-Identifier: PostgreSQL
"""Writes docs/faults.md: what each scenario does to a good backup, and the finding it draws.

    tests/scenario/faults.py
"""
import importlib.util
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent
DOCUMENT = FOLDER.parent.parent / "docs" / "faults.md"
HEAD = """# Injected faults, and what they draw

Each line is a test (`tests/scenario`): a good backup is verified and holds, then this one thing happens to it, and it is verified again:
exactly that finding, and no other of its weight or more. Those of a restored copy restore twice. This page is written by
`scripts/reference`, and held to the tests by one.

"""


def load(path):
    spec = importlib.util.spec_from_file_location("scenario_" + path.parent.name.replace("-", "_") + "_" + path.stem, path)
    scenario = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scenario)
    assert scenario.__doc__, f"{path} does not say what happens"
    return scenario


def sentence(scenario):
    return " ".join(scenario.__doc__.split())


def table(restored):
    rows = ["| what happens | finding | severity |", "|---|---|---|"]
    for path in sorted(FOLDER.glob("*/scenario*.py")):
        scenario = load(path)
        if getattr(scenario, "RESTORE", False) != restored:
            continue
        finding = path.parent.name
        rows.append(f"| {sentence(scenario)} | [`{finding}`](reference/findings.md#{finding}) | {getattr(scenario, 'SEVERITY', 'failure')} |")
    return "\n".join(rows) + "\n"


def document():
    return HEAD + "## Seen by reading the backup\n\n" + table(False) + "\n## Seen by restoring it\n\n" + table(True)


if __name__ == "__main__":
    DOCUMENT.write_text(document())
