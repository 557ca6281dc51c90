/* The NPU as hardware of a target: pass lp_npu_backend to lp_lower (struct lp_lower_options). */
#ifndef LP_LOWER_NEURAL_ART_BACKEND_H
#define LP_LOWER_NEURAL_ART_BACKEND_H

#include "compiler/lower/lowering.h"

extern const struct lp_lower_backend lp_npu_backend;

#endif
