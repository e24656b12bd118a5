# SPDX-License-Identifier: PostgreSQL
for _ in range(15):
    world.session(user="voice_agent", application_name="leaky-web").autocommit = True
