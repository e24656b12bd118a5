# SPDX-License-Identifier: PostgreSQL
world.config.pop("denial_window", None)
world.clear_service()
