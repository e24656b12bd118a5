# SPDX-License-Identifier: PostgreSQL
# a new webhook was made
world.clear_service()
