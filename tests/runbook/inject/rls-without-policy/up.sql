-- SPDX-License-Identifier: PostgreSQL
drop policy own_organization on contacts;
