# SPDX-License-Identifier: PostgreSQL
pass  # the new dump stays; the folder is thrown away
