# SPDX-License-Identifier: PostgreSQL
world.fault("out:/slack/*", "status=404", "body=no_service")
