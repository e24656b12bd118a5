# SPDX-License-Identifier: PostgreSQL
world.fault("/metrics", "rate process_cpu_seconds_total=0.99", "until=restart")
