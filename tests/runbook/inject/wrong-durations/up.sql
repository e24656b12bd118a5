-- SPDX-License-Identifier: PostgreSQL
update call_logs set duration_seconds = duration_seconds * 1000 where provider_call_id like 'call_today_%';
