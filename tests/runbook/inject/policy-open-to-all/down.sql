-- SPDX-License-Identifier: PostgreSQL
drop policy if exists debug_read on contacts;
