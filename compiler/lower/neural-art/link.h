/* A lowered and planned program -> the program of the NPU with device addresses: what the simulator runs and emission writes. */
#ifndef LP_LOWER_NEURAL_ART_LINK_H
#define LP_LOWER_NEURAL_ART_LINK_H

#include "compiler/lower/placement.h"
#include "compiler/lower/program.h"
#include "neural-art/program.h"

/* A pointer member of a kernel's argument structure and the device memory that it will point to. */
struct lp_npu_sw_operand {
    uint16_t field_offset; /* in the structure as the PC lays it out */
    bool is_written;
    uint32_t address, size_bytes;
};

/* One software epoch: one call of one kernel. */
struct lp_npu_software {
    uint32_t epoch; /* index in the program's epochs, which has kind LP_NPU_EPOCH_SW */
    const struct lp_kernel_info *kernel;
    const void *args; /* as the PC lays it out, pointers null */
    const struct lp_npu_sw_operand *operands;
    uint32_t operand_count;
};

/* A constant in an image, for the table of what lies where. */
struct lp_npu_placed {
    const char *name; /* "weight_3" */
    uint32_t address, size_bytes;
    enum lp_cause cause;
    int32_t layer; /* operator of the model file, or LP_NO_LAYER */
};

struct lp_npu_linked {
    struct lp_npu_program *program;         /* epochs in the order and number of the lowered program's */
    const struct lp_npu_software *software; /* in the order of their epochs */
    uint32_t software_count;
    const int32_t *epoch_layers; /* by epoch: operator of the model file */
    const struct lp_npu_placed *placed;
    uint32_t placed_count;
};

/* Everything lives in `arena`. `name`: of the network, images are files NAME.POOL.bin. Lowered epochs and their units stay as they are. */
lp_status lp_npu_link(struct lp_arena *arena, struct lp_diag *diag, const struct lp_graph *graph,
                      const struct lp_program *lowered, const struct lp_placement *placement, const char *name,
                      struct lp_npu_linked *out);

#endif
