# SPDX-License-Identifier: PostgreSQL
world.clear_service()  # the disk was enlarged in the dashboard
