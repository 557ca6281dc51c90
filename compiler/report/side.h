/* Several costs side by side, and what their difference means for this very model. */
#ifndef LP_REPORT_SIDE_H
#define LP_REPORT_SIDE_H

#include "compiler/report/cost.h"
#include "compiler/report/report.h"

/* A column for each cost, under `heads`; with two of them their difference. At most 8. */
void lp_side_text(const struct lp_cost *costs, const char *const *heads, size_t count, struct lp_arena *arena,
                  struct lp_text *out);

/* What people ask when the same model takes another amount of ROM on another target, answered from the numbers of `model` on
 * these targets: what becomes of depthwise weights, who needs more and why, what scales per channel cost. Nothing when none of
 * the targets has hardware for whole operators. costs[i] belongs to targets[i]. */
void lp_questions_text(const struct lp_report_model *model, const struct lp_report_target *targets, const struct lp_cost *costs,
                       size_t count, struct lp_text *out);

/* The same as JSON: [{"question", "target", "answer"}], what the text says. A new reference. */
json_t *lp_questions_json(const struct lp_report_model *model, const struct lp_report_target *targets,
                          const struct lp_cost *costs, size_t count);

#endif
