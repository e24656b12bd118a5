# SPDX-License-Identifier: PostgreSQL
world.log(2, 60, "level=debug", "msg=calling rest: apikey sb_secret_Zk3v8Qw1Lr7Tt2Yx")
