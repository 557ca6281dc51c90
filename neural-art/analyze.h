/* A program as text for people or as JSON: memory, buffers, and for every epoch its units, links, bytes and how well it is proven. */
#ifndef LP_NEURAL_ART_ANALYZE_H
#define LP_NEURAL_ART_ANALYZE_H

#include <jansson.h>

#include "neural-art/program.h"

/* all_fields: every field that is not 0 instead of one line a unit. The text marks itself failed when memory ran out. */
void lp_npu_analyze(const struct lp_npu_program *program, bool all_fields, struct lp_text *out);

/* All of it with every field of every unit. Null without memory; a new reference. */
json_t *lp_npu_analyze_json(const struct lp_npu_program *program);

extern const char *const lp_npu_buffer_role_names[LP_NPU_BUFFER_ROLES]; /* "input", ... */
/* Bytes that the epoch's engines read from and write to a pool, by number; none of one that spans others. */
void lp_npu_epoch_bytes(const struct lp_npu_program *program, const struct lp_npu_epoch *epoch, uint32_t pool, uint64_t bytes[2]);
/* The buffer alive in this epoch in which an engine begins; null: none. */
const struct lp_npu_buffer *lp_npu_buffer_of(const struct lp_npu_program *program, const struct lp_npu_epoch *epoch,
                                             const struct lp_npu_streng *engine, enum lp_npu_buffer_role *role);

/* One unit in one line, without its name: "simd 2, 3x3 stride 1, 2 -> 4 channels, 50x20, ...". */
void lp_npu_unit_print(enum lp_npu_unit_type type, const void *unit, struct lp_text *out);

#endif
