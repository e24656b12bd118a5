# SPDX-License-Identifier: PostgreSQL
for _ in range(33):
    world.session(application_name="leaky-worker").autocommit = True
