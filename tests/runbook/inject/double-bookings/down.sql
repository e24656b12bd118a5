-- SPDX-License-Identifier: PostgreSQL
delete from appointments where title = 'Walk-in';
