-- SPDX-License-Identifier: PostgreSQL
-- Made-up rows for schema.sql: the same ones every time on the same PostgreSQL version.
--
--     psql -v ON_ERROR_STOP=1 -v scale=1 -d app -f data.sql
--
-- scale 1 (the default) makes about 240,000 rows and 100 MB; any fraction or multiple works. Ids are hashes of what they stand
-- for, instants count back from the evening of 30 June 2026.

\set ON_ERROR_STOP 1
\if :{?scale}
\else
    \set scale 1
\endif

BEGIN;
SET LOCAL search_path = public, extensions;
SET LOCAL client_min_messages = warning;
SET LOCAL timezone = 'UTC';
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SELECT setseed(0.42) \g /dev/null

-- How many of what. Never fewer than a handful, so that a small copy still has a row everywhere.
CREATE TEMPORARY TABLE make ON COMMIT DROP AS
    SELECT greatest(5, round(60 * :scale))::int AS organizations, greatest(12, round(480 * :scale))::int AS profiles,
           greatest(8, round(150 * :scale))::int AS agents, greatest(60, round(45000 * :scale))::int AS contacts,
           greatest(40, round(26000 * :scale))::int AS appointments, greatest(120, round(120000 * :scale))::int AS calls,
           greatest(10, round(2000 * :scale))::int AS chunks, greatest(20, round(9000 * :scale))::int AS jobs,
           greatest(20, round(18000 * :scale))::int AS webhooks, greatest(20, round(20000 * :scale))::int AS audits,
           '2026-06-30 18:00:00+00'::timestamptz AS evening;

CREATE FUNCTION pg_temp.id(kind text, n bigint) RETURNS uuid
    LANGUAGE sql IMMUTABLE AS $$ SELECT md5(kind || ':' || n)::uuid $$;

-- A contact of the same organization as the agent.
CREATE FUNCTION pg_temp.contact_of(agent int, n int, organizations int, contacts int) RETURNS int
    LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(nullif(agent % organizations, 0), organizations) + organizations * (n % (contacts / organizations)) $$;

CREATE FUNCTION pg_temp.pick(choices text[]) RETURNS text
    LANGUAGE sql VOLATILE AS $$ SELECT choices[1 + floor(random() * array_length(choices, 1))::int] $$;

-- Plain-looking speech: sentences of everyday words, two speakers in turn.
CREATE TEMPORARY TABLE sentence ON COMMIT DROP AS
    SELECT array_agg(pg_temp.pick('{Hello,"Yes, of course","Let me check",Thank you,"One moment please","I see",Great}') || ', '
        || pg_temp.pick('{the appointment,your account,the technician,our office,your invoice,my daughter,the new address}') || ' '
        || pg_temp.pick('{is confirmed for,can be moved to,was changed to,is not available on,starts at,needs a reply by}') || ' '
        || pg_temp.pick('{Monday at nine,Tuesday afternoon,next Wednesday,Friday morning,noon tomorrow,"a quarter to six, €20 extra"}')
        || ', reference ') AS said
    FROM generate_series(1, 100) AS n;

CREATE FUNCTION pg_temp.speech(sentences int) RETURNS text
    LANGUAGE sql VOLATILE AS $$
    SELECT string_agg(said[1 + floor(random() * 100)::int] || to_hex(floor(random() * 1048576)::int) || '.',
                      CASE WHEN i % 2 = 0 THEN E'\nCaller: ' ELSE E'\nAgent: ' END)
    FROM sentence, generate_series(1, sentences) AS i $$;

-- Calls quote from a pool of conversations, each cut elsewhere.
CREATE TEMPORARY TABLE conversation ON COMMIT DROP AS
    SELECT number, 'Agent: ' || pg_temp.speech(10) AS said FROM generate_series(0, 2999) AS number;
CREATE UNIQUE INDEX ON conversation (number);
ANALYZE conversation;

INSERT INTO schema_migrations (version, name, applied_at)
SELECT to_char(at, 'YYYYMMDDHH24MISS'), name, at
FROM unnest(ARRAY['create_organizations', 'create_profiles', 'create_agents', 'create_contacts', 'create_appointments',
                  'create_call_logs', 'partition_call_logs_by_month', 'create_knowledge_base', 'add_embeddings',
                  'create_integrations', 'create_watch_channels', 'create_webhook_events', 'make_webhooks_idempotent',
                  'create_jobs', 'create_audit_log', 'enable_row_level_security', 'policies_by_organization',
                  'no_double_booking', 'organization_usage', 'search_contacts_by_trigram']) WITH ORDINALITY AS m (name, n),
     LATERAL (SELECT '2025-11-03 09:12:41+00'::timestamptz + n * interval '9 days 3 hours 17 minutes' AS at) AS t;

INSERT INTO organizations (id, name, slug, plan, time_zone, monthly_minutes, settings, stripe_customer_id, created_at, updated_at)
SELECT pg_temp.id('organization', n),
       pg_temp.pick('{Harbour,Northwind,Maple Street,Bright,Old Mill,Lakeside,Café Zoë &,Summit,Évora,Green Door}') || ' '
           || pg_temp.pick('{Dental,Physiotherapy,Law,Motors,Plumbing,Veterinary Clinic,Hair,Realty,Accounting,Opticians}'),
       'org-' || n, (ARRAY['trial', 'starter', 'starter', 'growth', 'enterprise']::app.plan[])[1 + n % 5],
       pg_temp.pick('{Europe/London,Europe/Berlin,America/New_York,America/Los_Angeles,Australia/Sydney}'),
       (ARRAY[100, 500, 500, 2500, 20000])[1 + n % 5],
       jsonb_build_object('recording', n % 3 <> 0, 'greeting', pg_temp.speech(1), 'opening_hours', jsonb_build_object('mon-fri', '08:00-18:00')),
       'cus_' || substr(md5('stripe' || n), 1, 14), evening - (200 + n) * interval '1 day', evening - n * interval '5 hours'
FROM make, generate_series(1, organizations) AS n;

INSERT INTO profiles (id, organization_id, email, full_name, role, preferences, last_seen_at, created_at, updated_at)
SELECT pg_temp.id('profile', n), pg_temp.id('organization', 1 + n % organizations),
       'user' || n || '@org-' || 1 + n % organizations || '.example',
       pg_temp.pick('{Ada,Bram,Chidi,Dolores,Emeka,Fatima,Goran,Hanako,Ines,Jürgen,Łukasz,Søren}') || ' '
           || pg_temp.pick('{Okafor,van der Berg,O''Brien,García,Nakamura,Müller,Nguyễn,Smith,Haddad,Petrov}'),
       (CASE WHEN n <= organizations THEN 'owner' WHEN n % 7 = 0 THEN 'admin' WHEN n % 11 = 0 THEN 'viewer' ELSE 'member' END)::app.member_role,
       jsonb_build_object('theme', pg_temp.pick('{light,dark}'), 'digest', n % 2 = 0),
       CASE WHEN n % 9 <> 0 THEN evening - random() * interval '20 days' END, evening - (190 + n % 30) * interval '1 day',
       evening - (n % 90) * interval '1 day'
FROM make, generate_series(1, profiles) AS n;

INSERT INTO agents (id, organization_id, name, provider_agent_id, phone_number, voice, language, prompt, tools, temperature, active,
                    created_at, updated_at)
SELECT pg_temp.id('agent', n), pg_temp.id('organization', 1 + n % organizations),
       pg_temp.pick('{Reception,After hours,Booking,Support,Reminders}') || ' ' || n, 'asst_' || substr(md5('asst' || n), 1, 20),
       '+1555' || lpad((2000000 + n)::text, 7, '0'), pg_temp.pick('{alloy,nova,echo,shimmer}'),
       pg_temp.pick('{en-US,en-GB,de-DE,es-ES}'),
       E'You answer the telephone.\n\nBe brief.\tNever promise a price.\n' || pg_temp.speech(4),
       CASE n % 3 WHEN 0 THEN '{}'::text[] WHEN 1 THEN '{book_appointment,lookup}' ELSE '{book_appointment,lookup,"transfer call"}' END,
       (20 + n % 60) / 100.0, n % 12 <> 0, evening - (180 - n % 60) * interval '1 day', evening - (n % 40) * interval '1 day'
FROM make, generate_series(1, agents) AS n;

INSERT INTO contacts (id, organization_id, first_name, last_name, phone_number, email, tags, notes, custom_fields, consent_at,
                      created_at, updated_at)
SELECT pg_temp.id('contact', n), pg_temp.id('organization', 1 + n % organizations),
       pg_temp.pick('{Amira,Ben,Carla,Dmitri,Eun-ji,Femi,Gaël,Hugo,Isla,José,Kateryna,Liam,Mei,Noor,Olga,Priya}'),
       pg_temp.pick('{Adeyemi,Becker,Costa,Dubois,Eriksson,Fernández,Goldberg,Horvat,Ivanova,Jansen,Kowalski,Lindqvist}'),
       '+44' || 7000000000 + n, CASE WHEN n % 4 <> 0 THEN 'contact' || n || '@mail.example' END,
       CASE n % 5 WHEN 0 THEN '{}'::text[] WHEN 1 THEN '{lead}' WHEN 2 THEN '{customer,vip}' ELSE '{customer}' END,
       CASE WHEN n % 6 = 0 THEN pg_temp.speech(2) END,
       CASE WHEN n % 3 = 0 THEN jsonb_build_object('source', pg_temp.pick('{web,referral,call}'), 'score', n % 100) ELSE '{}' END,
       CASE WHEN n % 8 <> 0 THEN evening - random() * interval '170 days' END, evening - random() * interval '175 days',
       evening - random() * interval '60 days'
FROM make, generate_series(1, contacts) AS n;

-- Slots are dealt out in turn: agent n % agents gets its k-th slot, six a day, so nobody is booked twice.
INSERT INTO appointments (id, organization_id, agent_id, contact_id, status, starts_at, ends_at, title, notes, calendar_event_id,
                          created_at, updated_at)
SELECT pg_temp.id('appointment', n), pg_temp.id('organization', 1 + agent % organizations),
       pg_temp.id('agent', agent), pg_temp.id('contact', pg_temp.contact_of(agent, n / agents + n, organizations, contacts)),
       (CASE WHEN starts < evening THEN (ARRAY['completed', 'completed', 'completed', 'cancelled', 'no_show'])[1 + n % 5]
             ELSE (ARRAY['scheduled', 'confirmed'])[1 + n % 2] END)::app.appointment_status,
       starts, starts + interval '30 minutes', pg_temp.pick('{Check-up,First visit,Follow-up,Consultation,Repair,Viewing}'),
       CASE WHEN n % 5 = 0 THEN pg_temp.speech(1) END, CASE WHEN n % 3 <> 0 THEN 'evt' || substr(md5('event' || n), 1, 22) END,
       starts - interval '6 days', starts - interval '2 days'
FROM make, generate_series(1, appointments) AS n,
     LATERAL (SELECT 1 + n % agents AS agent, date_trunc('day', evening) + interval '5 days 8 hours'
                     - (n / agents / 6) * interval '1 day' + (n / agents % 6) * interval '90 minutes' AS starts) AS slot;

INSERT INTO call_logs (id, organization_id, agent_id, contact_id, provider_call_id, direction, status, from_number, to_number,
                       started_at, ended_at, duration_seconds, cost_usd, summary, transcript, analysis, recording_url)
SELECT pg_temp.id('call', n), pg_temp.id('organization', 1 + agent % organizations), pg_temp.id('agent', agent),
       CASE WHEN n % 10 <> 0 THEN pg_temp.id('contact', contact) END, 'call_' || md5('provider' || n),
       CASE WHEN outbound THEN 'outbound' ELSE 'inbound' END, status, CASE WHEN outbound THEN ours ELSE theirs END,
       CASE WHEN outbound THEN theirs ELSE ours END, started, CASE WHEN seconds IS NOT NULL THEN started + seconds * interval '1 second' END,
       seconds, round(seconds * 0.0018, 4),
       CASE WHEN status = 'completed' THEN 'Call ' || n || ': ' || substr(said, 8, 60) END,
       CASE WHEN status = 'completed' AND n % 2 = 0 THEN left(said, 150 + n * 31 % 500) || E'\nAgent: Goodbye.' END,
       CASE WHEN status = 'completed' AND n % 5 = 0
            THEN jsonb_build_object('sentiment', pg_temp.pick('{positive,neutral,negative}'), 'booked', n % 3 = 0) END,
       CASE WHEN status = 'completed' AND n % 3 <> 0 THEN 'https://recordings.example/' || md5('provider' || n) || '.wav' END
FROM make, generate_series(1, calls) AS n JOIN conversation ON number = n * 7919::bigint % 3000,
     LATERAL (SELECT 1 + n % agents AS agent, n % 4 = 0 AS outbound, evening - (calls - n) * (interval '175 days' / calls) AS started) AS a,
     LATERAL (SELECT pg_temp.contact_of(agent, n / agents + n, organizations, contacts) AS contact) AS b,
     LATERAL (SELECT (ARRAY['completed', 'completed', 'completed', 'completed', 'completed', 'completed', 'no_answer', 'busy', 'failed',
                            'completed']::app.call_status[])[1 + (n + n / agents) % 10] AS status,
                     '+44' || 7000000000 + contact AS theirs, '+1555' || lpad((2000000 + agent)::text, 7, '0') AS ours) AS c,
     LATERAL (SELECT CASE WHEN status = 'completed' THEN 15 + (n::bigint * 7919) % 900 WHEN status = 'failed' THEN 0 END::int AS seconds) AS d;

INSERT INTO knowledge_base_chunks (id, organization_id, agent_id, document, chunk_index, content, token_count, metadata, created_at, embedding)
SELECT pg_temp.id('chunk', n), pg_temp.id('organization', 1 + n % organizations), NULL, 'handbook-' || n / organizations / 20 || '.pdf',
       n / organizations % 20, pg_temp.speech(6), 90 + n % 40, jsonb_build_object('page', n % 40), evening - (n % 150) * interval '1 day',
       (SELECT array_agg((random() - 0.5)::real) FROM generate_series(1, 1536 + n - n))
FROM make, generate_series(1, chunks) AS n;

INSERT INTO integrations (id, organization_id, provider, status, credentials, scopes, token_expires_at, last_error, created_at, updated_at)
SELECT pg_temp.id('integration', o * 10 + p), pg_temp.id('organization', o), (ARRAY['vapi', 'twilio', 'google_calendar', 'slack'])[p],
       CASE WHEN o % 13 = 0 AND p = 3 THEN 'expired' ELSE 'connected' END,
       decode(md5('secret' || o * 10 + p) || md5('more' || o * 10 + p), 'hex'),
       CASE WHEN p = 3 THEN '{calendar.events,calendar.readonly}' ELSE '{}'::text[] END, evening + (o % 50 + 1) * interval '1 hour',
       CASE WHEN o % 13 = 0 AND p = 3 THEN 'invalid_grant: Token has been expired or revoked.' END, evening - interval '120 days',
       evening - (o % 30) * interval '1 hour'
FROM make, generate_series(1, organizations) AS o, generate_series(1, 4) AS p
WHERE (o + p) % 7 <> 0;

INSERT INTO watch_channels (channel_id, organization_id, integration_id, resource_id, sync_token, expires_at, created_at)
SELECT 'channel-' || md5(id::text), organization_id, id, md5('resource' || id::text), substr(md5('sync' || id::text), 1, 16),
       updated_at + interval '6 days', updated_at
FROM integrations
WHERE provider = 'google_calendar'
ORDER BY id;

INSERT INTO webhook_events (organization_id, source, event_id, event_type, payload, status, attempts, last_error, received_at, processed_at)
SELECT pg_temp.id('organization', 1 + n % organizations), source, 'evt_' || md5('webhook' || n), type,
       jsonb_build_object('type', type, 'call', 'call_' || md5('provider' || n), 'n', n, 'text', CASE WHEN n % 4 = 0 THEN pg_temp.speech(2) END),
       CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'processed' END, CASE WHEN n % 50 = 0 THEN 3 ELSE 1 END,
       CASE WHEN n % 50 = 0 THEN 'timeout after 10000 ms' END, received, CASE WHEN n % 50 <> 0 THEN received + interval '140 milliseconds' END
FROM make, generate_series(1, webhooks) AS n,
     LATERAL (SELECT (ARRAY['vapi', 'vapi', 'twilio', 'google_calendar', 'stripe'])[1 + n % 5] AS source,
                     (ARRAY['end-of-call-report', 'status-update', 'message.delivered', 'sync', 'invoice.paid'])[1 + n % 5] AS type,
                     evening - (webhooks - n) * (interval '30 days' / webhooks) AS received) AS a;

INSERT INTO jobs (organization_id, queue, kind, payload, status, run_at, attempts, finished_at, last_error, created_at)
SELECT pg_temp.id('organization', 1 + n % organizations), (ARRAY['default', 'calls', 'mail'])[1 + n % 3],
       (ARRAY['send_reminder', 'summarize_call', 'send_mail', 'sync_calendar'])[1 + n % 4], jsonb_build_object('n', n), status, run,
       CASE status WHEN 'queued' THEN 0 WHEN 'dead' THEN 5 ELSE 1 END, CASE WHEN status <> 'queued' THEN run + interval '2 seconds' END,
       CASE WHEN status = 'dead' THEN 'provider answered 500' END, run - interval '1 minute'
FROM make, generate_series(1, jobs) AS n,
     LATERAL (SELECT (CASE WHEN n > jobs - greatest(3, jobs / 100) THEN 'queued' WHEN n % 400 = 0 THEN 'dead' ELSE 'done' END)::app.job_status AS status,
                     evening - (jobs - n) * (interval '14 days' / jobs) AS run) AS a;

INSERT INTO audit_log (at, organization_id, actor, action, table_name, row_id, before, after)
SELECT evening - (audits - n) * (interval '170 days' / audits), pg_temp.id('organization', 1 + n % organizations),
       CASE WHEN n % 5 <> 0 THEN pg_temp.id('profile', 1 + n % profiles) END, (ARRAY['update', 'update', 'insert', 'delete'])[1 + n % 4],
       (ARRAY['agents', 'integrations', 'organizations'])[1 + n % 3], pg_temp.id('agent', 1 + n % agents)::text,
       jsonb_build_object('active', n % 2 = 0), jsonb_build_object('active', n % 2 = 1, 'note', pg_temp.pick('{manual,import,api}'))
FROM make, generate_series(1, audits) AS n;

COMMIT;

REFRESH MATERIALIZED VIEW organization_usage;
ANALYZE;
