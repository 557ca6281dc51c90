/* What a software epoch does, as JSON text: all that somebody needs to execute it. docs/formats.md describes it. */
#ifndef LP_LOWER_NEURAL_ART_SW_TEXT_H
#define LP_LOWER_NEURAL_ART_SW_TEXT_H

#include "compiler/lower/neural-art/link.h"

/* Null: no memory. */
const char *lp_npu_sw_text(struct lp_arena *arena, const char *op, const struct lp_npu_software *software);

#endif
