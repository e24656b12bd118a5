# SPDX-License-Identifier: PostgreSQL
# key revoked, code fixed, log cleaned
world.clear_service()
