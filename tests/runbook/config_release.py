# SPDX-License-Identifier: PostgreSQL
# What a healthy copy of the example is held to: sets `config`, the values of parameters that differ from their defaults. Run by matrix.py
# after each fresh start, with `world` and `os`.
migrations = os.path.join(world.service_dir, "migrations")
os.makedirs(migrations, exist_ok=True)
for name in os.listdir(migrations):
    os.unlink(os.path.join(migrations, name))
for version, name in world.sql("select version, name from schema_migrations"):
    open(os.path.join(migrations, f"{version}_{name}.sql"), "w").close()
tables = world.parameters["release_tables"].default
digest = world.sql(
    "select md5(string_agg(format('%%s.%%s %%s%%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), "
    "case when a.attnotnull then ' not null' else '' end), chr(10) order by c.relname collate \"C\", a.attname collate \"C\")) "
    "from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid "
    "where n.nspname = 'public' and c.relname = any (string_to_array(%s, ',')) and a.attnum > 0 and not a.attisdropped",
    ",".join(word.strip() for word in tables.split(",")))[0][0]
config = {
    "migrations_directory": migrations,
    "release_migration": world.sql("select max(version) from schema_migrations")[0][0],
    "release_objects": "public.call_logs,public.jobs,public.webhook_events",
    "schema_digest": digest,
    "known_roles": "postgres,app_owner,lifeboat,voice_agent,break_glass",
    "privileged_roles": "postgres,app_owner,lifeboat,voice_agent,break_glass,service_role",
}
