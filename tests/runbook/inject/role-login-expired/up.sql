-- SPDX-License-Identifier: PostgreSQL
alter role voice_agent valid until 'yesterday';
