/* Models that see their input: for random inputs the output changes, unless a flaw was asked for. One input, one output, int8. */
#ifndef LP_TESTS_SUPPORT_SEEING_MODEL_H
#define LP_TESTS_SUPPORT_SEEING_MODEL_H

#include "compiler/graph/graph.h"
#include "tests/support/tflite_writer.h"

enum seeing_flaw {
    SEEING_NO_FLAW,
    SEEING_INSENSITIVE, /* a layer in which every change dies */
    SEEING_SATURATED,   /* an output that stands at its limits */
    SEEING_BALANCED     /* weights that cancel in the sum: the vendor's shift rule saturates */
};

struct seeing_model {
    struct lp_tw file;
    const uint8_t *bytes; /* of the model file */
    size_t byte_count;
    uint64_t state; /* of seeing_between */
    enum seeing_flaw flaw;
    int dense_count; /* so far */
    void *blocks[32];
    size_t block_count;
    struct lp_arena arena;
    struct lp_diag diag;
    struct lp_graph *graph;
};

/* The same seed gives the same model. An input with several channels, or a softmax at the end, when asked for. */
struct seeing_model *seeing_model_make(uint64_t seed, enum seeing_flaw flaw, bool needs_channels, bool needs_softmax);
void seeing_model_free(struct seeing_model *model);

/* A random number from low to high. */
int32_t seeing_between(struct seeing_model *model, int32_t low, int32_t high);

#endif
