# SPDX-License-Identifier: PostgreSQL
world.config.pop("restart_window", None)
world.clear_service()
