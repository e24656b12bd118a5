-- SPDX-License-Identifier: PostgreSQL
alter role break_glass password 'sealed-secret';
