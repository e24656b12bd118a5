# SPDX-License-Identifier: PostgreSQL
world.config["dashboard_limit"] = "1s"
world.fault("/api/dashboard", "delay=1.6", "until=restart")
