# SPDX-License-Identifier: PostgreSQL
world.fault("/metrics", "set nodejs_eventloop_lag_p99_seconds=0.91", "rate process_cpu_seconds_total=0.99", "until=restart")
