/* Software epochs on the kernels of this PC: they work on copies, since simulated memory has no address here. */
#ifndef LP_EVALUATE_NEURAL_ART_SOFTWARE_H
#define LP_EVALUATE_NEURAL_ART_SOFTWARE_H

#include "compiler/lower/neural-art/link.h"
#include "simulator/neural-art/memory.h"

/* Fetches the operands from `memory`, runs the kernel, stores what it wrote. */
lp_status lp_npu_software_run(struct lp_diag *diag, const struct lp_npu_software *software, const struct lp_sim_memory *memory);

#endif
