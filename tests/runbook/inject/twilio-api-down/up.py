# SPDX-License-Identifier: PostgreSQL
world.fault("out:/twilio/2010-04-01/*", "status=503", 'body={"code": 20503, "message": "Service unavailable"}')
