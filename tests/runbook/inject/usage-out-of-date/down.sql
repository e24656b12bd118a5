-- SPDX-License-Identifier: PostgreSQL
delete from call_logs where provider_call_id like 'call_unbilled_%';
refresh materialized view organization_usage;
