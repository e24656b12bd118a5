-- SPDX-License-Identifier: PostgreSQL
-- done-when: (SELECT count(*) = 10 FROM pg_attribute WHERE attrelid = to_regclass('backup_verification_log') AND NOT attisdropped AND attname IN ('id', 'verified_at', 'backup_id', 'backup_age_hours', 'backup_size_mb', 'status', 'checks_passed', 'checks_failed', 'error_details', 'created_at'))
--
-- The log of backup verifications, one row per run. Columns, types and CHECK are the agreed ones; what lifeboat adds
-- stands in the next migration.
--
-- Plain SQL that may be run any number of times: by `lifeboat migrate`, by `psql -f`, or pasted into Supabase's SQL editor.
-- The role needs CREATE on the schema, nothing more. PostgreSQL 13 or newer; on 12 and older gen_random_uuid() comes from
-- an extension, so run CREATE EXTENSION IF NOT EXISTS pgcrypto first.

CREATE TABLE IF NOT EXISTS backup_verification_log (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  verified_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
  backup_id TEXT NOT NULL,
  backup_age_hours INTEGER,
  backup_size_mb INTEGER,
  status TEXT CHECK (status IN ('success', 'warning', 'failure')),
  checks_passed INTEGER,
  checks_failed INTEGER,
  error_details JSONB,
  created_at TIMESTAMPTZ DEFAULT NOW()
);
