/* Internal to emit/neural-art: the parts of NAME.c, one file each. */
#ifndef LP_EMIT_NEURAL_ART_SOURCE_H
#define LP_EMIT_NEURAL_ART_SOURCE_H

#include "compiler/emit/neural-art/tables.h"

/* A run of consecutive hardware epochs in one program of the epoch controller. */
struct lp_npu_blob {
    uint32_t first_epoch, epochs; /* indices in the program */
    const uint32_t *words;
    size_t word_count;
};

struct lp_npu_source {
    const struct lp_npu_emit_input *in;
    struct lp_diag *diag;
    struct lp_npu_tables tables;
    struct lp_npu_blob *blobs; /* null in the plain form */
    uint32_t blob_count;
    struct lp_text *out;
    struct lp_section *account; /* bytes of every constant that is written */
    lp_status status;
};

/* Enters the bytes of one table; `entries` of `entry_bytes` as a Cortex-M compiler lays them out. */
void lp_npu_account(struct lp_npu_source *s, enum lp_cause cause, int32_t layer, uint64_t entries, uint32_t entry_bytes);
/* The operator that an epoch computes, LP_NO_LAYER when nobody said. */
int32_t lp_npu_layer_of(const struct lp_npu_source *s, uint32_t epoch);

/* Structures of the units, links, unit lists, steps, cache operations and the rows that tie them to epochs. */
void lp_npu_put_tables(struct lp_npu_source *s);
/* Functions that walk a row. */
void lp_npu_put_walkers(struct lp_npu_source *s);
/* Argument structures of software epochs. */
void lp_npu_put_arguments(struct lp_npu_source *s);
/* Start and end function of every block, and the list of blocks. */
void lp_npu_put_blocks(struct lp_npu_source *s);
/* Descriptions of inputs, outputs, and (for debuggers) of all other buffers; functions that hand them out. */
void lp_npu_put_buffers(struct lp_npu_source *s);

/* Which blocks a program has: one an epoch, or one for each run of hardware epochs. Calls `visit` with the index of the first
 * epoch and the number of epochs. */
void lp_npu_each_block(struct lp_npu_source *s, void (*visit)(struct lp_npu_source *s, uint32_t first, uint32_t count));

const struct lp_npu_software *lp_npu_software_of(const struct lp_npu_source *s, uint32_t epoch);

/* Splits the program and encodes its hardware epochs; blobs live in the tables' arena. */
lp_status lp_npu_blobs_make(struct lp_npu_source *s);

#endif
