-- SPDX-License-Identifier: PostgreSQL
alter database app refresh collation version;
