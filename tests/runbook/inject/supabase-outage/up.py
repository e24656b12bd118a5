# SPDX-License-Identifier: PostgreSQL
world.fault("out:/supabase/v1/projects/abcdefghijklmnopqrst/health", 'set 1.status="UNHEALTHY"', "set 1.healthy=false")
