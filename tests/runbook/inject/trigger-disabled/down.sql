-- SPDX-License-Identifier: PostgreSQL
alter table agents enable trigger user;
