/* SPDX-License-Identifier: PostgreSQL */
#include "runbook/diagnosis.h"

#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "base/time.h"
#include "runbook/probe_log.h"

ProbeOutcome diagnosis_join(bool all, const ProbeOutcome *answers, size_t count) {
    bool present = false, absent = false, unknown = false, unset = false;
    for (size_t i = 0; i < count; i++) {
        present = present || answers[i] == PROBE_PRESENT;
        absent = absent || answers[i] == PROBE_ABSENT;
        unknown = unknown || answers[i] == PROBE_UNKNOWN;
        unset = unset || answers[i] == PROBE_UNSET;
    }
    if (all)
        return absent ? PROBE_ABSENT : unknown || unset || !present ? PROBE_UNKNOWN : PROBE_PRESENT;
    /* What is not configured is left out, as long as something else was asked. */
    return present ? PROBE_PRESENT : unknown || !absent ? PROBE_UNKNOWN : PROBE_ABSENT;
}

/* --- one issue --- */

static const char *first_reason(const Diagnosis *diagnosis, IssueRole role) {
    const char *unset = NULL;
    for (size_t i = 0; i < diagnosis->blocks.count; i++) {
        const DiagnosisBlock *block = &diagnosis->blocks.items[i];
        if (block->block->role != role)
            continue;
        if (block->answer.outcome == PROBE_UNKNOWN)
            return block->answer.reason;
        if (block->answer.outcome == PROBE_UNSET && unset == NULL)
            unset = block->answer.reason;
    }
    return unset;
}

static Err *run_blocks(Arena *arena, const DiagnosisRequest *request, IssueRole role, Diagnosis *out) {
    const Issue *issue = out->issue;
    LIST_EACH (const IssueBlock, block, issue->blocks) {
        if (block->role != role)
            continue;
        DiagnosisBlock *run = LIST_PUSH(arena, out->blocks);
        run->block = block;
        TRY(probe_run(arena, request->context, block, &run->answer));
    }
    return NULL;
}

static ProbeOutcome join_probes(Arena *arena, const Diagnosis *diagnosis) {
    ProbeOutcome *answers = ARENA_ARRAY(arena, ProbeOutcome, diagnosis->blocks.count + 1);
    size_t count = 0;
    for (size_t i = 0; i < diagnosis->blocks.count; i++)
        if (diagnosis->blocks.items[i].block->role == ISSUE_PROBE)
            answers[count++] = diagnosis->blocks.items[i].answer.outcome;
    return diagnosis_join(diagnosis->issue->decide_all, answers, count);
}

/* It looks like it: is it something else? */
static Err *rule_out(Arena *arena, const DiagnosisRequest *request, Diagnosis *out) {
    size_t from = out->blocks.count;
    bool told = true;
    TRY(run_blocks(arena, request, ISSUE_RULEOUT, out));
    for (size_t i = from; i < out->blocks.count; i++) {
        const DiagnosisBlock *block = &out->blocks.items[i];
        told = told && (block->answer.outcome == PROBE_ABSENT || block->answer.outcome == PROBE_PRESENT);
        if (block->answer.outcome != PROBE_PRESENT)
            continue;
        out->outcome = PROBE_ABSENT;
        out->reason =
            arena_printf(arena, "looks like it, but is not: %s",
                         block->answer.evidence.count > 0 ? block->answer.evidence.items[0] : "a ruleout holds");
    }
    if (out->outcome == PROBE_PRESENT && !told) {
        out->outcome = PROBE_UNKNOWN;
        out->reason = first_reason(out, ISSUE_RULEOUT);
    }
    return NULL;
}

static bool refuse(Arena *arena, const Rights *rights, Diagnosis *out) {
    const Issue *issue = out->issue;
    out->outcome = PROBE_UNKNOWN;
    if (issue->broken) {
        const IssueProblem *problem = issue->problems.count > 0 ? &issue->problems.items[0] : NULL;
        out->reason = arena_printf(arena, "%s is broken%s%s", issue->file, problem == NULL ? "" : ": ",
                                   problem == NULL ? "" : problem->message);
        return true;
    }
    const Right *lacking = right_lacking(rights, &issue->needs);
    if (lacking == NULL)
        return false;
    out->reason = lacking->state == RIGHT_UNKNOWN
                      ? lacking->text
                      : arena_printf(arena, "needs %s: %s", text_safe(arena, lacking->token), lacking->text);
    return true;
}

static Err *diagnose(Arena *arena, const DiagnosisRequest *request, const Rights *rights, Diagnosis *out) {
    int64_t started = time_monotonic();
    if (!refuse(arena, rights, out)) {
        TRY(run_blocks(arena, request, ISSUE_PROBE, out));
        out->outcome = join_probes(arena, out);
        if (out->outcome == PROBE_UNKNOWN)
            out->reason = first_reason(out, ISSUE_PROBE);
        if (out->outcome == PROBE_PRESENT)
            TRY(rule_out(arena, request, out));
        if (out->outcome == PROBE_UNKNOWN && out->reason == NULL)
            out->reason = "nothing could be asked";
    }
    if (request->looks)
        TRY(run_blocks(arena, request, ISSUE_LOOK, out));
    out->elapsed = time_monotonic() - started;
    return NULL;
}

/* --- all of them --- */

typedef struct Batch {
    const DiagnosisRequest *request;
    const Rights *rights;
    const size_t *order; /* of the work: indexes into the issues */
    DiagnosisReport *report;
} Batch;

static Err *diagnose_item(ThreadWorker *worker, size_t item, void *what) {
    const Batch *batch = what;
    Diagnosis *diagnosis = &batch->report->diagnoses.items[batch->order[item]];
    return diagnose(worker->arena, batch->request, batch->rights, diagnosis);
}

/* What may wait for an endpoint or a program begins first; the most urgent before the others. */
static int weight(const Issue *issue) {
    bool waits = false;
    LIST_EACH (const IssueBlock, block, issue->blocks) {
        waits = waits || (block->kind != ISSUE_SQL && block->role == ISSUE_PROBE);
    }
    return (waits ? 0 : 10) + (int)issue->severity;
}

static size_t *make_order(Arena *arena, const DiagnosisRequest *request) {
    size_t *order = ARENA_ARRAY(arena, size_t, request->count + 1);
    for (size_t i = 0; i < request->count; i++) {
        size_t at = i;
        for (; at > 0 && weight(request->issues[order[at - 1]]) > weight(request->issues[i]); at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    return order;
}

/* --- ranking --- */

static bool names(const IssueNames *list, const char *id) {
    LIST_EACH (const char *, name, *list) {
        if (strcmp(*name, id) == 0)
            return true;
    }
    return false;
}

static bool is_under(const Diagnosis *one, const Diagnosis *other) {
    for (const Diagnosis *at = one; at != NULL; at = at->cause)
        if (at == other)
            return true;
    return false;
}

/* The most urgent present issue that declares it; two that declare each other do not hang under one another. */
static void find_cause(DiagnosisReport *report, Diagnosis *of) {
    for (size_t i = 0; i < report->diagnoses.count; i++) {
        const Diagnosis *other = &report->diagnoses.items[i];
        if (other->outcome != PROBE_PRESENT || other == of || !names(&other->issue->consequences, of->issue->id) ||
            is_under(other, of))
            continue;
        if (of->cause == NULL || other->issue->severity < of->cause->issue->severity)
            of->cause = other;
    }
}

static int compare_rank(const void *a, const void *b) {
    const Diagnosis *one = *(const Diagnosis *const *)a, *other = *(const Diagnosis *const *)b;
    if (one->issue->severity != other->issue->severity)
        return one->issue->severity < other->issue->severity ? -1 : 1;
    if (one->brings != other->brings)
        return one->brings > other->brings ? -1 : 1;
    return one < other ? -1 : 1; /* as the runbook has them */
}

static void push_with_consequences(Arena *arena, DiagnosisReport *report, const Diagnosis *const *ranked, size_t count,
                                   const Diagnosis *cause) {
    for (size_t i = 0; i < count; i++) {
        if (ranked[i]->cause != cause)
            continue;
        *LIST_PUSH(arena, report->present) = ranked[i];
        push_with_consequences(arena, report, ranked, count, ranked[i]);
    }
}

static void rank(Arena *arena, DiagnosisReport *report) {
    const Diagnosis **ranked = ARENA_ARRAY(arena, const Diagnosis *, report->diagnoses.count + 1);
    size_t count = 0;
    LIST_EACH (Diagnosis, diagnosis, report->diagnoses) {
        report->present_count += diagnosis->outcome == PROBE_PRESENT;
        report->absent_count += diagnosis->outcome == PROBE_ABSENT;
        report->unknown_count += diagnosis->outcome == PROBE_UNKNOWN;
        if (diagnosis->outcome == PROBE_PRESENT)
            ranked[count++] = diagnosis;
    }
    qsort(ranked, count, sizeof(*ranked), compare_rank);
    /* The least urgent first: of two that declare each other the more urgent one is the cause. */
    for (size_t i = count; i-- > 0;)
        find_cause(report, &report->diagnoses.items[ranked[i] - report->diagnoses.items]);
    LIST_EACH (Diagnosis, diagnosis, report->diagnoses) {
        for (const Diagnosis *at = diagnosis->cause; at != NULL; at = at->cause)
            report->diagnoses.items[at - report->diagnoses.items].brings++;
    }
    qsort(ranked, count, sizeof(*ranked), compare_rank);
    push_with_consequences(arena, report, ranked, count, NULL);
}

Err *diagnosis_run(Arena *arena, const DiagnosisRequest *request, DiagnosisReport *out) {
    Rights rights = {0};
    int64_t started = time_monotonic();
    *out = (DiagnosisReport){0};
    for (size_t i = 0; i < request->count; i++) {
        *LIST_PUSH(arena, out->diagnoses) = (Diagnosis){.issue = request->issues[i]};
        if (!request->issues[i]->broken)
            right_collect(arena, &request->issues[i]->needs, &rights);
    }
    TRY(right_ask(arena, request->context, request->jobs, &rights));
    ProbeContext context = *request->context;
    context.logs = probe_log_share(arena, &context, request->issues, request->count);
    DiagnosisRequest sharing = *request;
    sharing.context = &context;
    Batch batch = {.request = &sharing, .rights = &rights, .order = make_order(arena, request), .report = out};
    TRY(thread_run(arena, request->jobs, request->count, diagnose_item, &batch));
    rank(arena, out);
    out->elapsed = time_monotonic() - started;
    return NULL;
}

const Diagnosis *diagnosis_first(const DiagnosisReport *report) {
    return report->present.count > 0 ? report->present.items[0] : NULL;
}

static int compare_reason(const void *a, const void *b) {
    const DiagnosisReason *one = a, *other = b;
    if (one->diagnoses.count != other->diagnoses.count)
        return one->diagnoses.count > other->diagnoses.count ? -1 : 1;
    return strcmp(one->text, other->text);
}

void diagnosis_reasons(Arena *arena, const DiagnosisReport *report, DiagnosisReasons *out) {
    LIST_EACH (const Diagnosis, diagnosis, report->diagnoses) {
        if (diagnosis->outcome != PROBE_UNKNOWN)
            continue;
        DiagnosisReason *reason = NULL;
        LIST_EACH (DiagnosisReason, known, *out) {
            reason = strcmp(known->text, diagnosis->reason) == 0 ? known : reason;
        }
        if (reason == NULL) {
            reason = LIST_PUSH(arena, *out);
            reason->text = diagnosis->reason;
        }
        *LIST_PUSH(arena, reason->diagnoses) = diagnosis;
    }
    if (out->count > 0)
        qsort(out->items, out->count, sizeof(out->items[0]), compare_reason);
}
