/* The parts of emission: one file each. */
#ifndef LP_EMIT_PARTS_H
#define LP_EMIT_PARTS_H

#include "compiler/emit/emit.h"

enum { LP_COMMENT_BYTES = 200, LP_SYMBOL_BYTES = 128, LP_NAME_BYTES = 80 };

/* Any text for use in a comment: other characters than letters, digits and harmless signs become '_', the end of a long one is
 * cut off. Returns `buffer`, which has LP_COMMENT_BYTES. */
const char *lp_emit_comment(const char *text, char *buffer);
/* "SENSOR" from "sensor", a name that lp_emit_name made. Returns `buffer`, which has LP_NAME_BYTES. */
const char *lp_emit_upper(const char *name, char *buffer);
void lp_emit_header(const struct lp_emit_input *in, struct lp_text *out);
void lp_emit_network(const struct lp_emit_input *in, struct lp_arena *arena, struct lp_text *out);
void lp_emit_weights_header(const struct lp_emit_input *in, struct lp_text *out);
lp_status lp_emit_weights(const struct lp_emit_input *in, struct lp_text *out, struct lp_diag *diag);
void lp_emit_example(const struct lp_emit_input *in, struct lp_text *out);
/* One member of a kernel's argument structure that is no pointer, as a line ".name = value,". */
void lp_emit_field(struct lp_text *out, const struct lp_field *field, const uint8_t *args);
const char *lp_emit_c_type(enum lp_element element);
/* A float that reads back as the same value, with its suffix. */
void lp_emit_float(struct lp_text *out, float value);
/* As lp_crc32 of contract/, by tables. */
uint32_t lp_emit_crc32(const void *data, size_t size_bytes);
/* Adds every source that the program's kernels, the runtime and `more` need, found through their #include lines; and
 * NAME.sources, which lists them behind the network's own files (`own`: what follows NAME). */
lp_status lp_emit_sources(const struct lp_emit_input *in, const char *const *own, size_t own_count, const char *const *more,
                          size_t more_count, struct lp_output *output, struct lp_diag *diag);

#endif
