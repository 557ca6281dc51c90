/* The causes of the bytes of another compiler's build: every byte between the first parameter of a pool and its last has one
 * cause and one layer, or is said to be unexplained. */
#ifndef LP_EXPLAIN_LEDGER_H
#define LP_EXPLAIN_LEDGER_H

#include "compiler/account/section.h"
#include "explain/build.h"

/* Bytes of a pool as a file holds them; who has none leaves it out. */
struct lp_build_image {
    int32_t pool;
    uint64_t address; /* of the first byte */
    const uint8_t *bytes;
    uint64_t size_bytes;
};

struct lp_build_row {
    const char *layer; /* null: the network as a whole */
    bool is_explained;
    enum lp_cause cause; /* when explained */
    int64_t bytes;
};

/* One layer's parameters put together. */
struct lp_build_layer {
    const char *name;
    int64_t outputs;         /* of its kernel; 0: unknown */
    int64_t kernel_elements; /* without zeros of block-diagonal storage */
    int64_t block;           /* channels stored together by a depthwise kernel, 1: plain */
    int64_t bytes;           /* all its bytes, gaps included */
    bool is_depthwise, has_bias_vector;
};

struct lp_build_ledger {
    struct lp_build_row *rows; /* sorted by layer as they stand in memory; one for each layer and cause */
    uint32_t row_count;
    struct lp_build_layer *layers;
    uint32_t layer_count;
    int64_t total_bytes, explained_bytes; /* total: sum over the pools, from first to end of last parameter */
};

/* LP_BAD_INPUT when parameters overlap or contradict the images' sizes. The result lives in `arena`. */
lp_status lp_build_account(struct lp_arena *arena, struct lp_diag *diag, struct lp_build *build,
                           const struct lp_build_image *images, uint32_t image_count, struct lp_build_ledger *out);

/* Bytes of one cause in all layers; LP_CAUSE_COUNT: of those that are not explained. */
int64_t lp_build_cause_bytes(const struct lp_build_ledger *ledger, enum lp_cause cause);

/* Adds bytes that are no parameter: the program of the epoch controller, split into coefficients and control. */
lp_status lp_build_account_program(struct lp_arena *arena, struct lp_diag *diag, const char *file, const char *text,
                                   size_t length, struct lp_build_ledger *ledger);

#endif
