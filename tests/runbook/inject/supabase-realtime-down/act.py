# SPDX-License-Identifier: PostgreSQL
# the project was restarted in the dashboard
world.clear_service()
