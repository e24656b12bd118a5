# SPDX-License-Identifier: PostgreSQL
world.config.pop("temp_bytes")
