# SPDX-License-Identifier: PostgreSQL
world.sql("revoke create on schema public from public", user="app_owner")
