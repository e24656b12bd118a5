-- SPDX-License-Identifier: PostgreSQL
-- A database as a Supabase project has it: the platform's roles, schemas, extensions, triggers and settings, and an application in it.
-- Run by a superuser in an empty database of a server that has the extensions of tests/supabase/extension.
CREATE ROLE anon NOLOGIN;
CREATE ROLE authenticated NOLOGIN;
CREATE ROLE service_role NOLOGIN BYPASSRLS;
CREATE ROLE authenticator LOGIN NOINHERIT;
CREATE ROLE dashboard_user CREATEDB CREATEROLE;
CREATE ROLE pgbouncer LOGIN;
CREATE ROLE supabase_auth_admin LOGIN CREATEROLE NOINHERIT;
CREATE ROLE supabase_storage_admin LOGIN CREATEROLE NOINHERIT;
CREATE ROLE supabase_functions_admin LOGIN CREATEROLE NOINHERIT;
CREATE ROLE supabase_realtime_admin NOINHERIT;
CREATE ROLE supabase_replication_admin LOGIN REPLICATION;
CREATE ROLE supabase_read_only_user LOGIN BYPASSRLS;
CREATE ROLE pgsodium_keyholder;
CREATE ROLE app_worker LOGIN;
GRANT anon, authenticated, service_role TO authenticator;
GRANT pg_read_all_data TO supabase_read_only_user;
ALTER ROLE anon SET statement_timeout = '3s';
ALTER ROLE authenticated SET statement_timeout = '8s';
ALTER ROLE authenticator SET session_preload_libraries = 'supautils', 'safeupdate';
ALTER ROLE authenticator SET lock_timeout = '8s';
ALTER ROLE supabase_auth_admin SET search_path = 'auth';
ALTER ROLE supabase_auth_admin SET idle_in_transaction_session_timeout = 60000;

CREATE SCHEMA auth AUTHORIZATION supabase_auth_admin;
CREATE SCHEMA storage AUTHORIZATION supabase_storage_admin;
CREATE SCHEMA extensions;
CREATE SCHEMA graphql;
CREATE SCHEMA graphql_public;
CREATE SCHEMA vault;
CREATE SCHEMA pgsodium;
CREATE SCHEMA realtime AUTHORIZATION supabase_realtime_admin;
CREATE SCHEMA supabase_functions AUTHORIZATION supabase_functions_admin;
CREATE SCHEMA supabase_migrations;
CREATE EXTENSION pgcrypto WITH SCHEMA extensions;
CREATE EXTENSION "uuid-ossp" WITH SCHEMA extensions;
CREATE EXTENSION pg_stat_statements WITH SCHEMA extensions;
CREATE EXTENSION pg_trgm WITH SCHEMA extensions;
CREATE EXTENSION vector WITH SCHEMA extensions;
CREATE EXTENSION postgis WITH SCHEMA extensions;
CREATE EXTENSION pgjwt WITH SCHEMA extensions;
CREATE EXTENSION pg_graphql WITH SCHEMA graphql;
CREATE EXTENSION pgsodium WITH SCHEMA pgsodium;
CREATE EXTENSION supabase_vault WITH SCHEMA vault;
CREATE EXTENSION pg_cron;
CREATE EXTENSION pg_net;
CREATE EXTENSION postgres_fdw WITH SCHEMA extensions;
COMMENT ON EXTENSION vector IS 'vector data type and access methods';

-- the platform
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS
    $$SELECT (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid$$;
CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE AS
    $$SELECT nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'$$;
ALTER FUNCTION auth.uid() OWNER TO supabase_auth_admin;
ALTER FUNCTION auth.role() OWNER TO supabase_auth_admin;
CREATE TABLE auth.users (id uuid PRIMARY KEY, email text, encrypted_password text, raw_user_meta_data jsonb, created_at timestamptz,
    confirmed_at timestamptz GENERATED ALWAYS AS (created_at) STORED);
CREATE TABLE auth.identities (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid NOT NULL REFERENCES auth.users ON DELETE CASCADE,
    provider text NOT NULL, identity_data jsonb NOT NULL);
CREATE TABLE auth.refresh_tokens (id bigserial PRIMARY KEY, token text UNIQUE, user_id uuid REFERENCES auth.users);
ALTER TABLE auth.users OWNER TO supabase_auth_admin;
ALTER TABLE auth.identities OWNER TO supabase_auth_admin;
ALTER TABLE auth.refresh_tokens OWNER TO supabase_auth_admin;
ALTER TABLE auth.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE auth.identities ENABLE ROW LEVEL SECURITY;
CREATE TABLE storage.buckets (id text PRIMARY KEY, name text NOT NULL UNIQUE, public boolean DEFAULT false);
CREATE TABLE storage.objects (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), bucket_id text REFERENCES storage.buckets, name text, owner uuid,
    metadata jsonb, path_tokens text[] GENERATED ALWAYS AS (string_to_array(name, '/')) STORED);
ALTER TABLE storage.buckets OWNER TO supabase_storage_admin;
ALTER TABLE storage.objects OWNER TO supabase_storage_admin;
ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_files ON storage.objects TO authenticated USING (owner = auth.uid());
CREATE TABLE realtime.messages (topic text, payload jsonb, inserted_at timestamp NOT NULL, id uuid DEFAULT gen_random_uuid())
    PARTITION BY RANGE (inserted_at);
CREATE TABLE realtime.messages_2026_11 PARTITION OF realtime.messages FOR VALUES FROM ('2026-11-01') TO ('2026-12-01');
CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text);
CREATE FUNCTION supabase_functions.http_request() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$BEGIN PERFORM net.http_post(TG_ARGV[0]); RETURN NEW; END$$;
CREATE FUNCTION extensions.pgrst_ddl_watch() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN NOTIFY pgrst, 'reload schema'; END$$;
CREATE EVENT TRIGGER pgrst_ddl_watch ON ddl_command_end EXECUTE FUNCTION extensions.pgrst_ddl_watch();
CREATE FUNCTION extensions.grant_pg_cron_access() RETURNS event_trigger LANGUAGE plpgsql AS
    $$BEGIN GRANT USAGE ON SCHEMA cron TO postgres WITH GRANT OPTION; END$$;
COMMENT ON FUNCTION extensions.grant_pg_cron_access() IS 'Grants access to pg_cron';
CREATE EVENT TRIGGER issue_pg_cron_access ON ddl_command_end WHEN TAG IN ('CREATE EXTENSION')
    EXECUTE FUNCTION extensions.grant_pg_cron_access();
CREATE PUBLICATION supabase_realtime;
CREATE SUBSCRIPTION from_elsewhere CONNECTION 'host=203.0.113.1 dbname=x password=f0reign-pw' PUBLICATION p WITH (connect = false, slot_name = NONE);
CREATE SERVER warehouse FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '203.0.113.2', dbname 'warehouse');
CREATE USER MAPPING FOR CURRENT_USER SERVER warehouse OPTIONS (user 'reader', password 'f0reign-pw');
GRANT USAGE ON FOREIGN SERVER warehouse TO service_role;
GRANT USAGE ON SCHEMA auth, storage, extensions, graphql, graphql_public, realtime, public TO anon, authenticated, service_role;
GRANT USAGE ON SCHEMA cron, net, vault TO service_role;
GRANT SELECT ON vault.decrypted_secrets TO service_role;
GRANT ALL ON FUNCTION net.http_post(text, jsonb) TO authenticated;
GRANT EXECUTE ON FUNCTION graphql.resolve(text), extensions.sign(json, text, text), cron.schedule(text, text, text) TO dashboard_user;
REVOKE ALL ON FUNCTION pgsodium.create_key(text) FROM PUBLIC;
GRANT SELECT ON pgsodium.key TO pgsodium_keyholder;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE supabase_storage_admin IN SCHEMA storage GRANT ALL ON TABLES TO service_role;

-- the application
CREATE TABLE public.organizations (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, settings jsonb DEFAULT '{}');
CREATE TABLE public.profiles (id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE, organization_id bigint NOT NULL REFERENCES public.organizations,
    full_name text);
CREATE TABLE public.knowledge_base_chunks (id bigserial PRIMARY KEY, organization_id bigint NOT NULL REFERENCES public.organizations, content text,
    embedding extensions.vector(1536), small extensions.halfvec(768), token_count integer);
CREATE TABLE public.places (id integer PRIMARY KEY, name text, at extensions.geometry);
CREATE FOREIGN TABLE public.orders_elsewhere (id integer, total numeric) SERVER warehouse OPTIONS (table_name 'orders');
GRANT SELECT ON public.orders_elsewhere TO authenticated;
CREATE INDEX chunks_embedding_idx ON public.knowledge_base_chunks USING hnsw (embedding extensions.vector_cosine_ops);
CREATE INDEX chunks_small_idx ON public.knowledge_base_chunks USING hnsw (small extensions.halfvec_cosine_ops);
COMMENT ON INDEX public.chunks_embedding_idx IS 'nearest neighbours';
CREATE INDEX chunks_content_idx ON public.knowledge_base_chunks USING gin (content extensions.gin_trgm_ops);
CREATE INDEX chunks_words_idx ON public.knowledge_base_chunks USING gin (to_tsvector('english', content));
CREATE FUNCTION public.match_chunks(query extensions.vector, wanted integer) RETURNS TABLE (id bigint, content text, similarity float8) LANGUAGE sql STABLE
    SET search_path = public, extensions AS
    $$SELECT id, content, 1 - (embedding <=> query) FROM public.knowledge_base_chunks ORDER BY embedding <=> query LIMIT wanted$$;
CREATE FUNCTION public.is_member(organization bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS
    $$SELECT EXISTS (SELECT FROM public.profiles WHERE id = auth.uid() AND organization_id = organization)$$;
CREATE VIEW public.chunk_sizes WITH (security_invoker = true) AS
    SELECT organization_id, count(*) AS chunks, sum(token_count) AS tokens FROM public.knowledge_base_chunks GROUP BY 1;
CREATE VIEW public.nearest_pairs AS
    SELECT a.id AS one, b.id AS other, a.embedding OPERATOR(extensions.<=>) b.embedding AS distance
    FROM public.knowledge_base_chunks AS a JOIN public.knowledge_base_chunks AS b ON a.id < b.id;
CREATE MATERIALIZED VIEW public.members AS SELECT organization_id, count(*) AS members FROM public.profiles GROUP BY 1;
CREATE FUNCTION public.handle_new_user() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS
    $$BEGIN INSERT INTO public.profiles (id, organization_id, full_name) VALUES (NEW.id, 1, NEW.raw_user_meta_data ->> 'full_name'); RETURN NEW; END$$;

INSERT INTO public.organizations (name) SELECT 'Organization ' || n FROM generate_series(1, 5) AS n;
INSERT INTO auth.users (id, email, encrypted_password, raw_user_meta_data, created_at)
    SELECT extensions.uuid_generate_v5(extensions.uuid_ns_dns(), n::text), 'user' || n || '@example.com', md5(n::text), jsonb_build_object('full_name', 'User ' || n),
           '2026-01-01'::timestamptz + n * interval '1 hour' FROM generate_series(1, 60) AS n;
INSERT INTO auth.identities (user_id, provider, identity_data) SELECT id, 'email', jsonb_build_object('sub', id) FROM auth.users;
INSERT INTO auth.refresh_tokens (token, user_id) SELECT md5(id::text), id FROM auth.users;
INSERT INTO public.profiles SELECT id, 1 + (row_number() OVER (ORDER BY id)) % 5, raw_user_meta_data ->> 'full_name' FROM auth.users;
INSERT INTO public.knowledge_base_chunks (organization_id, content, embedding, small, token_count)
    SELECT 1 + n % 5, 'chunk ' || n || E'\twith a tab', format('[%s,0.25,-1]', n)::extensions.vector, format('[0.5,%s]', n)::extensions.halfvec, n
    FROM generate_series(1, 200) AS n;
INSERT INTO public.places VALUES (1, 'Berlin', '0101000020E6100000CDCCCCCCCCCC2A400000000000404A40'), (2, 'nowhere', NULL);
INSERT INTO storage.buckets VALUES ('avatars', 'avatars', true), ('recordings', 'recordings', false);
INSERT INTO storage.objects (bucket_id, name, owner, metadata) SELECT 'recordings', 'calls/' || id || '.ogg', id, '{"size": 1}' FROM auth.users;
INSERT INTO realtime.messages SELECT 'room', '{}', '2026-11-05'::timestamp + n * interval '1 minute' FROM generate_series(1, 30) AS n;
INSERT INTO supabase_migrations.schema_migrations SELECT '2026010100000' || n, ARRAY['CREATE TABLE x ()'], 'step' FROM generate_series(1, 9) AS n;
SELECT cron.schedule('nightly', '0 3 * * *', 'SELECT net.http_post(''https://example.com/hook'')'), cron.schedule('hourly', '0 * * * *', 'SELECT 1');
SELECT vault.create_secret('v4ult-value', 'stripe'), vault.create_secret('more', 'twilio'), pgsodium.create_key('first');

REVOKE ALL ON public.members FROM anon, authenticated; -- a materialised view has no row-level security
ALTER TABLE public.places ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.knowledge_base_chunks ENABLE ROW LEVEL SECURITY;
CREATE POLICY members_read ON public.organizations FOR SELECT TO authenticated USING (public.is_member(id));
CREATE POLICY own_profile ON public.profiles TO authenticated USING (id = auth.uid()) WITH CHECK (id = auth.uid());
CREATE POLICY members_chunks ON public.knowledge_base_chunks FOR SELECT TO authenticated USING (public.is_member(organization_id));
CREATE POLICY service_chunks ON public.knowledge_base_chunks TO service_role USING (auth.role() = 'service_role');
CREATE TRIGGER on_auth_user_created AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION public.handle_new_user();
CREATE TRIGGER tell_crm AFTER INSERT ON public.organizations FOR EACH ROW
    EXECUTE FUNCTION supabase_functions.http_request('https://crm.example.com/hook', 'POST', '{}', '{}', '1000');
ALTER PUBLICATION supabase_realtime ADD TABLE public.organizations, public.profiles;
