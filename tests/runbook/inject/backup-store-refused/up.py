# SPDX-License-Identifier: PostgreSQL
world.fault("out:/backups/", "status=403", "body=<Error><Code>AccessDenied</Code></Error>")
