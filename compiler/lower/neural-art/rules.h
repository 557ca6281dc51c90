/* What the NPU takes: every constraint stands here once, as the check, as the message and as the manual. */
#ifndef LP_LOWER_NEURAL_ART_RULES_H
#define LP_LOWER_NEURAL_ART_RULES_H

#include "compiler/lower/lowering.h"

/* X(ENUM, name, operators, what is allowed, why) */
#define LP_NPU_RULES(X)                                                                                                      \
    X(OPERATOR, "operator", "all", "an operator that the NPU has a form for",                                                \
      "the units multiply and add, pool, and look up functions of 8 bits; everything else runs on the CPU")                  \
    X(TYPE, "element-type", "all", "int8 inputs and outputs; of QUANTIZE also uint8",                                        \
      "the lowering keeps all values that pass between epochs in 8 signed bits")                                             \
    X(CONSTANT, "constant-weights", "CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED",                                           \
      "constant weights and biases, and a computed input", "kernels are laid out for the unit when the model is compiled")   \
    X(KERNEL, "kernel-size", "CONV_2D, DEPTHWISE_CONV_2D, AVERAGE_POOL_2D, MEAN", "up to 64 lines and columns",              \
      "longer kernels would be cut into more parts than it is worth to add up")                                              \
    X(DILATION, "dilation", "CONV_2D, DEPTHWISE_CONV_2D", "up to 16 in each direction",                                      \
      "a dilation of d runs as d windows a side, each an epoch of its own")                                                  \
    X(TILES, "epochs-of-an-operator",                                                                                        \
      "AVERAGE_POOL_2D, CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, MAX_POOL_2D, MEAN, REDUCE_MAX, REDUCE_MIN",             \
      "up to 64 epochs", "each epoch takes 1,900 cycles before it computes anything, and its own program")                   \
    X(ROW, "row-length", "AVERAGE_POOL_2D, MEAN", "up to 4,095 columns of a map that is pooled",                             \
      "the unit buffers lines of a frame; executed programs have no longer ones")                                            \
    X(PADDING, "padding", "CONV_2D, DEPTHWISE_CONV_2D, AVERAGE_POOL_2D",                                                     \
      "up to 8 lines or columns beyond the map for each part of the kernel", "more was never seen to work")                  \
    X(ACCUMULATOR, "accumulator", "CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED",                                             \
      "sums for every input below 2^23, of four groups of channels together below 2^25",                                     \
      "sums pass from unit to unit in 24 bits; those of groups are added behind the units")                                  \
    X(DEVIATION, "deviation", "all that scale", "results within 1 of the reference for every input",                         \
      "sums are rounded to 16 bits before they are scaled")                                                                  \
    X(SHAPES, "shapes", "ADD, MAXIMUM, MINIMUM, MUL, SUB",                                                                   \
      "operands of the output's shape, or repeated in at most two places, up to 65,535 times",                               \
      "the unit takes both streams element by element; an engine repeats its elements in two loops")                         \
    X(CURVE, "curve", "ABS, ELU, EXP, GELU, HARD_SWISH, LEAKY_RELU, LOG, LOGISTIC, RSQRT, SQRT, TANH",                       \
      "functions that 64 pieces of quadratics meet within 1", "the activation unit has that many rows of coefficients")      \
    X(MAP, "map-size", "all but weighted ones", "up to 65,535 lines, columns and channels",                                  \
      "stream engines count them in 16 bits")                                                                                \
    X(BORDER, "border", "PAD, PADV2",                                                                                        \
      "rows, columns and channels of one map; beside channels up to 8 rows and columns on each side of up to 1,920 columns", \
      "a convolution unit makes the border, with its own padding, or engines fill it")                                       \
    X(MOVE, "move",                                                                                                          \
      "CONCATENATION, DEPTH_TO_SPACE, PACK, SLICE, SPACE_TO_DEPTH, SPLIT, SPLIT_V, STRIDED_SLICE, TRANSPOSE, UNPACK",        \
      "up to four loops around runs of bytes, forwards, up to 65,535 of each",                                               \
      "a stream engine counts bytes, pixels, lines, and frames in two loops")                                                \
    X(RESIZE, "resize", "RESIZE_NEAREST_NEIGHBOR", "rows and columns repeated, or left out, by a whole number",              \
      "an engine reads a row again, or skips some")                                                                          \
    X(SLOPES, "slopes", "PRELU", "constant slopes, one for all or one for each of up to 512 channels",                       \
      "the unit's table of factors has so many entries")                                                                     \
    X(REDUCED_AXES, "reduced-axes", "MEAN, REDUCE_MAX, REDUCE_MIN", "height and width of maps, or one of them",              \
      "units add up or compare what lies in a window of a map")                                                              \
    X(EVIDENCE, "evidence", "all", "configurations that were seen in executed programs, or lie between such",                \
      "nobody has seen others to work; --allow-unproven takes them all the same")

enum lp_npu_rule {
#define X(id, name, operators, allowed, why) LP_NPU_RULE_##id,
    LP_NPU_RULES(X)
#undef X
        LP_NPU_RULE_COUNT
};

struct lp_npu_rule_info {
    const char *name, *operators, *allowed, *why;
};
extern const struct lp_npu_rule_info lp_npu_rule_table[LP_NPU_RULE_COUNT];

/* Fills in a refusal; `change` and `found` are texts of the arena or constants. LP_OUT_OF_MEMORY when one is null. */
lp_status lp_npu_refuse(struct lp_lowering *l, struct lp_refusal *no, enum lp_npu_rule rule, const char *found,
                        const char *change);

/* Which operators have a form for the NPU, and the table of rules, as Markdown. */
void lp_npu_operators_print(struct lp_text *out);
void lp_npu_rules_print(struct lp_text *out);

#endif
