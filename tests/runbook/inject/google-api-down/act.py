# SPDX-License-Identifier: PostgreSQL
# Google has recovered
world.clear_service()
