# SPDX-License-Identifier: PostgreSQL
world.config.pop("export_window", None)
world.clear_service()
