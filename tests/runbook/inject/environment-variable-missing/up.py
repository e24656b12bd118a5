# SPDX-License-Identifier: PostgreSQL
world.fault("/readyz", "status=503", 'set status="unavailable"', 'set missing_environment=["VAPI_WEBHOOK_SECRET"]', "until=reload")
