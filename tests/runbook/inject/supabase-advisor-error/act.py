# SPDX-License-Identifier: PostgreSQL
# the view was dropped
world.clear_service()
