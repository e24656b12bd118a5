-- SPDX-License-Identifier: PostgreSQL
alter table contacts enable row level security;
