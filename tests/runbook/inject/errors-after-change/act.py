# SPDX-License-Identifier: PostgreSQL
world.clear_service()  # the former release runs, five minutes pass
