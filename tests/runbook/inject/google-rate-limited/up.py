# SPDX-License-Identifier: PostgreSQL
world.log(14, 120, "level=warn", "msg=calendar: 403 rateLimitExceeded", "organization=org-%d", "provider=google_calendar")
