# SPDX-License-Identifier: PostgreSQL
world.log(2, 300, "level=error", "msg=row of another tenant in an answer", "event=tenant_mismatch", "user=user3@org-1.example", "route=/api/contacts")
