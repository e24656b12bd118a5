# SPDX-License-Identifier: PostgreSQL
world.config.pop("dashboard_limit")
