# SPDX-License-Identifier: PostgreSQL
world.fault("*", "drop=1", "until=restart")
