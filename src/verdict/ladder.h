/* SPDX-License-Identifier: PostgreSQL */
#ifndef LIFEBOAT_VERDICT_LADDER_H
#define LIFEBOAT_VERDICT_LADDER_H

/*
 * The words of an answer, declared once: the four verdicts (indexed by Verdict) and the rungs of the proof ladder
 * (indexed by level). Names are public: they stand in reports, logs and stores, and never change.
 */
typedef struct LadderWord {
    const char *name;
    const char *summary; /* one line */
    const char *detail;  /* paragraph */
} LadderWord;

#define LADDER_VERDICTS 4
#define LADDER_LEVELS 7
extern const LadderWord ladder_verdicts[LADDER_VERDICTS];
extern const LadderWord ladder_levels[LADDER_LEVELS];

#endif
