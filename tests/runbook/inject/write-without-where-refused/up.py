# SPDX-License-Identifier: PostgreSQL
world.log(2, 60, "level=warn", "msg=DELETE requires a WHERE clause", "code=21000", "route=/api/admin/cleanup", "status=400")
