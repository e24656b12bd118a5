# SPDX-License-Identifier: PostgreSQL
pass
