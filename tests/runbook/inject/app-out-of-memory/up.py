# SPDX-License-Identifier: PostgreSQL
world.log(4, 300, "level=fatal", "msg=FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory")
