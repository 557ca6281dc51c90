/* Reading members of program.json with a message for every way in which they can be wrong. */
#ifndef LP_NEURAL_ART_JSON_READER_H
#define LP_NEURAL_ART_JSON_READER_H

#include <jansson.h>

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"

struct lp_npu_reader {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const char *label; /* file, for messages */
    char place[96];    /* "epoch 4, CONVACC 2", for messages */
};

/* An error at the current place: "LABEL: PLACE: ...". Returns LP_BAD_INPUT. */
lp_status lp_npu_reader_error(struct lp_npu_reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
void lp_npu_reader_at(struct lp_npu_reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

enum lp_npu_presence { LP_NPU_OPTIONAL, LP_NPU_REQUIRED };

/* An absent or null optional member leaves *out as it is. */
lp_status lp_npu_read_int(struct lp_npu_reader *r, const json_t *object, const char *key, enum lp_npu_presence presence,
                          int64_t min, int64_t max, int64_t *out);
lp_status lp_npu_read_u32(struct lp_npu_reader *r, const json_t *object, const char *key, enum lp_npu_presence presence,
                          uint32_t *out);
lp_status lp_npu_read_i32(struct lp_npu_reader *r, const json_t *object, const char *key, enum lp_npu_presence presence,
                          int64_t min, int64_t max, int32_t *out);
lp_status lp_npu_read_flag(struct lp_npu_reader *r, const json_t *object, const char *key, bool *out);
/* Copied into the arena. Texts with control characters are refused: they end up in messages and reports. */
lp_status lp_npu_read_text(struct lp_npu_reader *r, const json_t *object, const char *key, enum lp_npu_presence presence,
                           const char **out);
/* The array's elements; an absent optional array has none. More than `most` is an error. */
lp_status lp_npu_read_array(struct lp_npu_reader *r, const json_t *object, const char *key, enum lp_npu_presence presence,
                            size_t most, const json_t **out, uint32_t *count);
/* Position of the member's text in `names`. */
lp_status lp_npu_read_name(struct lp_npu_reader *r, const json_t *object, const char *key, const char *const *names, size_t count,
                           int32_t *out);
/* An array of integers in the arena; absent or null: *out null, *count 0. */
lp_status lp_npu_read_ints(struct lp_npu_reader *r, const json_t *object, const char *key, size_t most, const int64_t **out,
                           uint32_t *count);

#endif
