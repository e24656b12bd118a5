# SPDX-License-Identifier: PostgreSQL
world.close_sessions()
