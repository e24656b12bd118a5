/* SPDX-License-Identifier: PostgreSQL */
#include <string.h>

#include "cmd/runbook_diagnose.h"

static void put_block(json_t *list, const DiagnosisBlock *run) {
    json_t *entry = json_add(list, json_object());
    json_put_string(entry, "kind", issue_kind_name(run->block->kind));
    json_put_string(entry, "role", issue_role_name(run->block->role));
    json_put_u64(entry, "line", (uint64_t)run->block->line);
    json_put_string(entry, "outcome", probe_outcome_text(run->answer.outcome));
    json_put_string(entry, "reason", run->answer.reason);
    json_put_real(entry, "seconds", (double)run->answer.elapsed / (double)TIME_SECOND);
    json_t *evidence = json_put(entry, "evidence", json_array());
    LIST_EACH (const char *, line, run->answer.evidence) {
        json_add(evidence, json_text_value(text_of(*line)));
    }
}

static void put_diagnosis(json_t *list, const Diagnosis *diagnosis) {
    json_t *entry = json_add(list, json_object());
    json_put_string(entry, "id", diagnosis->issue->id);
    json_put_string(entry, "title", diagnosis->issue->title);
    json_put_string(entry, "section", diagnosis->issue->section);
    json_put_string(entry, "severity", issue_severity_name(diagnosis->issue->severity));
    json_put_string(entry, "owner", diagnosis->issue->owner);
    json_put_string(entry, "outcome", probe_outcome_text(diagnosis->outcome));
    json_put_string(entry, "reason", diagnosis->reason);
    json_put_string(entry, "consequence_of", diagnosis->cause == NULL ? NULL : diagnosis->cause->issue->id);
    json_put_real(entry, "seconds", (double)diagnosis->elapsed / (double)TIME_SECOND);
    json_t *blocks = json_put(entry, "blocks", json_array());
    for (size_t i = 0; i < diagnosis->blocks.count; i++)
        put_block(blocks, &diagnosis->blocks.items[i]);
}

static void put_database(const RunbookView *view, json_t *document) {
    SessionPool *pool = view->subject->context.sessions;
    const SessionFacts *facts = session_facts(pool);
    const Err *trouble = session_trouble(pool);
    json_t *database = json_put(document, "database", json_object());
    json_put_string(database, "label", facts->label);
    json_put_bool(database, "reached", trouble == NULL);
    json_put_string(database, "error", trouble == NULL ? NULL : err_text(view->call->arena, trouble));
    json_put_string(database, "role", facts->role);
    json_put_string(database, "server_version", facts->version);
    json_put_bool(database, "standby", facts->standby);
}

static void put_reasons(const RunbookView *view, json_t *document) {
    DiagnosisReasons reasons = {0};
    json_t *list = json_put(document, "cannot_tell_reasons", json_array());
    diagnosis_reasons(view->call->arena, view->report, &reasons);
    LIST_EACH (const DiagnosisReason, reason, reasons) {
        json_t *entry = json_add(list, json_object());
        json_put_string(entry, "reason", reason->text);
        json_t *ids = json_put(entry, "ids", json_array());
        for (size_t i = 0; i < reason->diagnoses.count; i++)
            json_add(ids, json_text_value(text_of(reason->diagnoses.items[i]->issue->id)));
    }
}

json_t *runbook_diagnose_json_report(const RunbookView *view) {
    const DiagnosisReport *report = view->report;
    const Diagnosis *first = diagnosis_first(report);
    json_t *document = json_start(view->call->arena, json_object());
    json_put_string(document, "schema", "lifeboat.diagnosis/1");
    json_put_string(document, "target", view->subject->name);
    json_put_time(document, "started_at", view->subject->context.now);
    json_put_real(document, "seconds", (double)report->elapsed / (double)TIME_SECOND);
    json_put_string(document, "sentence", runbook_diagnose_text_sentence(view));
    json_put_u64(document, "exit_status", (uint64_t)runbook_diagnose_status(report));
    json_put_string(document, "read_first", first == NULL ? NULL : first->issue->id);
    put_database(view, document);
    json_t *counts = json_put(document, "counts", json_object());
    json_put_u64(counts, "present", report->present_count);
    json_put_u64(counts, "absent", report->absent_count);
    json_put_u64(counts, "cannot_tell", report->unknown_count);
    json_t *present = json_put(document, "present", json_array());
    for (size_t i = 0; i < report->present.count; i++)
        json_add(present, json_text_value(text_of(report->present.items[i]->issue->id)));
    put_reasons(view, document);
    json_t *issues = json_put(document, "issues", json_array());
    LIST_EACH (const Diagnosis, diagnosis, report->diagnoses) {
        put_diagnosis(issues, diagnosis);
    }
    return document;
}
