# SPDX-License-Identifier: PostgreSQL
world.config.pop("storm_window", None)
world.clear_service()
