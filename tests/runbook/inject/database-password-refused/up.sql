-- SPDX-License-Identifier: PostgreSQL
alter role voice_agent password 'somebody-rotated-it';
