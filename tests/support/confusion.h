/* A row of a confusion matrix: how many verdicts for cases of one cause at one level of evidence were right. */
#ifndef LP_TESTS_SUPPORT_CONFUSION_H
#define LP_TESTS_SUPPORT_CONFUSION_H

#include "diagnose/judge.h"

struct confusion_row {
    uint32_t cases, single, among, confident_wrong, most_ties;
    uint32_t below_deviation; /* not counted as cases: the fault moves nothing further than the NPU may be off */
    uint32_t verdicts[LP_VERDICTS];
    uint32_t ties[LP_TROUBLES]; /* cases in whose verdict the cause is a tie */
};

/* The cause of that name; fails the test when there is none. */
uint32_t confusion_number(const char *cause);

/* Counts a verdict for a case of `truth`. With CONFUSION in the environment, prints those that miss, with `label`. */
void confusion_count(struct confusion_row *row, uint32_t truth, int level, const struct lp_verdict *verdict, const char *label);

/* Ties are minimal: a cause that ties in more than a few cases of another leaves that evidence itself, so that some of its own
 * cases tie the other one. Returns how many pairs do not, and prints them. `rows`: by cause, one level. */
uint32_t confusion_one_sided(const struct confusion_row rows[LP_TROUBLES], int level);

void confusion_print(const char *cause, int level, const struct confusion_row *row);

#endif
