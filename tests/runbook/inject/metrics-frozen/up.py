# SPDX-License-Identifier: PostgreSQL
world.fault("/metrics", f"set app_metrics_sampled_timestamp_seconds={time.time() - 3600}", "until=restart")
