# SPDX-License-Identifier: PostgreSQL
world.close_sessions()
world.config.pop("idle_transaction_age")
