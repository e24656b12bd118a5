# SPDX-License-Identifier: PostgreSQL
with open(world.config["supabase_token_file"], "w", encoding="utf-8") as file:
    file.write("sbp_test")
world.clear_service()
