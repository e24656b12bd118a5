# SPDX-License-Identifier: PostgreSQL
"""The freshness check of the reference speaks up when the tree's copy is not what the program says."""
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(program, tmp_path):
    """A copy of what the check reads, with a reference freshly written."""
    for name in ("scripts/reference", "tests/house/reference.sh", "docs/reference/report.schema.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    run(tmp_path, "scripts/reference", program)
    return tmp_path


def run(tree, script, program):
    return subprocess.run([tree / script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          env=dict(os.environ, LIFEBOAT=str(program)), timeout=120)


def test_a_fresh_reference_passes(tree, program):
    done = run(tree, "tests/house/reference.sh", program)
    assert done.returncode == 0, done.stdout
    assert (tree / "docs" / "lifeboat.1").stat().st_size > 10000


@pytest.mark.parametrize("change,words", [
    (lambda docs: (docs / "lifeboat.1").write_text("old\n"), "docs/lifeboat.1 is not what the program says"),
    (lambda docs: (docs / "reference" / "checks.md").open("a").write("more\n"), "docs/reference/checks.md is not"),
    (lambda docs: (docs / "reference" / "findings.md").unlink(), "docs/reference/findings.md is not"),
    (lambda docs: (docs / "reference" / "gone.md").write_text("# Gone\n"), "gone.md is not written by"),
])
def test_a_stale_reference_is_found(tree, program, change, words):
    change(tree / "docs")
    done = run(tree, "tests/house/reference.sh", program)
    assert done.returncode == 1 and words in done.stdout, done.stdout


def test_a_missing_program_is_no_pass(tree):
    done = run(tree, "tests/house/reference.sh", "/nonexistent/lifeboat")
    assert done.returncode == 1 and "build first" in done.stdout
