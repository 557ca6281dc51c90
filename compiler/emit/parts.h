/* The parts of emission: one file each. */
#ifndef LP_EMIT_PARTS_H
#define LP_EMIT_PARTS_H

#include "compiler/emit/emit.h"

/* Only characters that can't end a comment or a string; others become '?'. In the arena; null without memory. */
const char *lp_emit_comment(struct lp_arena *arena, const char *text);
void lp_emit_banner(const struct lp_emit_input *in, struct lp_arena *arena, struct lp_text *out);
void lp_emit_header(const struct lp_emit_input *in, struct lp_text *out);
void lp_emit_network(const struct lp_emit_input *in, struct lp_arena *arena, struct lp_text *out);
void lp_emit_weights_header(const struct lp_emit_input *in, struct lp_text *out);
lp_status lp_emit_weights(const struct lp_emit_input *in, struct lp_text *out, struct lp_diag *diag);
void lp_emit_example(const struct lp_emit_input *in, struct lp_text *out);
const char *lp_emit_c_type(enum lp_element element);
/* "SENSOR" from "sensor". */
const char *lp_emit_upper(struct lp_arena *arena, const char *name);
/* A float that reads back as the same value, with its suffix. */
void lp_emit_float(struct lp_text *out, float value);
/* Adds every source that the program's kernels need, found through their #include lines, and NAME.sources. */
lp_status lp_emit_sources(const struct lp_emit_input *in, struct lp_output *output, struct lp_diag *diag);

#endif
