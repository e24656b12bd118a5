-- SPDX-License-Identifier: PostgreSQL
alter table agents disable trigger user;
