# SPDX-License-Identifier: PostgreSQL
world.log(120, 200, "level=warn", "msg=rate limited", "route=/api/contacts", "status=429", "duration_ms=1", "client_ip=203.0.113.9")
