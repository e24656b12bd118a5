# SPDX-License-Identifier: PostgreSQL
world.fault("/version", 'set instances.1.release="2026.11.2"', "until=restart")
