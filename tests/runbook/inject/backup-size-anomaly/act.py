# SPDX-License-Identifier: PostgreSQL
# the job was mended and its next backup verified
world.sql("insert into backup_verification_log (backup_id, backup_age_hours, backup_size_mb, status, checks_passed, checks_failed) "
          "values ('daily-again', 1, 411, 'success', 14, 0)")
