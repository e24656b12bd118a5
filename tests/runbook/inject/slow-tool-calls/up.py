# SPDX-License-Identifier: PostgreSQL
world.fault("/metrics", "set app_tool_call_duration_p95_seconds=3.4", "until=rollback")
