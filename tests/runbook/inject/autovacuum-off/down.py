# SPDX-License-Identifier: PostgreSQL
world.setting(autovacuum=None)
