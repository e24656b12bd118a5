# SPDX-License-Identifier: PostgreSQL
world.config["idle_transaction_age"] = "1s"
session = world.session(application_name="DBeaver")
session.cursor().execute("update contacts set notes = notes where id = (select min(id::text)::uuid from contacts)")
time.sleep(1.2)
