-- SPDX-License-Identifier: PostgreSQL
-- the column was not wanted
alter table contacts drop column loyalty_points;
