# SPDX-License-Identifier: PostgreSQL
world.fault("/metrics", "status=404", "body=Not Found", "until=rollback")
