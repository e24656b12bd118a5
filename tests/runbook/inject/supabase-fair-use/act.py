# SPDX-License-Identifier: PostgreSQL
# the plan was upgraded
world.clear_service()
