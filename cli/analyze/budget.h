/* --budget: limits that a model has to keep, for a build server. */
#ifndef LP_CLI_ANALYZE_BUDGET_H
#define LP_CLI_ANALYZE_BUDGET_H

#include "compiler/report/cost.h"

enum lp_budget_kind {
    LP_BUDGET_WEIGHTS, /* parameters in flash */
    LP_BUDGET_RAM,     /* activations with inputs and outputs */
    LP_BUDGET_FLASH,   /* weights, and the linked code or else the program tables */
    LP_BUDGET_KINDS
};

struct lp_budget {
    bool is_given[LP_BUDGET_KINDS];
    int64_t limit_bytes[LP_BUDGET_KINDS];
};

/* Reads "weights=40000,ram=64K,flash=1M" (K: 1,024, M: 1,048,576) into `out`, which may hold limits already. LP_BAD_ARGUMENT
 * names the part that is wrong. */
lp_status lp_budget_parse(struct lp_diag *diag, const char *text, struct lp_budget *out);

/* How many limits some cost exceeds. `out`: a line for each limit and target, null for none. `json`: an array to which
 * {"target", "what", "limit_bytes", "bytes", "exceeded_bytes"} are added, null for none. */
uint32_t lp_budget_check(const struct lp_budget *budget, const struct lp_cost *costs, size_t count, struct lp_text *out,
                         json_t *json);

#endif
