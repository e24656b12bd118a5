/* SPDX-License-Identifier: PostgreSQL */
#include "check/examined.h"

#include "base/text.h"

const char examined_not_asked[] = "a restore was not asked for (--restore)";

bool examined_blind(CheckContext *context, CheckResult *result) {
    if (!context->restore_asked) {
        check_skip(context, result, "%s", examined_not_asked);
        return true;
    }
    if (context->restore == NULL) {
        check_unknown(context, result, "there is no restored copy to look at");
        return true;
    }
    return false;
}

/* Nothing wrong among nothing is no proof of anything, and is not to look like one. */
static const char *counted(Arena *arena, const ExaminedProbe *probe, uint64_t count) {
    if (count == 0)
        return "none to look at";
    if (count == 1 || probe->nouns == NULL)
        return check_count_text(arena, count, probe->noun);
    return arena_printf(arena, "%s %s", check_number_text(arena, count), probe->nouns);
}

void examined_run(CheckContext *context, CheckResult *result, const ExaminedProbe *probe) {
    Arena *arena = context->arena;
    result->expected = probe->expected;
    if (examined_blind(context, result))
        return;
    if (context->examination == NULL) {
        check_unknown_error(context, result, "the restored copy could not be looked at", context->examine_error);
        return;
    }
    const ExamineResult *examined = &context->examination->results[probe->probe];
    LIST_EACH (const ExamineFact, fact, examined->facts) {
        CheckFinding declared = check_graded(probe->finding, fact->lesser ? CHECK_WARNING : probe->finding->severity);
        Finding *finding =
            check_report(context, result, &declared, fact->where, "Restored copy: %s: %s", fact->where, fact->found);
        finding->expected = fact->expected;
        finding->found = fact->found;
    }
    const char *looked_at = counted(arena, probe, examined->looked_at);
    if (examined->found > 0)
        looked_at = arena_printf(arena, "%s, %s wrong", looked_at, check_number_text(arena, examined->found));
    if (examined->gaps.count > 0)
        looked_at = arena_printf(arena, "%s; more under not tested", looked_at);
    result->observed = examined->means == NULL ? looked_at : arena_printf(arena, "%s; %s", examined->means, looked_at);
    if (!examined->ran && probe->optional && examined->found == 0)
        check_skip(context, result, "%s", examined->why);
    else if (!examined->ran)
        check_unknown(context, result, "%s", examined->why == NULL ? "it was not looked at" : examined->why);
    else
        check_pass(result);
}
