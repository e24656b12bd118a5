# SPDX-License-Identifier: PostgreSQL
# a new token is in place
with open(world.config["supabase_token_file"], "w", encoding="utf-8") as file:
    file.write("sbp_new")
