# SPDX-License-Identifier: PostgreSQL
world.fault("out:/supabase/v1/projects/abcdefghijklmnopqrst/config/disk/util", "set metrics.fs_avail_bytes=400000")
