# SPDX-License-Identifier: PostgreSQL
world.sql("create function public.merge_contacts(a uuid, b uuid) returns void language sql security definer as $$ select $$", user="app_owner")
