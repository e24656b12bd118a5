# SPDX-License-Identifier: PostgreSQL
world.config.pop("rate_window", None)
world.clear_service()
