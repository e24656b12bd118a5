# SPDX-License-Identifier: PostgreSQL
# Supabase has ended the transition
world.clear_service()
