# SPDX-License-Identifier: PostgreSQL
world.config["call_setup_limit"] = "1s"
world.fault("/vapi/assistant-request", "delay=1.2", "until=restart")
