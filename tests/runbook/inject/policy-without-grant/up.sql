-- SPDX-License-Identifier: PostgreSQL
revoke select on contacts from authenticated;
