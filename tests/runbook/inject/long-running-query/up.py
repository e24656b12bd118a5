# SPDX-License-Identifier: PostgreSQL
world.config["long_query_age"] = "1s"
world.hold("select count(*) from generate_series(1, 10000000000) as g", application_name="metabase")
time.sleep(1.3)
