# SPDX-License-Identifier: PostgreSQL
world.close_sessions()
world.config.pop("long_query_age")
