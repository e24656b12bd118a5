# SPDX-License-Identifier: PostgreSQL
world.sql("grant create on schema public to public", user="app_owner")
