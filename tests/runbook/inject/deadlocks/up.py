# SPDX-License-Identifier: PostgreSQL
first, second = world.session(), world.session()
ids = [row[0] for row in world.sql("select id from contacts order by id limit 2")]
for _ in range(5):
    first.cursor().execute("update contacts set notes = 'a' where id = %s", [ids[0]])
    second.cursor().execute("update contacts set notes = 'b' where id = %s", [ids[1]])

    def work():
        try:
            first.cursor().execute("update contacts set notes = 'a' where id = %s", [ids[1]])
        except Exception:
            pass
    import threading
    thread = threading.Thread(target=work)
    thread.start()
    try:
        second.cursor().execute("update contacts set notes = 'b' where id = %s", [ids[0]])
    except Exception:
        pass
    second.rollback()
    thread.join()
    first.rollback()
