# SPDX-License-Identifier: PostgreSQL
world.fault("out:/google/calendar/*", "status=503", 'body={"error": {"code": 503, "errors": [{"reason": "backendError"}]}}')
