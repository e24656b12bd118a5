-- SPDX-License-Identifier: PostgreSQL
alter database app set default_transaction_read_only = on;
