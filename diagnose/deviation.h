/* How far the NPU's outputs may be from the reference without anything being wrong: every layer may differ by one LSB from
 * exact inputs. */
#ifndef LP_DIAGNOSE_DEVIATION_H
#define LP_DIAGNOSE_DEVIATION_H

#include "diagnose/case.h"

/* Runs some of the case's inferences with one LSB more or less at random in one of ten elements of every layer, and gives
 * twice the largest change of an output, in LSB; at least 2. */
lp_status lp_deviation_find(const struct lp_case *c, double *tolerance);

#endif
