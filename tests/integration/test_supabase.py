# SPDX-License-Identifier: PostgreSQL
"""A Supabase-shaped database restored on PostgreSQL as it is: no unexplained error, every row there, and what was not tested is said."""
import os
import re
import tempfile

import pytest

from supabase import source

LONG = ("--max-age", "100000d", "--min-size", "1kB")
SECRETS = ("f0reign-pw", "v4ult-value", "SCRAM-SHA-256")
FORMS = {
    "custom": lambda s, path: s.dump(path, "-Fc"),
    "script": lambda s, path: s.dump(path),
    "cluster": lambda s, path: s.dumpall(path),  # what the dashboard gives
    "application": lambda s, path: s.dump(path, "-Fc", *[f"--exclude-schema={schema}" for schema in PLATFORM_SCHEMAS]),
}
# As `supabase db dump` leaves them out.
PLATFORM_SCHEMAS = ("auth", "storage", "extensions", "graphql", "graphql_public", "vault", "pgsodium", "realtime", "supabase_functions",
                    "supabase_migrations", "cron", "net")


@pytest.fixture(scope="module")
def platform():
    with tempfile.TemporaryDirectory(prefix="lbsupabase-") as folder:
        os.chmod(folder, 0o755)  # the server is somebody else when root runs this
        with source.Source(folder) as running:
            yield running


@pytest.fixture(scope="module")
def dumps(platform, tmp_path_factory):
    folder = tmp_path_factory.mktemp("dumps")
    return {form: make(platform, folder / form) for form, make in FORMS.items()}


@pytest.fixture(scope="module")
def live_counts(platform):
    """Of every table that pg_dump writes, by counting."""
    connection = platform.database.connect(role="supabase_admin")
    with connection.cursor() as cursor:
        cursor.execute("SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace"
                       " WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema') AND (NOT EXISTS (SELECT FROM"
                       " pg_depend WHERE objid = c.oid AND deptype = 'e') OR c.oid = ANY (SELECT unnest(extconfig) FROM pg_extension))")
        names = [name for name, in cursor.fetchall()]
        counts = {}
        for name in names:
            cursor.execute(f"SELECT count(*) FROM ONLY {name}")
            counts[name] = cursor.fetchone()[0]
    connection.close()
    counts["extensions.spatial_ref_sys"] = 0  # its rows come with the extension, and pg_dump leaves them there
    assert counts["public.knowledge_base_chunks"] == 200 and counts["vault.secrets"] == 2 and counts["cron.job"] == 2
    return counts


def check(result, identifier):
    return next(c for c in result.json["checks"] if c["id"] == identifier)


def untested(result):
    return "\n".join(f"{entry['what']}: {entry['why']}" for entry in result.json["not_tested"])


def prove(lifeboat, path, *arguments):
    result = lifeboat("verify", path, "--restore", "--json", *LONG, *arguments)
    assert not [word for word in SECRETS if word in result.stdout], "a report holds a secret"
    return result


@pytest.mark.parametrize("form", ["custom", "script", "cluster"])
def test_restored_without_an_unexplained_error(lifeboat, platform, dumps, live_counts, form):
    result = prove(lifeboat, dumps[form], "--against", platform.conninfo, "--digests")
    assert result.json["restore"]["errors"]["real"] == 0, result
    assert not [f for f in result.json["findings"] if f["severity"] != "notice"], result
    assert result.json["verdict"] == "pass" and result.json["proof_level"] >= 4, result
    counts = {f"{t['schema']}.{t['name']}": t["rows"] for t in result.json["inventory"]["tables"] if t["kind"] == "r"}
    assert counts == live_counts, result
    # rows and content of every one of them came back
    tables = len(live_counts)
    assert check(result, "copy")["observed"].startswith(f"{tables} tables: rows of {tables}, content of {tables};"), result


@pytest.mark.parametrize("form", ["custom", "script", "cluster"])
def test_what_was_not_tested_is_said(lifeboat, dumps, form):
    result = prove(lifeboat, dumps[form])
    said = untested(result)
    for extension in ("vector", "postgis", "pg_cron", "pg_net", "pg_graphql", "pgsodium", "pgjwt", "supabase_vault"):
        assert f"extension {extension}" in said, (extension, result)
        assert extension in result.json["restore"]["absent_extensions"], result
    for wanted in ("public.chunks_embedding_idx", "public.chunks_small_idx", "public.nearest_pairs", "match_chunks", "vault.secrets",
                   "cron.job", "pgrst_ddl_watch", "supabase_realtime", "from_elsewhere", "warehouse", "tell_crm", "orders_elsewhere"):
        assert wanted in said, (wanted, result)
    assert {"vector", "halfvec", "geometry"} <= set(re.findall(r"\w+", result.json["restore"]["stand_ins"])), result
    if form == "cluster":  # what locks every login out where the platform's libraries are missing
        assert "session_preload_libraries" in said, result


def test_a_dump_of_the_application_alone_finds_the_platform_in_place(lifeboat, dumps):
    """Without auth, extensions and the like: policies call auth.uid(), columns are of extensions.vector, rows refer to auth.users."""
    result = prove(lifeboat, dumps["application"])
    errors = [f for f in result.json["findings"] if f["id"] == "restore-failed"]
    # a foreign key into a schema that the dump leaves out cannot be made, and nothing excuses that
    assert [re.search(r'relation "([^"]+)"', f["message"]).group(1) for f in errors] == ["auth.users"], result
    assert "auth.uid()" in untested(result), result


def test_a_lost_policy_is_no_consequence(lifeboat, platform, tmp_path):
    """The control: a statement that fails for no reason we know is unexplained, among all the explained ones."""
    text = platform.dump(tmp_path / "app.sql").read_text()
    broken = text.replace("USING ((id = auth.uid()))", "USING ((id = auth.nobody()))")
    assert broken != text
    (tmp_path / "broken.sql").write_text(broken)
    result = prove(lifeboat, tmp_path / "broken.sql")
    assert result.status == 1 and result.json["restore"]["errors"]["real"] == 1, result
    assert "function auth.nobody() does not exist" in next(f for f in result.json["findings"] if f["id"] == "restore-failed")["message"]


RULE = """[explain nobody]
message = function auth\\.nobody\\(\\) does not exist
{reason}

[target t]
path = {path}
min_size = 1kB
max_age = 100000d
proof = serving
"""


def test_a_rule_of_ones_own_explains_with_a_reason_only(lifeboat, platform, tmp_path):
    text = platform.dump(tmp_path / "app.sql").read_text()
    (tmp_path / "broken.sql").write_text(text.replace("USING ((id = auth.uid()))", "USING ((id = auth.nobody()))"))
    lifeboat.configure(RULE.format(path=tmp_path / "broken.sql", reason="reason = that function is made by the deployment"))
    explained = lifeboat("verify", "--target", "t", "--json")
    assert explained.json["restore"]["errors"]["real"] == 0 and explained.json["restore"]["errors"]["user"] == 1, explained
    assert "that function is made by the deployment" in explained.stdout, explained
    for reason in ("", "reason =", "reason =   "):
        lifeboat.configure(RULE.format(path=tmp_path / "broken.sql", reason=reason))
        refused = lifeboat("verify", "--target", "t")
        assert refused.status == 78 and "explain rule nobody has no reason" in refused.stderr, refused
    lifeboat.configure(RULE.format(path=tmp_path / "broken.sql", reason="reason = x").replace("message = function auth", "message = (auth"))
    assert lifeboat("verify", "--target", "t").status == 78
