-- SPDX-License-Identifier: PostgreSQL
alter role break_glass valid until 'yesterday';
