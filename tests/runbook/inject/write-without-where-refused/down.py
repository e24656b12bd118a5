# SPDX-License-Identifier: PostgreSQL
world.config.pop("error_window", None)
world.clear_service()
