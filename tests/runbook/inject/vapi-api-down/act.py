# SPDX-License-Identifier: PostgreSQL
# Vapi has recovered
world.clear_service()
