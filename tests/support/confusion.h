/* A row of a confusion matrix: how many verdicts for cases of one cause at one level of evidence were right. */
#ifndef LP_TESTS_SUPPORT_CONFUSION_H
#define LP_TESTS_SUPPORT_CONFUSION_H

#include "diagnose/judge.h"

struct confusion_row {
    uint32_t cases, single, among, confident_wrong, most_ties;
    uint32_t below_deviation; /* not counted as cases: the fault moves nothing further than the NPU may be off */
    uint32_t verdicts[LP_VERDICTS];
};

/* The cause of that name; fails the test when there is none. */
uint32_t confusion_number(const char *cause);

/* Counts a verdict for a case of `truth`. With CONFUSION in the environment, prints those that miss, with `label`. */
void confusion_count(struct confusion_row *row, uint32_t truth, int level, const struct lp_verdict *verdict, const char *label);

void confusion_print(const char *cause, int level, const struct confusion_row *row);

#endif
