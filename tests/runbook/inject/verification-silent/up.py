# SPDX-License-Identifier: PostgreSQL
world.sql("delete from backup_verification_log where verified_at > now() - interval '26 hours'")
world.config["verification_start"] = ("psql -Xqc \"insert into backup_verification_log (backup_id, backup_age_hours, backup_size_mb, status, checks_passed, "
                                      "checks_failed) values ('daily-now', 3, 412, 'success', 14, 0)\"")
