# SPDX-License-Identifier: PostgreSQL
session = world.session(application_name="postgrest", options="-c statement_timeout=50ms")
session.autocommit = True
for _ in range(6):
    try:
        session.cursor().execute("select pg_sleep(1)")
    except Exception:
        pass
