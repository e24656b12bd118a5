# SPDX-License-Identifier: PostgreSQL
world.setting(archive_command=None)
