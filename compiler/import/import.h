/* A model file -> graph. */
#ifndef LP_IMPORT_IMPORT_H
#define LP_IMPORT_IMPORT_H

#include "compiler/graph/graph.h"

/* Recognizes the format by content. The graph's constants point into `data`, which must stay valid as long as the graph;
 * it should be aligned to 16 bytes (what is not aligned for its type is copied).
 * Work and memory are bounded by the file's size. LP_BAD_INPUT: damaged or contradictory; LP_UNSUPPORTED: understood but
 * not built, with a line for every operator concerned. `file_name` is for messages. */
lp_status lp_import(struct lp_arena *arena, struct lp_diag *diag, const char *file_name, const uint8_t *data, size_t size_bytes,
                    struct lp_graph **out);

/* Which element types the first input and the first output of a kind may have, a bit for each enum lp_element. False: no operator
 * of the format becomes this kind. */
bool lp_import_elements(enum lp_op_kind kind, uint32_t *in, uint32_t *out);

lp_status lp_import_tflite(struct lp_arena *arena, struct lp_diag *diag, const char *file_name, const uint8_t *data,
                           size_t size_bytes, struct lp_graph **out);

#endif
