# SPDX-License-Identifier: PostgreSQL
world.fault("out:/supabase/v1/*", "expect_header=Authorization: Bearer sbp_new")
