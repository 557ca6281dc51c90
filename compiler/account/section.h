/* The bytes of the emitted program and their causes. Whatever the compiler emits goes through lp_section_put, which takes
 * cause, layer and bytes together: a byte without a cause can't exist, and the causes of a section add up to its size. */
#ifndef LP_ACCOUNT_SECTION_H
#define LP_ACCOUNT_SECTION_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"
#include "contract/network.h"

/* X(ENUM, name in reports, what it means) */
#define LP_CAUSES(X)                                                                                                            \
    X(MODEL_CONSTANTS, "model-constants", "weights and biases as the model file holds them")                                    \
    X(DEAD_CHANNELS, "dead-channels", "channels that no input can change, removed")                                             \
    X(TILING_PADDING, "tiling-padding", "channels kept though dead, or stored twice, so that all frames are of one size")       \
    X(LAYOUT_PADDING, "layout-padding", "bytes that the storage layout of a unit adds")                                         \
    X(DEPTHWISE_BLOCK_DIAGONAL, "depthwise-block-diagonal", "zeros of depthwise kernels that are stored as blocks of channels") \
    X(FRAME_PADDING, "frame-padding", "zeros that fill kernel frames up to three bytes")                                        \
    X(ALIGNMENT, "alignment", "gaps so that the next item starts where it must")                                                \
    X(BIAS_WIDTH, "bias-width", "biases stored wider or narrower than in the model file")                                       \
    X(SCALE_VECTORS, "scale-vectors", "multipliers and shifts that replace the scales")                                         \
    X(ZERO_POINT_TERMS, "zero-point-terms", "biases that exist only to carry the input zero point")                             \
    X(SPLIT_KERNELS, "split-kernels", "what kernels take more because they are cut into parts")                                 \
    X(PAD_KERNELS, "pad-kernels", "kernels of limpid's own: they move data to where padding is added, or sum what is averaged") \
    X(ACTIVATION_TABLES, "activation-tables", "tables of functions that have no cheap formula")                                 \
    X(ROW_VECTORS, "row-vectors", "coefficients repeated along a row, for layers of more than 512 channels")                    \
    X(EPOCH_PROGRAM, "epoch-program", "the table that says what runs in which order")                                           \
    X(KERNELS, "kernels", "code of the operators")                                                                              \
    X(RUNTIME, "runtime", "code that walks the epochs, and the C library behind it")                                            \
    X(IO, "io", "descriptions of inputs and outputs")

enum lp_cause {
#define X(id, name, meaning) LP_CAUSE_##id,
    LP_CAUSES(X)
#undef X
        LP_CAUSE_COUNT
};

const char *lp_cause_name(enum lp_cause cause);
const char *lp_cause_meaning(enum lp_cause cause);

enum { LP_NO_LAYER = -1 }; /* belongs to the whole network */

/* What is put: `count` elements, or only their number when data is null (tables that the C compiler lays out). */
struct lp_item {
    enum lp_cause cause;
    int32_t layer;    /* operator of the model file, or LP_NO_LAYER */
    const char *name; /* of the member in emitted C: letters, digits, underscores */
    enum lp_element element;
    const void *data;
    uint32_t count;
    uint32_t align_bytes;  /* a power of two, at least the element's size */
    uint32_t offset_bytes; /* filled in by lp_section_put */
};

/* Bytes that a cause claims beyond its items, see lp_section_claim. */
struct lp_claim {
    enum lp_cause cause;
    int32_t layer;
    int64_t bytes;
};

struct lp_section {
    const char *name; /* "weights", "program" */
    struct lp_arena *arena;
    struct lp_item *items;
    uint32_t item_count, item_capacity;
    struct lp_claim *claims; /* their sum is 0 */
    uint32_t claim_count, claim_capacity;
    uint32_t size_bytes;
};

/* Appends the item behind a gap for its alignment (a gap is an item of cause `alignment` and of the same layer). Name and
 * data are kept, not copied. LP_OUT_OF_MEMORY; LP_DOES_NOT_FIT beyond 2^31 - 1 bytes. */
lp_status lp_section_put(struct lp_section *section, struct lp_diag *diag, struct lp_item item, uint32_t *offset_bytes);

/* `cause` would have had so many bytes more if `saver` had not saved them: both enter the ledger, +bytes and -bytes. Nothing is
 * put, and the sum stays. */
lp_status lp_section_claim(struct lp_section *section, struct lp_diag *diag, enum lp_cause cause, enum lp_cause saver,
                           int32_t layer, int64_t bytes);

/* Fills the section up to a multiple of its widest element, as a C structure of its items is (cause `alignment`). */
lp_status lp_section_close(struct lp_section *section, struct lp_diag *diag);

/* The section's bytes in one piece, little endian. All items must carry data. Null when there is no memory. */
uint8_t *lp_section_bytes(const struct lp_section *section, struct lp_arena *arena);

/* Bytes of one cause; of one layer only, when layer is not LP_ANY_LAYER. */
enum { LP_ANY_LAYER = -2 };
int64_t lp_section_cause_bytes(const struct lp_section *section, enum lp_cause cause, int32_t layer);

/* LP_INTERNAL, with a sentence, when the items do not cover the section exactly once. */
lp_status lp_section_check(const struct lp_section *section, struct lp_diag *diag);

#endif
