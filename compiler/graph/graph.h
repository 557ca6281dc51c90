/* The graph: what every stage of the compiler reads and writes.
 *
 * Tensors and operators are arrays; an operator names its tensors by index, and operators stand in an order in which they
 * can run. Everything lives in the arena of the model and is valid until that arena is freed. */
#ifndef LP_GRAPH_GRAPH_H
#define LP_GRAPH_GRAPH_H

#include "compiler/base/arena.h"
#include "compiler/base/diag.h"
#include "compiler/graph/op_kinds.h"
#include "contract/network.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LP_MAX_RANK = 8, LP_NO_TENSOR = -1 };

/* Bytes of one element. */
uint32_t lp_element_bytes(enum lp_element element);
const char *lp_element_name(enum lp_element element); /* "int8" */

/* real = scale[c] * (integer - zero_point[c]); count is 0 (not quantized), 1, or the size of dimension `axis`. */
struct lp_quant {
    uint32_t count;
    int32_t axis;
    const float *scale;
    const int32_t *zero_point;
};

struct lp_tensor {
    const char *name; /* as in the model file, never null; may be empty or not unique */
    enum lp_element element;
    uint8_t rank; /* 0: a single number */
    int32_t dims[LP_MAX_RANK];
    struct lp_quant quant;
    const void *data;     /* constant value, aligned for its element; null for what is computed at run time */
    int32_t source_index; /* tensor of the model file, -1 for one that a rewrite added */
};

enum lp_activation {
    LP_ACT_NONE,
    LP_ACT_RELU,
    LP_ACT_RELU_N1_TO_1,
    LP_ACT_RELU6,
    LP_ACT_RELU_0_TO_1 /* never fused: an operator of its own */
};
enum lp_padding { LP_PADDING_SAME, LP_PADDING_VALID, LP_PADDING_EXPLICIT };

/* The sliding window of convolutions and pools. */
struct lp_window {
    enum lp_padding padding;
    int32_t stride_h, stride_w;
    int32_t dilation_h, dilation_w;                   /* 1 for pools */
    int32_t kernel_h, kernel_w;                       /* of pools; of convolutions filled in from the filter's shape */
    int32_t pad_top, pad_left, pad_bottom, pad_right; /* filled in by lp_analyze_shapes; given when padding is EXPLICIT */
};

struct lp_op {
    enum lp_op_kind kind;
    uint32_t source_index; /* operator of the model file */
    int32_t *inputs;       /* tensor indices; LP_NO_TENSOR for an optional one that is absent */
    int32_t *outputs;
    uint32_t input_count;
    uint32_t output_count;
    enum lp_activation activation; /* fused behind the operator */
    union {
        struct lp_window window; /* CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV, AVERAGE_POOL_2D, MAX_POOL_2D */
        struct {
            int32_t axis, batch_dims; /* axis may be negative: from the end. batch_dims: of GATHER */
        } along;                      /* CONCATENATION, GATHER, PACK, UNPACK */
        struct {
            int32_t size;
        } block; /* DEPTH_TO_SPACE, SPACE_TO_DEPTH */
        struct {
            bool is_symmetric; /* the border repeats the edge too */
        } mirror_pad;
        struct {
            bool keep_dims;
        } reduce; /* MEAN, REDUCE_MAX, REDUCE_MIN */
        struct {
            bool align_corners, half_pixel_centers;
        } resize; /* RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR */
        struct {
            uint32_t begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask; /* bit i: of dimension i */
            bool is_offset;                                                                /* `end` counts from `begin` */
        } strided_slice;
        struct {
            bool keep_num_dims;
        } fully_connected;
        struct {
            float beta;
        } softmax;
        struct {
            int32_t rank;
        } svdf;
        struct {
            float alpha; /* finite, 0 or more */
        } leaky_relu;
        struct {
            bool is_approximate; /* by tanh, else by erf */
        } gelu;
        struct {
            bool adjoint_1, adjoint_2; /* the input's last two dimensions change places */
        } batch_matmul;
        struct {
            int32_t dims[LP_MAX_RANK];
            uint8_t rank;
            bool given;
        } reshape; /* new shape when no second input gives it */
        struct {
            int32_t axes[LP_MAX_RANK];
            uint8_t count;
        } squeeze;
    } as;
};

/* What a network keeps between inferences: `before` is there when one begins, and `after` becomes it when one ends. */
struct lp_state {
    int32_t before, after; /* tensors of one element type and as many elements; `after` may be anything that has a value */
    const void *initial;   /* the bytes of `before` at the first inference */
};

struct lp_graph {
    struct lp_arena *arena;
    struct lp_tensor *tensors;
    struct lp_op *ops;
    int32_t *inputs; /* tensor indices in the model's order */
    int32_t *outputs;
    const struct lp_state *states;
    uint32_t tensor_count, op_count, input_count, output_count, state_count;
    uint32_t model_op_count; /* operators of the model file, those included that are computed at compile time */
    const char *description; /* of the model file; "" when it has none */
};

/* Elements of a tensor; 1 for rank 0. The verifier keeps it within int32. */
int64_t lp_tensor_elements(const struct lp_tensor *tensor);
int64_t lp_tensor_bytes(const struct lp_tensor *tensor);
/* Element i of a constant list of int32, or of int64 numbers that fit. */
int32_t lp_tensor_number(const struct lp_tensor *numbers, int64_t i);
bool lp_tensors_same_shape(const struct lp_tensor *a, const struct lp_tensor *b);
/* Same scales and zero points. */
bool lp_tensors_same_quant(const struct lp_tensor *a, const struct lp_tensor *b);
/* "1x96x96x3", "scalar" for rank 0. Returns `buffer`. */
const char *lp_shape_text(const struct lp_tensor *tensor, char *buffer, size_t size_bytes);

/* The operator's i-th tensor, null when it is absent or there are fewer. */
struct lp_tensor *lp_op_input(const struct lp_graph *graph, const struct lp_op *op, uint32_t i);
struct lp_tensor *lp_op_output(const struct lp_graph *graph, const struct lp_op *op, uint32_t i);
/* Its i-th input is optional. */
bool lp_op_may_lack(enum lp_op_kind kind, uint32_t input);
/* Name for people: the name of the first output tensor. */
const char *lp_op_name(const struct lp_graph *graph, const struct lp_op *op);

/* Checks every rule that the stages rely on: indices, element types, ranks and sizes (at most 2^31 - 1 bytes a tensor),
 * finite positive scales, zero points in range, each tensor written at most once and before it is read, constants never
 * written, graph outputs and new states written or constant. `after` names the stage for the message. */
lp_status lp_graph_verify(const struct lp_graph *graph, const char *after, struct lp_diag *diag);

/* The graph as text, one operator a line. */
void lp_graph_print(const struct lp_graph *graph, struct lp_text *out);

#endif
