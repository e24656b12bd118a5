# SPDX-License-Identifier: PostgreSQL
world.clear_service()  # the bucket was copied
