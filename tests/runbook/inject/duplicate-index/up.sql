-- SPDX-License-Identifier: PostgreSQL
set role app_owner;
create index contacts_by_phone on contacts (organization_id, phone_number);
