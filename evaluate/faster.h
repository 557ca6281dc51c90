/* What this PC can do faster than a portable kernel, with the same bytes. */
#ifndef LP_EVALUATE_FASTER_H
#define LP_EVALUATE_FASTER_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"
#include "contract/network.h"

/* Replaces kernel and arguments where there is a faster variant, which lives in `arena`. Only for arguments whose constants are
 * where they will stay. */
lp_status lp_use_faster(struct lp_arena *arena, struct lp_diag *diag, lp_kernel **run, const void **args);

#endif
