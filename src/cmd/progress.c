/* SPDX-License-Identifier: PostgreSQL */
#include "cmd/progress.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"
#include "check/check.h"
#include "cmd/terminal.h"

/* Work that is over sooner shows nothing; faster changes than this nobody can read. */
#define PATIENCE (300 * TIME_SECOND / 1000)
#define INTERVAL (100 * TIME_SECOND / 1000)
#define BAR 24

struct Progress {
    pthread_mutex_t lock;
    Terminal terminal;
    bool enabled, drawn;
    const char *phase;
    int64_t began, shown; /* monotonic */
};

Progress *progress_new(Arena *arena) {
    Progress *progress = ARENA_NEW(arena, Progress);
    const char *kind = getenv("TERM");
    pthread_mutex_init(&progress->lock, NULL);
    progress->terminal = terminal_look(stderr, false);
    progress->enabled = progress->terminal.interactive && kind != NULL && kind[0] != '\0' && strcmp(kind, "dumb") != 0;
    return progress;
}

static const char *bar(Arena *arena, const Progress *progress, double part) {
    static const char *const pieces[2][2] = {{"#", "."}, {"━", "─"}};
    char *text = arena_alloc(arena, BAR * 4 + 1);
    size_t length = 0;
    for (int at = 0; at < BAR; at++) {
        const char *piece = pieces[progress->terminal.unicode][(double)at + 0.5 > part * BAR];
        memcpy(text + length, piece, strlen(piece));
        length += strlen(piece);
    }
    return text;
}

static const char *line_of(Arena *arena, const Progress *progress, uint64_t done, uint64_t total) {
    bool bytes = strcmp(progress->phase, "reading") == 0;
    double part = total == 0 ? 0 : (double)done / (double)total;
    double seconds = (double)(time_monotonic() - progress->began) / TIME_SECOND;
    double rate = seconds <= 0 ? 0 : (double)done / seconds;
    const char *speed =
        bytes ? arena_printf(arena, "%s/s", file_size_text(arena, (uint64_t)rate))
              : arena_printf(arena, "%s of %s", check_number_text(arena, done), check_number_text(arena, total));
    const char *left = "";
    if (rate > 0 && done < total)
        left = arena_printf(arena, "  %s left",
                            time_length_text(arena, (int64_t)((double)(total - done) / rate) * TIME_SECOND));
    return arena_printf(arena, "%s %s %3.0f %%  %s%s", progress->phase, bar(arena, progress, part > 1 ? 1 : part),
                        part > 1 ? 100 : part * 100, speed, left);
}

static void draw(Progress *progress, uint64_t done, uint64_t total) {
    Arena *scratch = arena_new();
    const char *line = line_of(scratch, progress, done, total);
    if (text_width(line) < progress->terminal.width) {
        fprintf(stderr, "\r%s\033[K", line);
        fflush(stderr);
        progress->drawn = true;
    }
    arena_free(scratch);
}

void progress_show(void *context, const char *phase, uint64_t done, uint64_t total) {
    Progress *progress = context;
    if (!progress->enabled)
        return;
    pthread_mutex_lock(&progress->lock);
    int64_t now = time_monotonic();
    if (progress->phase == NULL || strcmp(progress->phase, phase) != 0) {
        progress->phase = phase;
        progress->began = now;
    }
    if (now - progress->began >= PATIENCE && now - progress->shown >= INTERVAL) {
        progress->shown = now;
        draw(progress, done, total);
    }
    pthread_mutex_unlock(&progress->lock);
}

void progress_clear(Progress *progress) {
    pthread_mutex_lock(&progress->lock);
    if (progress->drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    progress->drawn = false;
    progress->phase = NULL;
    pthread_mutex_unlock(&progress->lock);
}
