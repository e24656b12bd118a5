-- SPDX-License-Identifier: PostgreSQL
alter role break_glass login valid until 'infinity';
