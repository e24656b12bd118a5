# SPDX-License-Identifier: PostgreSQL
world.config["pool_idle_age"] = "0s"
world.fault("/metrics", "set app_pool_waiting_requests=23", "until=restart")
for _ in range(12):
    world.session(user="voice_agent", application_name="voice-agent").cursor().execute("select 1")
