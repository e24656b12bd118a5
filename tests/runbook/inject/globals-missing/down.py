# SPDX-License-Identifier: PostgreSQL
pass  # the new file stays; the folder is thrown away
