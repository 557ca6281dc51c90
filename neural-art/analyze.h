/* A program as text for people: memory, buffers, and for every epoch its units, links, bytes and how well it is proven. */
#ifndef LP_NEURAL_ART_ANALYZE_H
#define LP_NEURAL_ART_ANALYZE_H

#include "neural-art/program.h"

/* all_fields: every field that is not 0 instead of one line a unit. The text marks itself failed when memory ran out. */
void lp_npu_analyze(const struct lp_npu_program *program, bool all_fields, struct lp_text *out);

/* One unit in one line, without its name: "simd 2, 3x3 stride 1, 2 -> 4 channels, 50x20, ...". */
void lp_npu_unit_print(enum lp_npu_unit_type type, const void *unit, struct lp_text *out);

#endif
