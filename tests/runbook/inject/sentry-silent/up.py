# SPDX-License-Identifier: PostgreSQL
world.fault("out:/sentry/api/42/envelope/", "status=429", 'body={"detail": "Sentry dropped data due to a quota or internal rate limit being reached."}', "header=Retry-After: 60")
