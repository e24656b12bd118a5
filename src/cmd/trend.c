/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/trend.h"

#include <string.h>

#include "base/file.h"

enum { STRETCHES = 60 };

typedef struct Stretch {
    int worst;     /* index into verdicts; 0: no run */
    uint64_t size; /* of the newest backup in it; 0: none */
} Stretch;

/* From silence to the worst. */
static const char *const verdicts[] = {"", "pass", "warn", "unknown", "fail"};

TerminalMark trend_mark(const char *verdict) {
    static const TerminalMark marks[] = {TERMINAL_NONE, TERMINAL_GOOD, TERMINAL_WARN, TERMINAL_UNKNOWN, TERMINAL_BAD};
    for (size_t i = 1; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
        if (strcmp(verdicts[i], verdict) == 0)
            return marks[i];
    }
    return TERMINAL_UNKNOWN;
}

static int rank_of(const char *verdict) {
    for (int i = 1; i < (int)(sizeof(verdicts) / sizeof(verdicts[0])); i++) {
        if (strcmp(verdicts[i], verdict) == 0)
            return i;
    }
    return 3; /* a word that is not ours is not a pass */
}

static size_t stretch_of(const Trend *trend, Time when) {
    Time span = trend->until - trend->from;
    if (when >= trend->until || span < STRETCHES)
        return STRETCHES - 1;
    return when <= trend->from ? 0 : (size_t)((when - trend->from) / (span / STRETCHES + 1));
}

static void cut_up(const Trend *trend, const StoreRuns *runs, const char *target, Stretch *stretches) {
    LIST_EACH (const StoreRun, run, *runs) {
        if (strcmp(run->target, target) != 0)
            continue;
        Stretch *stretch = &stretches[stretch_of(trend, run->finished_at)];
        int rank = rank_of(run->verdict);
        stretch->worst = rank > stretch->worst ? rank : stretch->worst;
        if (stretch->size == 0)
            stretch->size = run->backup_size;
    }
}

static void print_verdicts(const Trend *trend, const Stretch *stretches, FILE *out) {
    static const struct {
        const char *symbol, *ascii;
        TerminalStyle style;
    } marks[] = {
        {"·", ".", TERMINAL_DIM},    {"▪", "=", TERMINAL_GREEN}, {"!", "!", TERMINAL_YELLOW},
        {"?", "?", TERMINAL_YELLOW}, {"✗", "x", TERMINAL_RED},
    };
    fputs("  runs  ", out);
    for (size_t i = 0; i < STRETCHES; i++) {
        int worst = stretches[i].worst;
        fputs(terminal_paint(trend->arena, trend->terminal, marks[worst].style,
                             trend->terminal->unicode ? marks[worst].symbol : marks[worst].ascii),
              out);
    }
    fputc('\n', out);
}

static void print_sizes(const Trend *trend, const Stretch *stretches, FILE *out) {
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const ascii[] = {"1", "2", "3", "4", "5", "6", "7", "8"};
    uint64_t least = UINT64_MAX, most = 0;
    for (size_t i = 0; i < STRETCHES; i++) {
        uint64_t size = stretches[i].size;
        least = size != 0 && size < least ? size : least;
        most = size > most ? size : most;
    }
    if (most == 0)
        return;
    fputs("  size  ", out);
    for (size_t i = 0; i < STRETCHES; i++) {
        size_t height =
            most == least ? 3 : (size_t)((double)(stretches[i].size - least) / (double)(most - least) * 7 + 0.5);
        fputs(stretches[i].size == 0 ? " " : trend->terminal->unicode ? bars[height] : ascii[height], out);
    }
    const char *from = file_size_text(trend->arena, least), *to = file_size_text(trend->arena, most);
    fprintf(out, "\n        %s%s%s\n", from, strcmp(from, to) == 0 ? "" : " to ", strcmp(from, to) == 0 ? "" : to);
}

static void print_target(const Trend *trend, const StoreRuns *runs, const char *target, FILE *out) {
    Stretch stretches[STRETCHES] = {{0}};
    size_t counts[sizeof(verdicts) / sizeof(verdicts[0])] = {0};
    cut_up(trend, runs, target, stretches);
    LIST_EACH (const StoreRun, run, *runs) {
        counts[rank_of(run->verdict)] += strcmp(run->target, target) == 0;
    }
    fprintf(out, "%s, %s: %zu pass, %zu warn, %zu fail, %zu unknown\n",
            *target == '\0' ? "(no target)" : text_safe(trend->arena, target),
            time_length_text(trend->arena, trend->until - trend->from), counts[1], counts[2], counts[4], counts[3]);
    print_verdicts(trend, stretches, out);
    print_sizes(trend, stretches, out);
}

static bool seen_before(const StoreRuns *runs, size_t at) {
    for (size_t i = 0; i < at; i++) {
        if (strcmp(runs->items[i].target, runs->items[at].target) == 0)
            return true;
    }
    return false;
}

void trend_print(const Trend *trend, const StoreRuns *runs, FILE *out) {
    for (size_t i = 0; i < runs->count; i++) {
        if (!seen_before(runs, i))
            print_target(trend, runs, runs->items[i].target, out);
    }
}
