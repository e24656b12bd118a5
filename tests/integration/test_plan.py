# SPDX-License-Identifier: PostgreSQL
"""The disaster recovery plan's scenarios, played on real servers: damage, every step, every expectation."""
import os
import shutil
import sys
import tempfile

import pytest

import postgres

sys.path.insert(0, str(postgres.ROOT / "tests" / "runbook"))
import plan  # noqa: E402

SCENARIOS = plan.scenarios()


@pytest.fixture(scope="module")
def world(program):
    base = tempfile.mkdtemp(prefix="plan-", dir="/tmp")
    plan.PROGRAM = str(program)
    made = plan.PlanWorld(base)
    try:
        made.build()
        made.serve()
        yield made
    finally:
        made.close()
        shutil.rmtree(base, ignore_errors=True)


def test_there_are_the_five_of_the_requirements():
    assert list(SCENARIOS) == ["database-corruption", "accidental-deletion", "regional-outage", "complete-loss", "application-corruption"]
    for scenario in SCENARIOS.values():
        assert all(scenario.of(role) for role in plan.ROLES), f"{scenario.path}: a role has no block"


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(world, name):
    allowed, took = plan.play(world, SCENARIOS[name])
    assert 20 <= allowed <= 60, f"the plan allows {allowed} minutes: more than the objective, or no estimate"
    assert took < allowed * 60
    assert not plan.premature(world, SCENARIOS[name]), "the last expectation holds although nothing was repaired"


def test_the_estimates_in_the_overview_are_the_sums():
    text = (postgres.ROOT / "plan" / "3-scenarios.md").read_text()
    for number, scenario in enumerate(SCENARIOS.values(), start=1):
        minutes = sum(int(block.options.get("minutes", 0)) for block in scenario.of("step", "expect"))
        line = next(line for line in text.splitlines() if line.startswith(f"| {number} "))
        assert f"| {minutes} minutes |" in line, f"{os.path.basename(scenario.path)} takes {minutes} minutes: {line}"
