-- SPDX-License-Identifier: PostgreSQL
insert into contacts (organization_id, first_name, last_name, phone_number, email, created_at)
select organization_id, first_name, last_name, ('+4999' || substr(phone_number::text, 4))::app.phone_number, upper(email), now() from contacts where email is not null order by id limit 3;
