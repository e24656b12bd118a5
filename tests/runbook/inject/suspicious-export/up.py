# SPDX-License-Identifier: PostgreSQL
world.log(12, 1200, "level=info", "msg=export", "route=/api/contacts/export", "status=200", "rows=5000", "user=user7@org-2.example", "client_ip=198.51.100.40")
