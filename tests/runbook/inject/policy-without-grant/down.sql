-- SPDX-License-Identifier: PostgreSQL
grant select on contacts to authenticated;
