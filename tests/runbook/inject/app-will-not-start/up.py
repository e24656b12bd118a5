# SPDX-License-Identifier: PostgreSQL
world.fault("*", "drop=1", "until=rollback")
world.log(5, 120, "level=fatal", "msg=Error: Cannot find module './routes/calls'")
