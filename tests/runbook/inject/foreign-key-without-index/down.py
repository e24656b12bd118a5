# SPDX-License-Identifier: PostgreSQL
world.config.pop("fk_index_size")
