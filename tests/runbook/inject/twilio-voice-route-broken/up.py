# SPDX-License-Identifier: PostgreSQL
world.fault("/twilio/voice", "status=500", "body=Internal Server Error", "until=rollback")
