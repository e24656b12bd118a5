# SPDX-License-Identifier: PostgreSQL
world.log(12, 120, "level=error", "msg=upstream timed out", "route=/api/reports", "status=504", "duration_ms=60000")
