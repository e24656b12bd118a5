# SPDX-License-Identifier: PostgreSQL
world.fault("/api/cache", "set oldest_entry_seconds=86400", "set expected_generation=9", "until=reload")
