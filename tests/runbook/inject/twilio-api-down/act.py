# SPDX-License-Identifier: PostgreSQL
# Twilio has recovered
world.clear_service()
