-- SPDX-License-Identifier: PostgreSQL
alter table contacts disable row level security;
