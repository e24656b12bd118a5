# SPDX-License-Identifier: PostgreSQL
# the quota was raised
world.clear_service()
