# SPDX-License-Identifier: PostgreSQL
# the new key is in place
with open(os.path.join(world.service_dir, "vapi_key"), "w", encoding="utf-8") as file:
    file.write("vapi-new\n")
