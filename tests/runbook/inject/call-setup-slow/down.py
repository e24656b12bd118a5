# SPDX-License-Identifier: PostgreSQL
world.config.pop("call_setup_limit")
world.clear_service()
