# SPDX-License-Identifier: PostgreSQL
world.sql("insert into schema_migrations (version, name, applied_at) values (to_char(now(), 'YYYYMMDDHH24MISS'), 'rename_contact_columns', now() - interval '10 minutes')")
world.log("40", "120", "level=error", "msg=column contacts.full_name does not exist", "route=/api/contacts", "status=500", "duration_ms=31", 'client_ip="192.0.2.10"')
