# SPDX-License-Identifier: PostgreSQL
world.fault("/metrics", "set process_resident_memory_bytes=480e6", "until=restart")
