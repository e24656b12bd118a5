# SPDX-License-Identifier: PostgreSQL
import datetime
at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=8)
world.fault("/version", f'set deployed_at="{at.isoformat()}"', "until=rollback")
world.log(15, 120, "level=error", "msg=TypeError: slots.map is not a function", "route=/api/slots", "status=500", "duration_ms=9")
