# SPDX-License-Identifier: PostgreSQL
world.close_sessions()
world.config.pop("ddl_wait")
