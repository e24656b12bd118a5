# SPDX-License-Identifier: PostgreSQL
world.control("certificate", "90")
time.sleep(0.5)
