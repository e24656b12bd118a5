# SPDX-License-Identifier: PostgreSQL
world.fault("out:/twilio/2010-04-01/*", "expect_header=Authorization: Basic bmV3")
