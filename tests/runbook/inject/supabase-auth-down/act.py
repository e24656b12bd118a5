# SPDX-License-Identifier: PostgreSQL
# the tables were repaired
world.clear_service()
