-- SPDX-License-Identifier: PostgreSQL
create policy debug_read on contacts for select to authenticated using (true);
