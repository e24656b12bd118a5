# SPDX-License-Identifier: PostgreSQL
world.config.pop("slow_mean")
world.config.pop("slow_calls")
