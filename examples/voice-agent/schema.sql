-- SPDX-License-Identifier: PostgreSQL
-- A voice-agent SaaS: organizations whose AI agents answer the telephone, book appointments and look things up.
--
--     psql -v ON_ERROR_STOP=1 -d app -f schema.sql -f data.sql
--
-- Runs on PostgreSQL 13 and later, on Supabase too (as postgres, into an empty project). Needs the contrib extensions pg_trgm
-- and btree_gist; embeddings are vector(1536) where pgvector is installed and real[] where it is not.

\set ON_ERROR_STOP 1
SET client_min_messages = warning;

BEGIN;

-- Roles belong to the cluster and may be there already.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'anon') THEN
        CREATE ROLE anon NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'authenticated') THEN
        CREATE ROLE authenticated NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') THEN
        CREATE ROLE service_role NOLOGIN BYPASSRLS;
    END IF;
END
$$;

CREATE SCHEMA IF NOT EXISTS extensions;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA extensions;
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA extensions;
SET LOCAL search_path = public, extensions;

-- Who is asking: the claims of the request's JSON web token, as PostgREST sets them.
CREATE SCHEMA IF NOT EXISTS app;

CREATE FUNCTION app.claims() RETURNS jsonb
    LANGUAGE sql STABLE
    AS $$ SELECT coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb $$;

CREATE FUNCTION app.current_user_id() RETURNS uuid
    LANGUAGE sql STABLE
    AS $$ SELECT nullif(app.claims() ->> 'sub', '')::uuid $$;

CREATE FUNCTION app.current_organization_id() RETURNS uuid
    LANGUAGE sql STABLE
    AS $$ SELECT nullif(app.claims() #>> '{app_metadata,organization_id}', '')::uuid $$;

CREATE FUNCTION app.touch() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;

CREATE DOMAIN app.phone_number AS text CHECK (VALUE ~ '^\+[1-9][0-9]{6,14}$');

CREATE TYPE app.plan AS ENUM ('trial', 'starter', 'growth', 'enterprise');
CREATE TYPE app.member_role AS ENUM ('owner', 'admin', 'member', 'viewer');
CREATE TYPE app.appointment_status AS ENUM ('scheduled', 'confirmed', 'completed', 'cancelled', 'no_show');
CREATE TYPE app.call_status AS ENUM ('queued', 'ringing', 'in_progress', 'completed', 'failed', 'no_answer', 'busy');
CREATE TYPE app.job_status AS ENUM ('queued', 'running', 'done', 'failed', 'dead');

-- The seven critical tables -------------------------------------------------------------------------------------------

CREATE TABLE organizations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    plan app.plan NOT NULL DEFAULT 'trial',
    time_zone text NOT NULL DEFAULT 'UTC',
    monthly_minutes integer NOT NULL DEFAULT 100 CHECK (monthly_minutes >= 0),
    settings jsonb NOT NULL DEFAULT '{}',
    stripe_customer_id text UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);
COMMENT ON TABLE organizations IS 'Tenants. Every other row belongs to exactly one.';

CREATE TABLE profiles (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    email text NOT NULL CHECK (email LIKE '%_@_%'),
    full_name text NOT NULL,
    role app.member_role NOT NULL DEFAULT 'member',
    preferences jsonb NOT NULL DEFAULT '{}',
    last_seen_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX profiles_email_key ON profiles (lower(email));
CREATE INDEX profiles_organization_id_idx ON profiles (organization_id);

CREATE TABLE agents (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name text NOT NULL,
    provider_agent_id text UNIQUE,
    phone_number app.phone_number UNIQUE,
    voice text NOT NULL DEFAULT 'alloy',
    language text NOT NULL DEFAULT 'en-US',
    prompt text NOT NULL,
    tools text[] NOT NULL DEFAULT '{}',
    temperature numeric(3, 2) NOT NULL DEFAULT 0.40 CHECK (temperature BETWEEN 0 AND 2),
    active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, name)
);
CREATE INDEX agents_active_idx ON agents (organization_id) WHERE active;

CREATE TABLE contacts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    first_name text NOT NULL,
    last_name text NOT NULL,
    search_name text GENERATED ALWAYS AS (lower(first_name || ' ' || last_name)) STORED,
    phone_number app.phone_number NOT NULL,
    email text,
    tags text[] NOT NULL DEFAULT '{}',
    notes text,
    custom_fields jsonb NOT NULL DEFAULT '{}',
    consent_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, phone_number)
);
CREATE INDEX contacts_search_name_idx ON contacts USING gin (search_name gin_trgm_ops);
CREATE INDEX contacts_tags_idx ON contacts USING gin (tags);

CREATE SEQUENCE appointment_number_seq START 1000;

CREATE TABLE appointments (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    number bigint NOT NULL UNIQUE DEFAULT nextval('appointment_number_seq'),
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    agent_id uuid NOT NULL REFERENCES agents (id) ON DELETE RESTRICT,
    contact_id uuid NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    status app.appointment_status NOT NULL DEFAULT 'scheduled',
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    title text NOT NULL,
    notes text,
    calendar_event_id text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT appointments_length_check CHECK (ends_at > starts_at AND ends_at - starts_at <= interval '8 hours'),
    CONSTRAINT appointments_no_double_booking EXCLUDE USING gist (agent_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
        WHERE (status IN ('scheduled', 'confirmed'))
);
ALTER SEQUENCE appointment_number_seq OWNED BY appointments.number;
CREATE INDEX appointments_organization_starts_idx ON appointments (organization_id, starts_at);
CREATE INDEX appointments_contact_id_idx ON appointments (contact_id);
CREATE UNIQUE INDEX appointments_calendar_event_key ON appointments (calendar_event_id) WHERE calendar_event_id IS NOT NULL;

CREATE TABLE call_logs (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    agent_id uuid NOT NULL REFERENCES agents (id) ON DELETE RESTRICT,
    contact_id uuid REFERENCES contacts (id) ON DELETE SET NULL,
    provider_call_id text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    status app.call_status NOT NULL,
    from_number app.phone_number NOT NULL,
    to_number app.phone_number NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    duration_seconds integer CHECK (duration_seconds >= 0),
    cost_usd numeric(10, 4),
    summary text,
    transcript text,
    analysis jsonb,
    recording_url text,
    PRIMARY KEY (id, started_at),
    CHECK (ended_at IS NULL OR ended_at >= started_at)
) PARTITION BY RANGE (started_at);

-- One partition a month; a nightly job makes the next one (see app.make_call_partition).
CREATE FUNCTION app.make_call_partition(month date) RETURNS text
    LANGUAGE plpgsql
    AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    partition text := 'call_logs_' || to_char(first, 'YYYY_MM');
BEGIN
    EXECUTE format('CREATE TABLE IF NOT EXISTS public.%I PARTITION OF public.call_logs FOR VALUES FROM (%L) TO (%L)',
                   partition, first::text || ' 00:00:00+00', (first + interval '1 month')::date::text || ' 00:00:00+00');
    -- PostgREST can reach a partition by its own name: it needs row security of its own, and no policy means no rows.
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', partition);
    RETURN partition;
END
$$;

CREATE INDEX call_logs_organization_started_idx ON call_logs (organization_id, started_at DESC);
CREATE INDEX call_logs_contact_id_idx ON call_logs (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX call_logs_provider_call_id_idx ON call_logs (provider_call_id);

DO $$ BEGIN PERFORM app.make_call_partition(m::date) FROM generate_series('2026-01-01'::date, '2026-07-01', '1 month') AS m; END $$;
CREATE TABLE call_logs_default PARTITION OF call_logs DEFAULT;
ALTER TABLE call_logs_default ENABLE ROW LEVEL SECURITY;

CREATE TABLE knowledge_base_chunks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    agent_id uuid REFERENCES agents (id) ON DELETE CASCADE,
    document text NOT NULL,
    chunk_index integer NOT NULL CHECK (chunk_index >= 0),
    content text NOT NULL,
    content_tokens tsvector GENERATED ALWAYS AS (to_tsvector('english', content)) STORED,
    token_count integer NOT NULL CHECK (token_count > 0),
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, document, chunk_index)
);
SELECT count(*) > 0 AS has_vector FROM pg_available_extensions WHERE name = 'vector' \gset
\if :has_vector
CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA extensions;
ALTER TABLE knowledge_base_chunks ADD COLUMN embedding vector(1536);
CREATE INDEX knowledge_base_chunks_embedding_idx ON knowledge_base_chunks USING hnsw (embedding vector_cosine_ops);
\else
ALTER TABLE knowledge_base_chunks ADD COLUMN embedding real[]
    CONSTRAINT knowledge_base_chunks_embedding_check CHECK (array_length(embedding, 1) = 1536);
\endif
CREATE INDEX knowledge_base_chunks_tokens_idx ON knowledge_base_chunks USING gin (content_tokens);

-- Around them -----------------------------------------------------------------------------------------------------------

CREATE TABLE integrations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    provider text NOT NULL CHECK (provider IN ('vapi', 'twilio', 'google_calendar', 'slack', 'stripe', 'hubspot')),
    status text NOT NULL DEFAULT 'connected' CHECK (status IN ('connected', 'expired', 'revoked', 'error')),
    credentials bytea NOT NULL,
    scopes text[] NOT NULL DEFAULT '{}',
    token_expires_at timestamptz,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, provider)
);
COMMENT ON COLUMN integrations.credentials IS 'Encrypted by the application; the key is not in this database.';

CREATE TABLE watch_channels (
    channel_id text PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    integration_id uuid NOT NULL REFERENCES integrations (id) ON DELETE CASCADE,
    resource_id text NOT NULL,
    calendar_id text NOT NULL DEFAULT 'primary',
    sync_token text,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX watch_channels_expires_at_idx ON watch_channels (expires_at);

CREATE TABLE webhook_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id uuid REFERENCES organizations (id) ON DELETE CASCADE,
    source text NOT NULL CHECK (source IN ('vapi', 'twilio', 'google_calendar', 'stripe')),
    event_id text NOT NULL,
    event_type text NOT NULL,
    payload jsonb NOT NULL,
    status text NOT NULL DEFAULT 'received' CHECK (status IN ('received', 'processed', 'failed', 'ignored')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    last_error text,
    received_at timestamptz NOT NULL DEFAULT now(),
    processed_at timestamptz,
    CONSTRAINT webhook_events_once UNIQUE (source, event_id)
);
CREATE INDEX webhook_events_waiting_idx ON webhook_events (received_at) WHERE status IN ('received', 'failed');

CREATE TABLE jobs (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    organization_id uuid REFERENCES organizations (id) ON DELETE CASCADE,
    queue text NOT NULL DEFAULT 'default',
    kind text NOT NULL,
    payload jsonb NOT NULL DEFAULT '{}',
    status app.job_status NOT NULL DEFAULT 'queued',
    run_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 5,
    locked_by text,
    locked_at timestamptz,
    finished_at timestamptz,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (attempts BETWEEN 0 AND max_attempts),
    CHECK ((status = 'running') = (locked_by IS NOT NULL))
);
CREATE INDEX jobs_ready_idx ON jobs (queue, run_at) WHERE status = 'queued';

CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    organization_id uuid,
    actor uuid,
    action text NOT NULL,
    table_name text NOT NULL,
    row_id text,
    before jsonb,
    after jsonb
);
CREATE INDEX audit_log_organization_at_idx ON audit_log (organization_id, at DESC);

CREATE TABLE schema_migrations (
    version text PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- Views, functions, triggers ----------------------------------------------------------------------------------------------

CREATE VIEW upcoming_appointments WITH (security_barrier) AS
    SELECT a.id, a.organization_id, a.number, a.starts_at, a.title, g.name AS agent, c.first_name, c.last_name, c.phone_number
    FROM appointments a
    JOIN agents g ON g.id = a.agent_id
    JOIN contacts c ON c.id = a.contact_id
    WHERE a.status IN ('scheduled', 'confirmed');

CREATE MATERIALIZED VIEW organization_usage AS
    SELECT organization_id, date_trunc('month', started_at AT TIME ZONE 'UTC')::date AS month, count(*) AS calls,
           ceil(coalesce(sum(duration_seconds), 0) / 60.0)::integer AS minutes, coalesce(sum(cost_usd), 0) AS cost_usd
    FROM call_logs
    GROUP BY organization_id, 2
    WITH NO DATA;
CREATE UNIQUE INDEX organization_usage_key ON organization_usage (organization_id, month);

CREATE FUNCTION minutes_left(organization uuid, on_day date) RETURNS integer
    LANGUAGE sql STABLE
    AS $$
    SELECT o.monthly_minutes - coalesce(u.minutes, 0)
    FROM public.organizations o
    LEFT JOIN public.organization_usage u ON u.organization_id = o.id AND u.month = date_trunc('month', on_day)::date
    WHERE o.id = organization
$$;

-- A worker takes the oldest job that is due; a second one never gets the same.
CREATE FUNCTION claim_job(worker text, from_queue text DEFAULT 'default') RETURNS SETOF jobs
    LANGUAGE sql
    AS $$
    UPDATE public.jobs SET status = 'running', locked_by = worker, locked_at = now(), attempts = attempts + 1
    WHERE id = (SELECT id FROM public.jobs
                WHERE queue = from_queue AND status = 'queued' AND run_at <= now() AND attempts < max_attempts
                ORDER BY run_at FOR UPDATE SKIP LOCKED LIMIT 1)
    RETURNING *
$$;

CREATE FUNCTION app.audit() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = ''
    AS $$
DECLARE
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - 'credentials' END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - 'credentials' END;
    whose jsonb := coalesce(new_row, old_row);
BEGIN
    INSERT INTO public.audit_log (organization_id, actor, action, table_name, row_id, before, after)
    VALUES (coalesce(whose ->> 'organization_id', whose ->> 'id')::uuid, app.current_user_id(), lower(TG_OP), TG_TABLE_NAME,
            whose ->> 'id', old_row, new_row);
    RETURN NULL;
END
$$;

CREATE TRIGGER organizations_touch BEFORE UPDATE ON organizations FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER profiles_touch BEFORE UPDATE ON profiles FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER agents_touch BEFORE UPDATE ON agents FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER contacts_touch BEFORE UPDATE ON contacts FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER appointments_touch BEFORE UPDATE ON appointments FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER integrations_touch BEFORE UPDATE ON integrations FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER organizations_audit AFTER UPDATE OR DELETE ON organizations FOR EACH ROW EXECUTE FUNCTION app.audit();
CREATE TRIGGER agents_audit AFTER UPDATE OR DELETE ON agents FOR EACH ROW EXECUTE FUNCTION app.audit();
CREATE TRIGGER integrations_audit AFTER UPDATE OR DELETE ON integrations FOR EACH ROW EXECUTE FUNCTION app.audit();

-- Row level security: a user sees the rows of the organization in the token -------------------------------------------------

ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE agents ENABLE ROW LEVEL SECURITY;
ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE appointments ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_logs ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge_base_chunks ENABLE ROW LEVEL SECURITY;
ALTER TABLE integrations ENABLE ROW LEVEL SECURITY;
ALTER TABLE watch_channels ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE schema_migrations ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_organization ON organizations FOR SELECT TO authenticated USING (id = app.current_organization_id());
CREATE POLICY own_organization ON profiles FOR SELECT TO authenticated USING (organization_id = app.current_organization_id());
CREATE POLICY own_profile ON profiles FOR UPDATE TO authenticated USING (id = app.current_user_id())
    WITH CHECK (organization_id = app.current_organization_id());
CREATE POLICY own_organization ON agents TO authenticated USING (organization_id = app.current_organization_id())
    WITH CHECK (organization_id = app.current_organization_id());
CREATE POLICY own_organization ON contacts TO authenticated USING (organization_id = app.current_organization_id())
    WITH CHECK (organization_id = app.current_organization_id());
CREATE POLICY own_organization ON appointments TO authenticated USING (organization_id = app.current_organization_id())
    WITH CHECK (organization_id = app.current_organization_id());
CREATE POLICY own_organization ON call_logs FOR SELECT TO authenticated USING (organization_id = app.current_organization_id());
CREATE POLICY own_organization ON knowledge_base_chunks FOR SELECT TO authenticated
    USING (organization_id = app.current_organization_id());
CREATE POLICY own_organization ON integrations FOR SELECT TO authenticated USING (organization_id = app.current_organization_id());
CREATE POLICY own_organization ON audit_log FOR SELECT TO authenticated USING (organization_id = app.current_organization_id());

GRANT USAGE ON SCHEMA public, app, extensions TO anon, authenticated, service_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO service_role;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO authenticated, service_role;
GRANT SELECT ON organizations, profiles, agents, call_logs, knowledge_base_chunks, audit_log TO authenticated;
GRANT UPDATE ON profiles TO authenticated;
GRANT INSERT, UPDATE, DELETE ON agents TO authenticated;
GRANT SELECT, INSERT, UPDATE, DELETE ON contacts, appointments TO authenticated;
GRANT SELECT (id, organization_id, provider, status, scopes, token_expires_at, last_error, created_at, updated_at)
    ON integrations TO authenticated;
REVOKE EXECUTE ON FUNCTION claim_job(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claim_job(text, text) TO service_role;

COMMIT;
