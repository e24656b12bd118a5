# SPDX-License-Identifier: PostgreSQL
world.fault("app:*", "drop=1")
world.fault("out:*", "drop=1")
