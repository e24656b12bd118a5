# SPDX-License-Identifier: PostgreSQL
world.clear_service()  # the VPN was up again
