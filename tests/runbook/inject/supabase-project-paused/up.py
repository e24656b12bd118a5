# SPDX-License-Identifier: PostgreSQL
world.fault("out:/supabase/v1/projects/abcdefghijklmnopqrst", 'set status="INACTIVE"', "until=restore")
world.fault("out:/supabase/rest/v1/", "status=540", 'body={"message": "Project paused"}', "until=restore")
