/* Software epochs on the kernels of this PC: they work on copies, since simulated memory has no address here. */
#ifndef LP_EVALUATE_NEURAL_ART_SOFTWARE_H
#define LP_EVALUATE_NEURAL_ART_SOFTWARE_H

#include "compiler/lower/neural-art/link.h"
#include "simulator/neural-art/memory.h"

/* Reads the text of a software epoch (docs/formats.md). Everything lives in `arena`; out->epoch is the epoch's id. LP_BAD_INPUT
 * says which member is wrong. LP_UNSUPPORTED, without a message: the text does not name a kernel, as that of other compilers.
 * `label` begins each message. */
lp_status lp_npu_software_read(struct lp_arena *arena, struct lp_diag *diag, const char *label, const struct lp_npu_epoch *epoch,
                               struct lp_npu_software *out);

/* Those of a whole program, by epoch. An epoch whose text names no kernel is an error here. */
lp_status lp_npu_software_read_all(struct lp_arena *arena, struct lp_diag *diag, const char *label,
                                   const struct lp_npu_program *program, struct lp_npu_software **out);

/* Fetches the operands from `memory`, runs the kernel, stores what it wrote. The arguments are checked first: whatever they are,
 * nothing outside of the operands is touched. */
lp_status lp_npu_software_run(struct lp_diag *diag, const struct lp_npu_software *software, const struct lp_sim_memory *memory);

/* The same for an epoch of the program that `software` was read from; a hybrid one is an error. */
lp_status lp_npu_software_run_epoch(struct lp_diag *diag, const char *label, const struct lp_npu_program *program,
                                    const struct lp_npu_software *software, const struct lp_npu_epoch *epoch,
                                    const struct lp_sim_memory *memory);

#endif
