/* Chooses kernel variants by contract/kernel_choice.h. */
#ifndef LP_LOWER_CPU_CHOOSE_H
#define LP_LOWER_CPU_CHOOSE_H

#include "compiler/lower/lowering.h"
#include "compiler/semantics/semantics.h"
#include "contract/kernel_choice.h"

#include <stdbool.h>
#include <stddef.h>

/* The variant for the program's target and rounding, or `reference` (may be null) where none serves. `args` is the family's structure, a zero
 * point still in in_offset. Families with weights need scales, which are those of the channels, and the weights in the order
 * of the model; both are null for the others. */
const char *lp_choose_kernel(const struct lp_program *program, enum lp_kernel_family family, const char *reference,
                             const void *args, const struct lp_channel_scales *scales, const int8_t *weights);

/* Whether the variant reads packed constants. */
bool lp_choice_is_packed(const char *symbol);

/* For families without weights. */
static inline const char *lp_choose_plain(const struct lp_program *program, enum lp_kernel_family family, const char *reference,
                                          const void *args)
{
    return lp_choose_kernel(program, family, reference, args, NULL, NULL);
}

#endif
