# SPDX-License-Identifier: PostgreSQL
world.log(60, 200, "level=warn", "msg=unauthorized", "route=/api/admin/users", "status=403", "duration_ms=3", "client_ip=198.51.100.23")
