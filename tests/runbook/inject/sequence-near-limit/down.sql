-- SPDX-License-Identifier: PostgreSQL
drop sequence invoice_number;
