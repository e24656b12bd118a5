# SPDX-License-Identifier: PostgreSQL
world.fault("/api/service-key-check", "status=200", 'body={"role": "service_role"}', "until=reload")
