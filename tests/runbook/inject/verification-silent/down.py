# SPDX-License-Identifier: PostgreSQL
world.config.pop("verification_start", None)
