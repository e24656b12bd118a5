-- SPDX-License-Identifier: PostgreSQL
drop index if exists contacts_by_phone;
