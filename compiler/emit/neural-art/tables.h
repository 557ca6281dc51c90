/* Internal to emit/neural-art: everything that epochs share, stored once. */
#ifndef LP_EMIT_NEURAL_ART_TABLES_H
#define LP_EMIT_NEURAL_ART_TABLES_H

#include "compiler/emit/neural-art/npu_emit.h"

/* Configure unit `unit` of a type with entry `config` of the type's structures. */
struct lp_npu_step {
    uint8_t type, unit;
    uint16_t config;
};

/* Where an epoch's parts stand in the shared lists. */
struct lp_npu_row {
    uint32_t first_step, first_link, first_unit, first_cache;
    uint32_t steps, links, units, caches;
};

/* Entries that are equal, or whole runs of entries, exist once. */
struct lp_npu_list {
    size_t entry_bytes;
    char *entries;
    uint32_t count, capacity;
};

struct lp_npu_tables {
    struct lp_arena *arena;
    struct lp_diag *diag;
    struct lp_npu_list configs[LP_NPU_UNIT_TYPES]; /* unit structures, `unit` 0 */
    struct lp_npu_list steps;                      /* struct lp_npu_step */
    struct lp_npu_list links;                      /* struct lp_npu_route */
    struct lp_npu_list units;                      /* struct lp_npu_unit_id, in the order in which they start */
    struct lp_npu_list caches;                     /* struct lp_npu_cache_op */
    struct lp_npu_row *rows;                       /* by epoch */
    lp_status status;
};

/* Everything that the hardware epochs need; cache operations of software epochs too. `with_units` false: only the latter
 * (what a program of the epoch controller leaves). */
lp_status lp_npu_tables_make(struct lp_arena *arena, struct lp_diag *diag, const struct lp_npu_program *program, bool with_units,
                             struct lp_npu_tables *out);

/* Index of a run of entries in the list, which gets it when it has none like it. */
uint32_t lp_npu_list_add(struct lp_npu_tables *t, struct lp_npu_list *list, const void *run, uint32_t count);

#endif
