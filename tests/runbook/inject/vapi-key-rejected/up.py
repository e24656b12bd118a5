# SPDX-License-Identifier: PostgreSQL
world.fault("out:/vapi/assistant", "expect_header=Authorization: Bearer vapi-new")
