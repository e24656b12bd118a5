-- SPDX-License-Identifier: PostgreSQL
create sequence invoice_number as integer owned by none;
select setval('invoice_number', 2000000000);
alter sequence invoice_number owner to app_owner;
