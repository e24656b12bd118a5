# SPDX-License-Identifier: PostgreSQL
world.config["prepared_age"] = "1s"
session = world.session(user="postgres")
session.cursor().execute("update organizations set settings = settings where id = (select min(id::text)::uuid from organizations)")
session.cursor().execute("prepare transaction 'billing-4711'")
time.sleep(1.2)
