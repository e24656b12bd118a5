# SPDX-License-Identifier: PostgreSQL
world.clear_service()  # support has restarted the archiver
