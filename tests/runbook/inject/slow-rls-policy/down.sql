-- SPDX-License-Identifier: PostgreSQL
drop policy own_organization on contacts;
create policy own_organization on contacts to authenticated using (organization_id = app.current_organization_id())
    with check (organization_id = app.current_organization_id());
