# SPDX-License-Identifier: PostgreSQL
# the missing part was run
world.sql("create table call_notes (id uuid primary key)", user="app_owner")
