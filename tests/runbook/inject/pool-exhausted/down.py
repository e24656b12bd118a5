# SPDX-License-Identifier: PostgreSQL
world.close_sessions()
world.config.pop("pool_idle_age")
world.clear_service()
