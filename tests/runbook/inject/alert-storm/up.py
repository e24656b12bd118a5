# SPDX-License-Identifier: PostgreSQL
world.log(90, 120, "level=error", "msg=calendar watch renewal failed", "fingerprint=calendar-renew-403", "provider=google_calendar")
