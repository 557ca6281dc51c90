/* Writes a graph as a .tflite that any tool reads: the model that it came from, with what a rewrite has changed.
 *
 * Copied from the model: description, operator codes with their versions, subgraph name, names and order of all tensors,
 * quantization with min and max, shape signatures, options and custom options, metadata with their buffers, signatures.
 * Tensors keep their number, so that metadata and signatures stay right; new ones stand behind.
 * Left out: what this project's reader refuses or doesn't look at anyway: sparsity, details of quantization other than scale
 * and zero point, fields newer than the tables named in tflite_forms.c. Data that nothing refers to any more is dropped. */
#ifndef LP_WRITE_TFLITE_WRITE_H
#define LP_WRITE_TFLITE_WRITE_H

#include "compiler/graph/graph.h"

/* `model`: the bytes that `before` was imported from. `after` was made of `before`: tensors of `before` have the same index in
 * it, operators the same source_index; windows have SAME or VALID padding. The file lives in `arena`.
 * LP_UNSUPPORTED: the graph says something that the format can't. LP_DOES_NOT_FIT: 2 GB and more. */
lp_status lp_tflite_write(struct lp_arena *arena, struct lp_diag *diag, const uint8_t *model, size_t model_bytes,
                          const struct lp_graph *before, const struct lp_graph *after, const uint8_t **out, size_t *out_bytes);

#endif
