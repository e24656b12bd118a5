# SPDX-License-Identifier: PostgreSQL
# the cause was mended, a new backup was taken and verified
world.sql("insert into backup_verification_log (backup_id, backup_age_hours, backup_size_mb, status, checks_passed, checks_failed) "
          "values ('daily-new', 1, 412, 'success', 14, 0)")
