/* A linked program of the NPU -> the files of a project: C in the vendor's LL_ATON interface, images of the pools, tables of
 * what lies where. Nothing is written here: the caller gets texts and bytes, and writes them. */
#ifndef LP_EMIT_NEURAL_ART_NPU_EMIT_H
#define LP_EMIT_NEURAL_ART_NPU_EMIT_H

#include "compiler/account/section.h"
#include "compiler/emit/emit.h"
#include "compiler/lower/neural-art/link.h"
#include "neural-art/program.h"

struct lp_npu_emit_input {
    const struct lp_npu_program *program;
    const struct lp_npu_software *software; /* in the order of their epochs */
    uint32_t software_count;
    const int32_t *epoch_layers; /* by epoch: operator of the model file, or LP_NO_LAYER; null: nobody knows */
    const struct lp_npu_placed *placed;
    uint32_t placed_count;
    const char *name;   /* C identifier, see lp_emit_name */
    const char *banner; /* comment that begins each C file */
    bool as_blobs;      /* programs of the epoch controller instead of unit structures */
    bool with_hex;      /* images as Intel hex beside the binary ones */
    bool only_accounts; /* lp_npu_emit leaves out the files that `tables` does not account for */
};

/* Fills in every epoch's cache_ops: what the CPU's cache must forget or write back around software epochs and outputs, and
 * nothing else. Structures live in `arena`. */
lp_status lp_npu_cache_plan(struct lp_arena *arena, struct lp_diag *diag, struct lp_npu_program *program,
                            const struct lp_npu_software *software, uint32_t software_count);

/* Adds what an application needs besides: NAME_npu.c (what lp_network_open takes), NAME_loop.c (the run loop by hand),
 * NAME_board.c and .h (power, clocks, interrupt), NAME_firewall.txt. All follow from the plan. */
lp_status lp_npu_emit_project(const struct lp_npu_emit_input *input, struct lp_output *output, struct lp_diag *diag);

/* Adds NAME.c and NAME_ecblobs.h (as_blobs), NAME_ecblob_N.bin, NAME.POOL.bin, NAME.POOL.hex (with_hex), NAME.state_N.bin (for program.json), NAME_placement.txt
 * and NAME_placement.json. `tables` receives every byte of constant data in NAME.c as a Cortex-M compiler lays it out. */
lp_status lp_npu_emit(const struct lp_npu_emit_input *input, struct lp_section *tables, struct lp_output *output,
                      struct lp_diag *diag);

#endif
