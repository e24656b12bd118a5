# SPDX-License-Identifier: PostgreSQL
world.config.pop("xid_age_limit")
