# SPDX-License-Identifier: PostgreSQL
world.log(20, 120, "level=error", "msg=request failed", "route=/api/appointments", "status=500", "duration_ms=31")
