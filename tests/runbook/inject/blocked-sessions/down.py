# SPDX-License-Identifier: PostgreSQL
world.close_sessions()
world.config.pop("lock_wait_age")
