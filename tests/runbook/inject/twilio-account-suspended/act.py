# SPDX-License-Identifier: PostgreSQL
# funds were added
world.clear_service()
