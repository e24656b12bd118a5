# SPDX-License-Identifier: PostgreSQL
world.close_sessions()
world.sql("drop role contractor")
