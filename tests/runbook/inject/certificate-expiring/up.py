# SPDX-License-Identifier: PostgreSQL
world.control("certificate", "3")
time.sleep(0.5)
