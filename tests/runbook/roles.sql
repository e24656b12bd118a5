-- SPDX-License-Identifier: PostgreSQL
-- The cluster's roles: app_owner has what Supabase gives its role postgres, lifeboat only looks.
create role app_owner login createdb createrole bypassrls replication;
grant pg_monitor, pg_read_all_data, pg_signal_backend to app_owner;
create role lifeboat login bypassrls;
grant pg_monitor, pg_read_all_data to lifeboat;
create role anon nologin;
create role authenticated nologin;
create role service_role nologin bypassrls;
create role voice_agent login bypassrls connection limit 15 password 'app-secret';
grant service_role to voice_agent;
create role break_glass login superuser password 'sealed-secret' valid until 'infinity';
grant anon, authenticated, service_role to app_owner with admin option;
create database app owner app_owner template template0;
\c app
alter schema public owner to app_owner;
