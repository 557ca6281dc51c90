/* The inputs and outputs of a program of the NPU as tensors, for what reads and writes values. */
#ifndef LP_CLI_NPU_PROGRAM_PORTS_H
#define LP_CLI_NPU_PROGRAM_PORTS_H

#include "compiler/graph/graph.h"
#include "neural-art/program.h"

/* A graph without operators. The shape is that of the memory. Buffers that do not hold as many bytes as their shape and type
 * need are rows of bytes. LP_BAD_INPUT: an empty buffer. `label`: of the program, for messages. */
lp_status lp_npu_program_ports(struct lp_arena *arena, struct lp_diag *diag, const char *label,
                               const struct lp_npu_program *program, struct lp_graph *out);

#endif
