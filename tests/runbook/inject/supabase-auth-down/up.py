# SPDX-License-Identifier: PostgreSQL
world.fault("out:/supabase/v1/projects/abcdefghijklmnopqrst/health", 'set 0.status="UNHEALTHY"', "set 0.healthy=false")
