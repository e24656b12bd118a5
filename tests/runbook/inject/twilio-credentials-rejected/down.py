# SPDX-License-Identifier: PostgreSQL
with open(os.path.join(world.service_dir, "twilio_basic"), "w", encoding="utf-8") as file:
    file.write("QUMwMDp0d2lsaW8tc2VjcmV0\n")
world.clear_service()
