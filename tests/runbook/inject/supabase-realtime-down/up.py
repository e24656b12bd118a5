# SPDX-License-Identifier: PostgreSQL
world.fault("out:/supabase/v1/projects/abcdefghijklmnopqrst/health", 'set 3.status="UNHEALTHY"', "set 3.healthy=false")
