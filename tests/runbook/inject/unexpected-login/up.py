# SPDX-License-Identifier: PostgreSQL
world.sql("create role contractor login")
world.session(user="contractor", application_name="pgAdmin 4").autocommit = True
