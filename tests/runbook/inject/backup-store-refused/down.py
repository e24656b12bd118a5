# SPDX-License-Identifier: PostgreSQL
world.clear_service()
