# SPDX-License-Identifier: PostgreSQL
pass  # the new dump is the newest; the folder is thrown away
