# SPDX-License-Identifier: PostgreSQL
world.config.pop("password_window", None)
open(world.log_file, "w").close()
