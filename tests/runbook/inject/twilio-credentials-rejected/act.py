# SPDX-License-Identifier: PostgreSQL
# the new token is in place
with open(os.path.join(world.service_dir, "twilio_basic"), "w", encoding="utf-8") as file:
    file.write("bmV3\n")
