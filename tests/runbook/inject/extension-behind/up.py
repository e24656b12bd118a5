# SPDX-License-Identifier: PostgreSQL
world.sql("create extension hstore version '1.7'", user="app_owner")
