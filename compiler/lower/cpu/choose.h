/* Chooses kernel variants by contract/kernel_choice.h. */
#ifndef LP_LOWER_CPU_CHOOSE_H
#define LP_LOWER_CPU_CHOOSE_H

#include "compiler/lower/lowering.h"
#include "compiler/semantics/semantics.h"
#include "contract/kernel_choice.h"

/* The variant for the program's target and rounding; null when only the reference serves. `args` is the family's structure with
 * the zero point still in in_offset; scales are those of its channels, `weights` its weights in the order of the model. */
const char *lp_choose_kernel(const struct lp_program *program, enum lp_kernel_family family, const void *args,
                             const struct lp_channel_scales *scales, const int8_t *weights);

#endif
