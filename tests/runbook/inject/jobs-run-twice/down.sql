-- SPDX-License-Identifier: PostgreSQL
delete from jobs where payload ? 'appointment';
