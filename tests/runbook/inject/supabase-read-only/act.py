# SPDX-License-Identifier: PostgreSQL
world.clear_service()  # the disk was enlarged, the platform lifted the mode
