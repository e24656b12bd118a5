-- SPDX-License-Identifier: PostgreSQL
CREATE SCHEMA cron;
CREATE SEQUENCE cron.jobid_seq;
CREATE TABLE cron.job (jobid bigint PRIMARY KEY DEFAULT nextval('cron.jobid_seq'), schedule text NOT NULL, command text NOT NULL,
    nodename text DEFAULT 'localhost', nodeport integer DEFAULT 5432, database text DEFAULT current_database(),
    username text DEFAULT current_user, active boolean DEFAULT true, jobname text);
ALTER TABLE cron.job ENABLE ROW LEVEL SECURITY;
CREATE POLICY cron_job_policy ON cron.job USING (username = current_user);
CREATE TABLE cron.job_run_details (jobid bigint, runid bigint PRIMARY KEY, status text);
CREATE FUNCTION cron.schedule(job_name text, schedule text, command text) RETURNS bigint LANGUAGE sql AS
    $$INSERT INTO cron.job (jobname, schedule, command) VALUES ($1, $2, $3) RETURNING jobid$$;
SELECT pg_catalog.pg_extension_config_dump('cron.job', '');
SELECT pg_catalog.pg_extension_config_dump('cron.jobid_seq', '');
SELECT pg_catalog.pg_extension_config_dump('cron.job_run_details', '');
