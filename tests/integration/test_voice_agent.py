# SPDX-License-Identifier: PostgreSQL
"""The example database: loaded, alive, and the same every time."""

import postgres

CRITICAL = ["organizations", "profiles", "agents", "appointments", "contacts", "call_logs", "knowledge_base_chunks"]


def test_critical_tables_have_rows(voice_agent):
    for table in CRITICAL:
        assert voice_agent.value(f"SELECT count(*) FROM {table}") > 0, table


def test_row_security_shows_one_organization(voice_agent):
    organization, contacts = voice_agent.sql(
        "SELECT organization_id, count(*) FROM contacts GROUP BY 1 ORDER BY 1 LIMIT 1")[0]
    total = voice_agent.value("SELECT count(*) FROM contacts")
    claims = '{"app_metadata": {"organization_id": "%s"}}' % organization
    seen = voice_agent.sql("BEGIN; SET LOCAL ROLE authenticated; SELECT set_config('request.jwt.claims', %s, true);"
                           "SELECT count(*) FROM contacts", claims)[0][0]
    assert seen == contacts < total
    assert voice_agent.sql("BEGIN; SET LOCAL ROLE authenticated; SELECT count(*) FROM contacts")[0][0] == 0


def test_appointments_stay_inside_an_organization(voice_agent):
    assert voice_agent.value("SELECT count(*) FROM appointments a JOIN contacts c ON c.id = a.contact_id"
                             " JOIN agents g ON g.id = a.agent_id"
                             " WHERE c.organization_id <> a.organization_id OR g.organization_id <> a.organization_id") == 0


def test_triggers_and_queue_work(voice_agent):
    before = voice_agent.value("SELECT count(*) FROM audit_log")
    voice_agent.sql("UPDATE agents SET active = NOT active WHERE id = (SELECT min(id::text)::uuid FROM agents)")
    assert voice_agent.value("SELECT count(*) FROM audit_log") == before + 1
    assert voice_agent.value("SELECT status FROM claim_job('worker-1', (SELECT queue FROM jobs WHERE status = 'queued' LIMIT 1))") == "running"
    assert voice_agent.value("SELECT minutes_left(organization_id, month) FROM organization_usage LIMIT 1") is not None


def test_same_rows_every_time(server, voice_agent):
    again = server.create()
    examples = postgres.ROOT / "examples" / "voice-agent"
    again.psql(examples / "schema.sql", examples / "data.sql", scale="0.02")
    for table in ("contacts", "call_logs_2026_03", "jobs", "knowledge_base_chunks"):
        assert sorted(again.copy(f"public.{table}").splitlines()) == sorted(voice_agent.copy(f"public.{table}").splitlines()), table
    again.drop()
