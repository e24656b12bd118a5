# SPDX-License-Identifier: PostgreSQL
world.fault("out:/sentry/api/0/projects/org/app/issues/", 'body=[{"id": "5120", "title": "TypeError: Cannot read properties of undefined", "culprit": "bookSlot", "userCount": 4}]')
