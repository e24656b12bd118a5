-- SPDX-License-Identifier: PostgreSQL
alter role voice_agent login valid until 'infinity';
