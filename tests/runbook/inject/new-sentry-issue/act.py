# SPDX-License-Identifier: PostgreSQL
# the issue was resolved in Sentry
world.clear_service()
