# SPDX-License-Identifier: PostgreSQL
world.fault("out:/supabase/rest/v1/", "status=402", 'body={"message": "Service for this project is restricted due to the following violations: exceed_egress_quota."}')
