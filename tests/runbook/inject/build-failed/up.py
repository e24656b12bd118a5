# SPDX-License-Identifier: PostgreSQL
world.fault("out:/ci/*", 'set workflow_runs.0.conclusion="failure"')
