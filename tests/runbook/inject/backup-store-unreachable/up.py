# SPDX-License-Identifier: PostgreSQL
world.fault("out:/backups/", "drop=1")
