-- SPDX-License-Identifier: PostgreSQL
alter role voice_agent password 'app-secret';
