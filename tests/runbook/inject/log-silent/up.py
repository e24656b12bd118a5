# SPDX-License-Identifier: PostgreSQL
import datetime
import json
path = os.path.join(world.service_dir, "app.log")
old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=40)
with open(path, "w", encoding="utf-8") as file:
    file.write(json.dumps({"time": old.isoformat(), "level": "info", "msg": "request", "route": "/api/calls", "status": 200}) + "\n")
