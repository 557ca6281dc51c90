/* Arithmetic on one or two tensors, reductions and products of tensors. */
#include "compiler/lower/cpu/channels.h"
#include "compiler/lower/cpu/choose.h"
#include "compiler/lower/cpu/choose.h"
#include "compiler/lower/cpu/ops.h"
#include "compiler/semantics/semantics.h"

#include <stddef.h>

/* Two inputs and an output at these offsets of the arguments. */
struct pair_fields {
    size_t in1, in2, out;
};

static lp_status lower_pair(struct lp_lowering *l, const struct lp_op *op, const char *symbol, const void *args,
                            const struct pair_fields *fields, int64_t macs, struct lp_sw_epoch **epoch)
{
    lp_status status = lp_lower_epoch(l, op, symbol, args, macs, epoch);
    if (status == LP_OK)
        status = lp_lower_read(l, *epoch, fields->in1, op->inputs[0]);
    if (status == LP_OK)
        status = lp_lower_read(l, *epoch, fields->in2, op->inputs[1]);
    return status == LP_OK ? lp_lower_write(l, *epoch, fields->out, op->outputs[0]) : status;
}

/* A faster variant exists for products of bytes. */
static const char *binary_kernel(const struct lp_lowering *l, const struct lp_op *op, const struct lp_binary *args)
{
    const char *reference = lp_binary_symbol(l->graph, op);
    const bool is_product = op->kind == LP_OP_MUL && args->element == LP_ELEMENT_INT8;
    return is_product ? lp_choose_plain(l->program, LP_FAMILY_MUL, reference, args) : reference;
}

lp_status lp_lower_binary(struct lp_lowering *l, const struct lp_op *op)
{
    static const struct pair_fields fields = {offsetof(struct lp_binary, in1), offsetof(struct lp_binary, in2),
                                              offsetof(struct lp_binary, out)};
    struct lp_binary args = {0};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_binary_params(l->graph, op, l->program->rounding, l->diag, &args);
    if (status == LP_OK)
        status = lower_pair(l, op, binary_kernel(l, op, &args), &args, &fields, 0, &epoch);
    for (uint32_t i = 0; i < 2 && status == LP_OK; i++)
        if (lp_tensors_same_shape(lp_op_input(l->graph, op, i), lp_op_output(l->graph, op, 0)))
            lp_lower_overlap(l, epoch, op->inputs[i], 0);
    return status;
}

lp_status lp_lower_batch_matmul(struct lp_lowering *l, const struct lp_op *op)
{
    static const struct pair_fields fields = {offsetof(struct lp_batch_matmul, in1), offsetof(struct lp_batch_matmul, in2),
                                              offsetof(struct lp_batch_matmul, out)};
    struct lp_batch_matmul args = {0};
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_batch_matmul_params(l->graph, op, l->program->rounding, l->diag, &args);
    return status == LP_OK ? lower_pair(l, op, lp_batch_matmul_symbol(l->graph, op), &args, &fields, 0, &epoch) : status;
}

/* A table that the compiler has filled in. */
static lp_status bind_table(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t field_offset, const struct lp_op *op,
                            const char *what, enum lp_element element, const void *data, uint32_t count)
{
    const struct lp_item item = {
        .cause = LP_CAUSE_ACTIVATION_TABLES,
        .layer = (int32_t)op->source_index,
        .name = lp_lower_item_name(l, what, op),
        .element = element,
        .data = data,
        .count = count,
        .align_bytes = lp_element_bytes(element),
    };
    return item.name == NULL ? lp_no_memory(l->diag) : lp_lower_constant(l, epoch, field_offset, item);
}

/* The rest of an epoch whose input the output may take over. */
static lp_status bind_in_place(struct lp_lowering *l, struct lp_sw_epoch *epoch, const struct lp_op *op, size_t in, size_t out)
{
    lp_status status = lp_lower_read(l, epoch, in, op->inputs[0]);
    if (status == LP_OK)
        status = lp_lower_write(l, epoch, out, op->outputs[0]);
    if (status == LP_OK)
        lp_lower_overlap(l, epoch, op->inputs[0], 0);
    return status;
}

lp_status lp_lower_table(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_table_s8 args = {0};
    struct lp_sw_epoch *epoch = NULL;
    int8_t *table = LP_NEW_ARRAY(l->arena, LP_TABLE_BYTES, int8_t);
    if (table == NULL)
        return lp_no_memory(l->diag);
    lp_status status = lp_table_params(l->graph, op, l->program->rounding, l->diag, table, &args);
    if (status == LP_OK)
        status = lp_lower_epoch(l, op, lp_choose_plain(l->program, LP_FAMILY_TABLE, "lp_table_s8__reference", &args), &args, 0,
                                &epoch);
    if (status == LP_OK)
        status = bind_table(l, epoch, offsetof(struct lp_table_s8, table), op, "table", LP_ELEMENT_INT8, table, LP_TABLE_BYTES);
    return status == LP_OK ? bind_in_place(l, epoch, op, offsetof(struct lp_table_s8, in), offsetof(struct lp_table_s8, out))
                           : status;
}

lp_status lp_lower_sigmoid(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_sigmoid_s16 args = {0};
    struct lp_sw_epoch *epoch = NULL;
    if (lp_op_input(l->graph, op, 0)->element != LP_ELEMENT_INT16)
        return lp_lower_table(l, op);
    int16_t *table = LP_NEW_ARRAY(l->arena, LP_SIGMOID_TABLE, int16_t);
    if (table == NULL)
        return lp_no_memory(l->diag);
    lp_sigmoid_table(table);
    lp_status status = lp_sigmoid_s16_params(l->graph, op, l->diag, &args);
    if (status == LP_OK)
        status = lp_lower_epoch(l, op, "lp_sigmoid_s16__reference", &args, 0, &epoch);
    if (status == LP_OK)
        status = bind_table(l, epoch, offsetof(struct lp_sigmoid_s16, table), op, "table", LP_ELEMENT_INT16, table,
                            LP_SIGMOID_TABLE);
    return status == LP_OK
               ? bind_in_place(l, epoch, op, offsetof(struct lp_sigmoid_s16, in), offsetof(struct lp_sigmoid_s16, out))
               : status;
}

static lp_status lower_softmax_s16(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_softmax_s16 args = {0};
    struct lp_sw_epoch *epoch = NULL;
    int16_t *tables = LP_NEW_ARRAY(l->arena, 2 * LP_LOOKUP_S16, int16_t);
    if (tables == NULL)
        return lp_no_memory(l->diag);
    lp_softmax_s16_tables(tables, tables + LP_LOOKUP_S16);
    lp_status status = lp_softmax_s16_params(l->graph, op, l->program->rounding, l->diag, &args);
    if (status == LP_OK)
        status = lp_lower_epoch(l, op, "lp_softmax_s16__reference", &args, 0, &epoch);
    if (status == LP_OK)
        status = bind_table(l, epoch, offsetof(struct lp_softmax_s16, exp_table), op, "exp_table", LP_ELEMENT_INT16, tables,
                            LP_LOOKUP_S16);
    if (status == LP_OK)
        status = bind_table(l, epoch, offsetof(struct lp_softmax_s16, reciprocal_table), op, "reciprocal_table", LP_ELEMENT_INT16,
                            tables + LP_LOOKUP_S16, LP_LOOKUP_S16);
    return status == LP_OK
               ? bind_in_place(l, epoch, op, offsetof(struct lp_softmax_s16, in), offsetof(struct lp_softmax_s16, out))
               : status;
}

lp_status lp_lower_softmax(struct lp_lowering *l, const struct lp_op *op)
{
    struct lp_softmax_s8 args = {0};
    if (lp_op_input(l->graph, op, 0)->element == LP_ELEMENT_INT16)
        return lower_softmax_s16(l, op);
    lp_status status = lp_softmax_params(l->graph, op, l->program->rounding, l->diag, &args);
    const char *symbol = status == LP_OK ? lp_choose_plain(l->program, LP_FAMILY_SOFTMAX, "lp_softmax_s8__reference", &args)
                                         : NULL;
    return status == LP_OK ? lp_lower_unary(l, op, symbol, &args, offsetof(struct lp_softmax_s8, in),
                                            offsetof(struct lp_softmax_s8, out), LP_UNARY_IN_PLACE)
                           : status;
}

#define LOWER_UNARY(name, args_struct, symbol, memory, params)                                          \
    lp_status name(struct lp_lowering *l, const struct lp_op *op)                                       \
    {                                                                                                   \
        struct args_struct args = {0};                                                                  \
        lp_status status = params;                                                                      \
        return status == LP_OK ? lp_lower_unary(l, op, symbol, &args, offsetof(struct args_struct, in), \
                                                offsetof(struct args_struct, out), memory)              \
                               : status;                                                                \
    }

static LOWER_UNARY(lower_leaky_relu_s16, lp_leaky_relu_s16, "lp_leaky_relu_s16__reference", LP_UNARY_IN_PLACE,
                   lp_leaky_relu_s16_params(l->graph, op, l->program->rounding, l->diag, &args))

    lp_status lp_lower_leaky_relu(struct lp_lowering *l, const struct lp_op *op)
{
    return lp_op_input(l->graph, op, 0)->element == LP_ELEMENT_INT16 ? lower_leaky_relu_s16(l, op) : lp_lower_table(l, op);
}

LOWER_UNARY(lp_lower_arg_max, lp_arg_max, "lp_arg_max__reference", LP_UNARY_APART,
            lp_arg_max_params(l->graph, op, l->diag, &args))
LOWER_UNARY(lp_lower_reduce, lp_reduce, "lp_reduce__reference", LP_UNARY_APART, lp_reduce_params(l->graph, op, l->diag, &args))
LOWER_UNARY(lp_lower_resize_bilinear, lp_resize_bilinear_s8, "lp_resize_bilinear_s8__reference", LP_UNARY_APART,
            lp_resize_bilinear_params(l->graph, op, l->program->rounding, l->diag, &args))
LOWER_UNARY(lp_lower_l2_normalization, lp_l2_normalization_s8, "lp_l2_normalization_s8__reference", LP_UNARY_IN_PLACE,
            lp_l2_normalization_params(l->graph, op, l->program->rounding, l->diag, &args))
LOWER_UNARY(lp_lower_log_softmax, lp_log_softmax_s8, "lp_log_softmax_s8__reference", LP_UNARY_IN_PLACE,
            lp_log_softmax_params(l->graph, op, l->program->rounding, l->diag, &args))

static lp_status put_scales(struct lp_lowering *l, struct lp_sw_epoch *epoch, const struct lp_op *op,
                            const struct lp_weighted_fields *fields, const struct lp_channel_scales *scales)
{
    struct lp_item item = {.cause = LP_CAUSE_SCALE_VECTORS, .layer = (int32_t)op->source_index, .count = scales->count};
    item.name = lp_lower_item_name(l, "multiplier", op);
    item.element = LP_ELEMENT_INT32;
    item.data = scales->multiplier;
    item.align_bytes = 4;
    if (item.name == NULL)
        return lp_no_memory(l->diag);
    lp_status status = lp_lower_constant(l, epoch, fields->multiplier, item);
    item.name = lp_lower_item_name(l, "shift", op);
    item.element = LP_ELEMENT_INT8;
    item.data = scales->shift;
    item.align_bytes = 1;
    if (item.name == NULL)
        return lp_no_memory(l->diag);
    return status == LP_OK ? lp_lower_constant(l, epoch, fields->shift, item) : status;
}

/* The zero point can't go into the bias: how many inputs reach an output depends on where it lies. */
static lp_status bind_transpose_conv(struct lp_lowering *l, const struct lp_op *op, const char *symbol, const void *args,
                                     const struct lp_weighted_fields *fields, const struct lp_channel_scales *scales)
{
    struct lp_sw_epoch *epoch = NULL;
    lp_status status = lp_lower_epoch(l, op, symbol, args, lp_op_macs(l->graph, op), &epoch);
    if (status == LP_OK)
        status = lp_lower_read(l, epoch, fields->in, op->inputs[2]);
    if (status == LP_OK)
        status = lp_lower_read(l, epoch, fields->weight, op->inputs[1]);
    if (status == LP_OK && op->input_count > 3)
        status = lp_lower_read(l, epoch, fields->bias, op->inputs[3]);
    if (status == LP_OK)
        status = put_scales(l, epoch, op, fields, scales);
    return status == LP_OK ? lp_lower_write(l, epoch, fields->out, op->outputs[0]) : status;
}

static lp_status lower_transpose_conv_s16(struct lp_lowering *l, const struct lp_op *op)
{
    static const struct lp_weighted_fields fields = LP_WEIGHTED_FIELDS(struct lp_transpose_conv_s16);
    struct lp_transpose_conv_s16 args = {0};
    struct lp_channel_scales scales = {0, NULL, NULL};
    lp_status status = lp_transpose_conv_s16_params(l->graph, op, l->program->rounding, l->arena, l->diag, &args, &scales);
    return status == LP_OK ? bind_transpose_conv(l, op, "lp_transpose_conv_s16__reference", &args, &fields, &scales) : status;
}

lp_status lp_lower_transpose_conv(struct lp_lowering *l, const struct lp_op *op)
{
    static const struct lp_weighted_fields fields = LP_WEIGHTED_FIELDS(struct lp_transpose_conv_s8);
    struct lp_transpose_conv_s8 args = {0};
    struct lp_channel_scales scales = {0, NULL, NULL};
    if (lp_op_output(l->graph, op, 0)->element == LP_ELEMENT_INT16)
        return lower_transpose_conv_s16(l, op);
    lp_status status = lp_transpose_conv_params(l->graph, op, l->program->rounding, l->arena, l->diag, &args, &scales);
    return status == LP_OK ? bind_transpose_conv(l, op, "lp_transpose_conv_s8__reference", &args, &fields, &scales) : status;
}
