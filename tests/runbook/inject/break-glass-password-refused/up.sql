-- SPDX-License-Identifier: PostgreSQL
alter role break_glass password 'rotated-without-a-new-envelope';
