# SPDX-License-Identifier: PostgreSQL
world.sql("drop function public.merge_contacts(uuid, uuid)")
