# SPDX-License-Identifier: PostgreSQL
world.fault("out:/vapi/assistant", "status=503", 'body={"message": "Service Unavailable"}')
