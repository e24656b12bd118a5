# SPDX-License-Identifier: PostgreSQL
"""Every finding, provoked from a good backup. See README.md."""
import pathlib
import sys

import pytest

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))

import faults  # noqa: E402
from world import World, findings  # noqa: E402

# Most findings are provoked in one way; more ways are scenario_WAY.py in the same folder.
IDS = sorted(f"{p.parent.name}/{p.stem}" for p in FOLDER.glob("*/scenario*.py"))
WEIGHT = ["notice", "warning", "failure"]
VERDICTS = {"failure": ("fail", 1), "warning": ("warn", 0), "notice": ("pass", 0), "unknown": ("unknown", 2)}


@pytest.fixture
def world(request, lifeboat, server, tmp_path):
    scenario = faults.load(FOLDER / f"{request.param}.py")
    database = request.getfixturevalue("small" if getattr(scenario, "RESTORE", False) else "voice_agent")
    made = World(lifeboat, server, database, tmp_path / "backups", scenario)
    if hasattr(scenario, "prepare"):
        scenario.prepare(made)
    if made.backup is None:
        made.dump()
    made.finding, made.scenario = request.param.split("/")[0], scenario
    yield made
    for undo in getattr(made, "undo", []):
        undo()


@pytest.mark.parametrize("world", IDS, indirect=True)
def test_scenario(world, record_property):
    severity = getattr(world.scenario, "SEVERITY", "failure")
    verdict, status = VERDICTS[getattr(world.scenario, "VERDICT", severity)]

    control = world.verify()
    assert control.status == 0 and control.json["verdict"] == "pass", f"the control does not pass\n{control}"
    assert findings(control, "warning", "failure") == [], control
    assert world.finding not in findings(control, "notice"), f"the control has the finding already\n{control}"

    world.scenario.provoke(world)

    result = world.verify()
    assert (result.json["verdict"], result.status) == (verdict, status), result
    noticed = set(findings(control, "notice"))
    weighty = WEIGHT[WEIGHT.index(severity):]
    assert set(findings(result, *weighty)) - noticed == {world.finding}, result
    assert severity in {f["severity"] for f in result.json["findings"] if f["id"] == world.finding}, result
    if verdict == "fail":
        assert result.json["next_step"], result
    if hasattr(world.scenario, "afterwards"):
        world.scenario.afterwards(world)
    record_property("fault", f"{world.finding}: {faults.sentence(world.scenario)}")
    explained = world.lifeboat("explain", world.finding)
    assert explained.status == 0 and world.finding in explained.stdout


def test_every_fault_is_in_the_document():
    assert faults.DOCUMENT.read_text() == faults.document(), "run scripts/reference"
