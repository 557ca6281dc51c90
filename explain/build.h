/* What another compiler for the NPU left of a network: its parameters with their places, its pools, and what it says of
 * itself. Read from the files that users have after a build; nothing of them is executed. */
#ifndef LP_EXPLAIN_BUILD_H
#define LP_EXPLAIN_BUILD_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"

#include <stdbool.h>
#include <stdint.h>

enum { LP_BUILD_RANK = 6, LP_BUILD_MOST_ITEMS = 1 << 16 };

/* What a parameter is for, by its name, else by the node that reads it. */
enum lp_build_kind {
    LP_BUILD_UNKNOWN,
    LP_BUILD_KERNEL,
    LP_BUILD_SCALE,      /* multipliers of the channels */
    LP_BUILD_BIAS,       /* biases with the output's zero point */
    LP_BUILD_ZERO_POINT, /* scalar that makes unsigned features */
    LP_BUILD_PAD_KERNEL, /* identity kernel that only pads */
    LP_BUILD_TABLE,      /* of an activation function */
    LP_BUILD_SCALAR,     /* quantization of a software operator */
    LP_BUILD_COPY        /* the bytes of another parameter once more */
};

struct lp_build_param {
    const char *name;
    const char *layer; /* the name without what says its role: "Conv2D_12" */
    enum lp_build_kind kind;
    int32_t pool;     /* index into pools, -1: unknown */
    uint64_t address; /* device address; 0: unknown */
    uint64_t size_bytes;
    uint32_t rank;
    int64_t shape[LP_BUILD_RANK]; /* kernels: out, in, height, width */
    bool is_inflated;             /* a depthwise kernel stored as blocks of channels */
    bool has_padding;             /* size_bytes has the padding of its frames in it */
};

struct lp_build_pool {
    const char *name;
    const char *postfix; /* names the pool in file names: "xSPI2" of atonbuf.xSPI2.raw; null: not said */
    uint64_t base, size_bytes, used_bytes;
    bool is_virtual; /* spans several of the others */
};

/* The convolution unit's configuration for one layer, where the network's C source is there. */
struct lp_build_convolution {
    const char *layer;
    int32_t shift_o, outbytes_o, nKernels, batchDepth, kernelWidth, kernelHeight;
    bool is_deep;
};

struct lp_build {
    const char *compiler_version; /* "1.1.3-262"; null: not said */
    const char *product_version;
    struct lp_build_pool *pools;
    uint32_t pool_count;
    struct lp_build_param *params;
    uint32_t param_count;
    struct lp_build_convolution *convolutions;
    uint32_t convolution_count;
    int64_t epochs_hw, epochs_sw, epochs_hybrid, epochs_blob; /* -1: not said */
    int64_t weights_bytes, activations_bytes;                 /* as the tool reports them; -1: not said */
    const char *params_from;                                  /* the file that listed the parameters */
};

/* Each reads one file's text and adds what it says to `build`. Fields and lines that mean nothing to it become notes, one for
 * each kind of surprise. LP_BAD_INPUT for a text that is not of its kind, or contradicts itself. */
lp_status lp_build_read_c_info(struct lp_arena *arena, struct lp_diag *diag, const char *file, const char *text, size_t length,
                               struct lp_build *build);
lp_status lp_build_read_source(struct lp_arena *arena, struct lp_diag *diag, const char *file, const char *text, size_t length,
                               struct lp_build *build);
lp_status lp_build_read_report(struct lp_arena *arena, struct lp_diag *diag, const char *file, const char *text, size_t length,
                               struct lp_build *build);

/* Kind, layer and storage form from a parameter's name; LP_BUILD_UNKNOWN when it says nothing. */
lp_status lp_build_name(struct lp_arena *arena, struct lp_diag *diag, struct lp_build_param *param);

/* Index of the innermost pool that holds the address; -1: none. Virtual pools lose against the banks they span. */
int32_t lp_build_pool_of(const struct lp_build *build, uint64_t address);

/* What all parameters start at a multiple of within their pools: 16, 32 or 64. They are sorted by address. */
uint64_t lp_build_alignment(const struct lp_build *build);

#endif
