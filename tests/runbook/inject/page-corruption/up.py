# SPDX-License-Identifier: PostgreSQL
path = world.sql("select pg_relation_filepath('audit_log')")[0][0]
world.sql("checkpoint")
world.stop()
with open(os.path.join(world.data, path), "r+b") as file:
    file.seek(8192 + 4000)
    file.write(b"\xde\xad\xbe\xef" * 16)
world.start()
try:
    world.sql("select count(before) from audit_log")
except Exception as error:
    assert "invalid page" in str(error)
