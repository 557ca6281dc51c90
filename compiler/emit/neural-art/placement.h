/* Internal to emit/neural-art: what lies where, for people and for programs that flash a board. */
#ifndef LP_EMIT_NEURAL_ART_PLACEMENT_H
#define LP_EMIT_NEURAL_ART_PLACEMENT_H

#include "compiler/emit/neural-art/npu_emit.h"

/* Images with file, address, bytes and CRC32; the constants inside them; buffers in RAM. */
void lp_npu_placement_text(const struct lp_npu_emit_input *in, struct lp_text *out);
void lp_npu_placement_json(const struct lp_npu_emit_input *in, struct lp_text *out);

#endif
