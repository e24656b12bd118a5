# SPDX-License-Identifier: PostgreSQL
world.fault("out:/storage/object/*", "status=404", 'body={"statusCode": "404", "error": "not_found", "message": "Object not found"}')
