# SPDX-License-Identifier: PostgreSQL
world.config.pop("breach_window", None)
world.clear_service()
