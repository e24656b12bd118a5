# SPDX-License-Identifier: PostgreSQL
pass  # the resolution has started it; a second start would fail
