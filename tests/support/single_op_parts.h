/* What the files that make models of one operator share. */
#ifndef LP_TESTS_SUPPORT_SINGLE_OP_PARTS_H
#define LP_TESTS_SUPPORT_SINGLE_OP_PARTS_H

#include "tests/support/random_parts.h"
#include "tests/support/single_op.h"

enum { SINGLE_OP_MOST_DIMS = 12 };

/* A shape of `least`..`most` dimensions of a few elements each. */
struct shape {
    int32_t rank, dims[SINGLE_OP_MOST_DIMS];
};

struct shape random_shape(struct random_model *m, int32_t least, int32_t most);

/* int8, and in a third of all cases int16. */
enum lp_element int8_or_int16(struct random_model *m);
/* A tensor with a meaning of its own, where its type has one; `add_port` makes it an input of the network. */
int32_t add_typed(struct random_model *m, enum lp_element element, const struct shape *s);
int32_t add_port(struct random_model *m, enum lp_element element, const struct shape *s);
/* The outputs of functions have a fixed meaning. */
int32_t add_fixed(struct random_model *m, enum lp_element element, const struct shape *s, float scale, int32_t zero_point);
/* Type and meaning of another tensor. */
int32_t add_same(struct random_model *m, int32_t tensor, const struct shape *s);
/* A constant of any values, of int8 or int16. */
void fill_typed(struct random_model *m, int32_t tensor);
/* A second operand: a constant, or a further input of the network. */
void fill_or_feed(struct random_model *m, int32_t tensor);
int32_t add_list(struct random_model *m, const int32_t *numbers, int32_t count);
/* An axis as a tensor, or as a number that an option holds; counted from either end. */
int32_t add_axis(struct random_model *m, int32_t axis, int32_t rank);
int32_t from_either_end(struct random_model *m, int32_t axis, int32_t rank);

struct lp_tw_op *add_unary(struct random_model *m, int32_t code, uint8_t options, int32_t in, int32_t out);
void set_byte(struct lp_tw_op *op, int field, int32_t value);
void set_word(struct lp_tw_op *op, int field, int64_t value);
/* All outputs of an operator that has several. */
void set_outputs(struct lp_tw_op *op, const int32_t *outputs, int32_t count);

/* Each appends one operator. single_op_weights.c */
void single_fully_connected(struct random_model *m);
void single_convolution(struct random_model *m);
void single_transpose_conv(struct random_model *m);
void single_batch_matmul(struct random_model *m);
/* single_op_moves.c */
void single_gather(struct random_model *m);
void single_pad(struct random_model *m);
void single_move(struct random_model *m);
void single_batches(struct random_model *m);
void single_strided_slice(struct random_model *m);

#endif
