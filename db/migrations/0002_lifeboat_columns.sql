-- SPDX-License-Identifier: PostgreSQL
-- done-when: (SELECT count(*) = 12 FROM pg_attribute WHERE attrelid = to_regclass('backup_verification_log') AND NOT attisdropped AND attname IN ('run_id', 'target', 'verdict', 'proof_level', 'attested', 'started_at', 'backup_taken_at', 'backup_size_bytes', 'total_rows', 'tool_version', 'recorded_by', 'report')) AND (SELECT count(*) = 1 FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = to_regclass('backup_verification_log') AND i.indisunique AND i.indisvalid AND i.indnatts = 1 AND i.indpred IS NULL AND a.attname = 'run_id')
--
-- What lifeboat keeps beyond the agreed columns. Everything is additive and may be NULL, so rows of other writers stay valid.
-- run_id is unique: a run is delivered once, however often its delivery is tried.

ALTER TABLE backup_verification_log
  ADD COLUMN IF NOT EXISTS run_id UUID,
  ADD COLUMN IF NOT EXISTS target TEXT,
  ADD COLUMN IF NOT EXISTS verdict TEXT CHECK (verdict IN ('pass', 'warn', 'fail', 'unknown')),
  ADD COLUMN IF NOT EXISTS proof_level INTEGER CHECK (proof_level BETWEEN 0 AND 6),
  ADD COLUMN IF NOT EXISTS attested BOOLEAN,
  ADD COLUMN IF NOT EXISTS started_at TIMESTAMPTZ,
  ADD COLUMN IF NOT EXISTS backup_taken_at TIMESTAMPTZ,
  ADD COLUMN IF NOT EXISTS backup_size_bytes BIGINT,
  ADD COLUMN IF NOT EXISTS total_rows BIGINT,
  ADD COLUMN IF NOT EXISTS tool_version TEXT,
  ADD COLUMN IF NOT EXISTS recorded_by TEXT,
  ADD COLUMN IF NOT EXISTS report JSONB;

CREATE UNIQUE INDEX IF NOT EXISTS backup_verification_log_run_id ON backup_verification_log (run_id);
CREATE INDEX IF NOT EXISTS backup_verification_log_target_verified_at ON backup_verification_log (target, verified_at DESC);

-- Nobody but the owner, superusers and roles with BYPASSRLS (Supabase: postgres, service_role) sees a row until a policy
-- says otherwise. Supabase grants new tables in public to the roles behind its HTTP API; those grants are taken back as well.
ALTER TABLE backup_verification_log ENABLE ROW LEVEL SECURITY;
DO $$
DECLARE
  api_role TEXT;
BEGIN
  FOR api_role IN SELECT rolname FROM pg_roles WHERE rolname IN ('anon', 'authenticated') LOOP
    EXECUTE format('REVOKE ALL ON TABLE backup_verification_log FROM %I', api_role);
  END LOOP;
END
$$;

COMMENT ON TABLE backup_verification_log IS 'Backup verifications, one row per run, written by lifeboat';
COMMENT ON COLUMN backup_verification_log.verified_at IS 'When the verification finished';
COMMENT ON COLUMN backup_verification_log.backup_id IS 'Name of the backup; the path that was looked at when no backup could be opened there';
COMMENT ON COLUMN backup_verification_log.backup_age_hours IS 'Hours from the start of the dump to the verification, rounded up: 24 means no older than 24 h';
COMMENT ON COLUMN backup_verification_log.backup_size_mb IS 'Stored size in units of 1,000,000 bytes, rounded down; backup_size_bytes is exact';
COMMENT ON COLUMN backup_verification_log.status IS 'success: pass. warning: warn. failure: fail, and unknown (a check could not run)';
COMMENT ON COLUMN backup_verification_log.checks_passed IS 'Checks that ran and held (with or without a warning)';
COMMENT ON COLUMN backup_verification_log.checks_failed IS 'Checks that failed or could not run; checks nobody asked for are in neither number';
COMMENT ON COLUMN backup_verification_log.error_details IS 'Array of findings and of checks that could not run; NULL when there is none';
COMMENT ON COLUMN backup_verification_log.created_at IS 'When the row arrived here; later than verified_at when this database was down';
COMMENT ON COLUMN backup_verification_log.run_id IS 'Identity of the run (UUID version 7); the same in lifeboat log';
COMMENT ON COLUMN backup_verification_log.target IS 'Name of the target in the configuration, empty without one';
COMMENT ON COLUMN backup_verification_log.verdict IS 'pass, warn, fail or unknown';
COMMENT ON COLUMN backup_verification_log.proof_level IS '0 none, 1 listed, 2 decoded, 3 restored, 4 matching, 5 serving, 6 drilled';
COMMENT ON COLUMN backup_verification_log.attested IS 'Digests recorded when the backup was taken were found again';
COMMENT ON COLUMN backup_verification_log.recorded_by IS 'Host that ran the verification';
COMMENT ON COLUMN backup_verification_log.report IS 'The whole report, schema lifeboat.report/1';
