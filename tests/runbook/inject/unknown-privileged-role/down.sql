-- SPDX-License-Identifier: PostgreSQL
drop role maintenance_x;
