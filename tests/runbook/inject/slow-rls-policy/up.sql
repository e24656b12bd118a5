-- SPDX-License-Identifier: PostgreSQL
drop policy own_organization on contacts;
create policy own_organization on contacts to authenticated
    using (organization_id = (current_setting('request.jwt.claims', true)::jsonb #>> '{app_metadata,organization_id}')::uuid);
