# SPDX-License-Identifier: PostgreSQL
world.fault("out:/supabase/v1/projects/abcdefghijklmnopqrst/database/backups",
            f"set physical_backup_data.latest_physical_backup_date_unix={int(time.time()) - 7200}")
