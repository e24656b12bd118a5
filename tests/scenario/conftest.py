# SPDX-License-Identifier: PostgreSQL
"""The small database that scenarios with a restore begin with, and the table of what was provoked."""
import pathlib

import pytest

FOLDER = pathlib.Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def small_template(server):
    made = server.create("small_template")
    made.psql(FOLDER / "small.sql")
    return made


@pytest.fixture
def small(server, small_template):
    """The database of small.sql, the test's own, dropped after it."""
    made = server.create(template=small_template.name)
    yield made
    made.drop()
