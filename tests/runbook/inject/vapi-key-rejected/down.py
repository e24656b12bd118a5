# SPDX-License-Identifier: PostgreSQL
with open(os.path.join(world.service_dir, "vapi_key"), "w", encoding="utf-8") as file:
    file.write("vapi-4f1c\n")
world.clear_service()
