# SPDX-License-Identifier: PostgreSQL
world.log(9, 120, "level=warn", "msg=bad webhook secret", "route=/webhooks/vapi", "status=401", "duration_ms=2", "client_ip=44.229.228.186")
