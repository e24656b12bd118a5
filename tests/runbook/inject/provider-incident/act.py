# SPDX-License-Identifier: PostgreSQL
# the incident is over
world.clear_service()
