/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/prune_plan.h"

#include <stdlib.h>
#include <string.h>

enum { READ_WHOLE = 2, RESTORED = 3, COPIES = 2 };

static const struct {
    const char *id, *text;
} words[] = {
    [PRUNE_REMOVE] = {"remove", "older than the limit"},
    [PRUNE_YOUNG] = {"young", "younger than the limit"},
    [PRUNE_PROVED] = {"proved", "the newest that was proved to be good"},
    [PRUNE_LAST_TWO] = {"last-two", "one of the last two copies"},
    [PRUNE_UNVERIFIED] = {"unverified", "none of them is known to be good"},
};

const char *prune_plan_text(PruneReason reason) {
    return words[reason].text;
}

const char *prune_plan_id(PruneReason reason) {
    return words[reason].id;
}

static int order_newest_first(const void *a, const void *b) {
    const PruneBackup *left = a, *right = b;
    if (left->taken_at != right->taken_at)
        return left->taken_at > right->taken_at ? -1 : 1;
    return strcmp(right->path, left->path);
}

static void keep_last(PruneBackup *backups, size_t count, bool failed_too) {
    size_t kept = 0;
    for (size_t at = 0; at < count && kept < COPIES; at++) {
        if (backups[at].failed && !failed_too)
            continue;
        kept++;
        if (backups[at].reason == PRUNE_REMOVE)
            backups[at].reason = PRUNE_LAST_TWO;
    }
}

/* The newest that reached the level; true when there is one. */
static bool keep_proved(PruneBackup *backups, size_t count, int level, bool failed_too) {
    for (size_t at = 0; at < count; at++) {
        if (backups[at].level < level || (backups[at].failed && !failed_too))
            continue;
        if (backups[at].reason != PRUNE_YOUNG)
            backups[at].reason = PRUNE_PROVED;
        return true;
    }
    return false;
}

static bool known_good(const PruneBackup *backups, size_t count) {
    for (size_t at = 0; at < count; at++)
        if (backups[at].level >= READ_WHOLE && !backups[at].failed)
            return true;
    return false;
}

void prune_plan_decide(PruneBackup *backups, size_t count, Time now, int64_t keep) {
    if (count > 1)
        qsort(backups, count, sizeof(*backups), order_newest_first);
    for (size_t at = 0; at < count; at++) {
        bool young = backups[at].taken_at == TIME_NONE || backups[at].taken_at >= now - keep;
        backups[at].reason = young ? PRUNE_YOUNG : PRUNE_REMOVE;
    }
    keep_last(backups, count, true);
    keep_last(backups, count, false);
    for (int failed_too = 0; failed_too < 2; failed_too++)
        if (!keep_proved(backups, count, RESTORED, failed_too != 0))
            keep_proved(backups, count, READ_WHOLE, failed_too != 0);
    bool good = known_good(backups, count);
    for (size_t at = 0; at < count && !good; at++)
        if (backups[at].reason == PRUNE_REMOVE)
            backups[at].reason = PRUNE_UNVERIFIED;
}
