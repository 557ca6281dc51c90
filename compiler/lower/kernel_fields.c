#include "compiler/lower/kernel_fields.h"

#include "compiler/base/arena.h"
#include "contract/kernel_args.h"
#include "contract/kernel_table.h"

#include <stddef.h>
#include <string.h>

#define SIZE_OF(member) sizeof(((struct ARGS *)0)->member)
#define NUMBER(member, field_type)                                                    \
    {                                                                                 \
        .name = #member, .offset = offsetof(struct ARGS, member), .type = field_type, \
        .count = SIZE_OF(member) / FIELD_BYTES(field_type)                            \
    }
#define POINTER(member, target_type)                                                                                          \
    {                                                                                                                         \
        .name = #member, .c_type = target_type, .offset = offsetof(struct ARGS, member), .type = LP_FIELD_POINTER, .count = 1 \
    }
#define FIELD_BYTES(type) ((type) <= LP_FIELD_S8 ? 1 : (type) <= LP_FIELD_S16 ? 2 : 4)

#define ARGS lp_conv2d_s8
static const struct lp_field lp_conv2d_s8_fields[] = {
    POINTER(in, "const int8_t"),          POINTER(weight, "const int8_t"),  POINTER(bias, "const int32_t"),
    POINTER(multiplier, "const int32_t"), POINTER(shift, "const int8_t"),   POINTER(out, "int8_t"),
    NUMBER(batches, LP_FIELD_S32),        NUMBER(in_h, LP_FIELD_S32),       NUMBER(in_w, LP_FIELD_S32),
    NUMBER(in_c, LP_FIELD_S32),           NUMBER(out_h, LP_FIELD_S32),      NUMBER(out_w, LP_FIELD_S32),
    NUMBER(out_c, LP_FIELD_S32),          NUMBER(filter_c, LP_FIELD_S32),   NUMBER(in_offset, LP_FIELD_S32),
    NUMBER(pad_value, LP_FIELD_S32),      NUMBER(out_offset, LP_FIELD_S32), NUMBER(kernel_h, LP_FIELD_U16),
    NUMBER(kernel_w, LP_FIELD_U16),       NUMBER(stride_h, LP_FIELD_U16),   NUMBER(stride_w, LP_FIELD_U16),
    NUMBER(dilation_h, LP_FIELD_U16),     NUMBER(dilation_w, LP_FIELD_U16), NUMBER(pad_top, LP_FIELD_U16),
    NUMBER(pad_left, LP_FIELD_U16),       NUMBER(act_min, LP_FIELD_S8),     NUMBER(act_max, LP_FIELD_S8),
    NUMBER(per_channel, LP_FIELD_U8),     NUMBER(rounding, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_conv2d_s16
static const struct lp_field lp_conv2d_s16_fields[] = {
    POINTER(in, "const int16_t"),         POINTER(weight, "const int8_t"), POINTER(bias, "const void"),
    POINTER(multiplier, "const int32_t"), POINTER(shift, "const int8_t"),  POINTER(out, "int16_t"),
    NUMBER(batches, LP_FIELD_S32),        NUMBER(in_h, LP_FIELD_S32),      NUMBER(in_w, LP_FIELD_S32),
    NUMBER(in_c, LP_FIELD_S32),           NUMBER(out_h, LP_FIELD_S32),     NUMBER(out_w, LP_FIELD_S32),
    NUMBER(out_c, LP_FIELD_S32),          NUMBER(filter_c, LP_FIELD_S32),  NUMBER(filter_stride, LP_FIELD_S32),
    NUMBER(tap_stride, LP_FIELD_S32),     NUMBER(kernel_h, LP_FIELD_U16),  NUMBER(kernel_w, LP_FIELD_U16),
    NUMBER(stride_h, LP_FIELD_U16),       NUMBER(stride_w, LP_FIELD_U16),  NUMBER(dilation_h, LP_FIELD_U16),
    NUMBER(dilation_w, LP_FIELD_U16),     NUMBER(pad_top, LP_FIELD_U16),   NUMBER(pad_left, LP_FIELD_U16),
    NUMBER(act_min, LP_FIELD_S16),        NUMBER(act_max, LP_FIELD_S16),   NUMBER(per_channel, LP_FIELD_U8),
    NUMBER(rounding, LP_FIELD_U8),        NUMBER(is_wide, LP_FIELD_U8),    NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_depthwise_conv2d_s8
static const struct lp_field lp_depthwise_conv2d_s8_fields[] = {
    POINTER(in, "const int8_t"),      POINTER(weight, "const int8_t"),
    POINTER(bias, "const int32_t"),   POINTER(multiplier, "const int32_t"),
    POINTER(shift, "const int8_t"),   POINTER(out, "int8_t"),
    NUMBER(batches, LP_FIELD_S32),    NUMBER(in_h, LP_FIELD_S32),
    NUMBER(in_w, LP_FIELD_S32),       NUMBER(in_c, LP_FIELD_S32),
    NUMBER(out_h, LP_FIELD_S32),      NUMBER(out_w, LP_FIELD_S32),
    NUMBER(out_c, LP_FIELD_S32),      NUMBER(depth_multiplier, LP_FIELD_S32),
    NUMBER(in_offset, LP_FIELD_S32),  NUMBER(pad_value, LP_FIELD_S32),
    NUMBER(out_offset, LP_FIELD_S32), NUMBER(kernel_h, LP_FIELD_U16),
    NUMBER(kernel_w, LP_FIELD_U16),   NUMBER(stride_h, LP_FIELD_U16),
    NUMBER(stride_w, LP_FIELD_U16),   NUMBER(dilation_h, LP_FIELD_U16),
    NUMBER(dilation_w, LP_FIELD_U16), NUMBER(pad_top, LP_FIELD_U16),
    NUMBER(pad_left, LP_FIELD_U16),   NUMBER(act_min, LP_FIELD_S8),
    NUMBER(act_max, LP_FIELD_S8),     NUMBER(per_channel, LP_FIELD_U8),
    NUMBER(rounding, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_fully_connected_s8
static const struct lp_field lp_fully_connected_s8_fields[] = {
    POINTER(in, "const int8_t"),          POINTER(weight, "const int8_t"),  POINTER(bias, "const int32_t"),
    POINTER(multiplier, "const int32_t"), POINTER(shift, "const int8_t"),   POINTER(out, "int8_t"),
    NUMBER(batches, LP_FIELD_S32),        NUMBER(in_c, LP_FIELD_S32),       NUMBER(out_c, LP_FIELD_S32),
    NUMBER(in_offset, LP_FIELD_S32),      NUMBER(out_offset, LP_FIELD_S32), NUMBER(act_min, LP_FIELD_S8),
    NUMBER(act_max, LP_FIELD_S8),         NUMBER(per_channel, LP_FIELD_U8), NUMBER(rounding, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_add_s8
static const struct lp_field lp_add_s8_fields[] = {
    POINTER(in1, "const int8_t"),
    POINTER(in2, "const int8_t"),
    POINTER(out, "int8_t"),
    NUMBER(dims, LP_FIELD_S32),
    NUMBER(in1_stride, LP_FIELD_S32),
    NUMBER(in2_stride, LP_FIELD_S32),
    NUMBER(in1_offset, LP_FIELD_S32),
    NUMBER(in2_offset, LP_FIELD_S32),
    NUMBER(out_offset, LP_FIELD_S32),
    NUMBER(in1_multiplier, LP_FIELD_S32),
    NUMBER(in2_multiplier, LP_FIELD_S32),
    NUMBER(out_multiplier, LP_FIELD_S32),
    NUMBER(in1_shift, LP_FIELD_S8),
    NUMBER(in2_shift, LP_FIELD_S8),
    NUMBER(out_shift, LP_FIELD_S8),
    NUMBER(left_shift, LP_FIELD_U8),
    NUMBER(act_min, LP_FIELD_S8),
    NUMBER(act_max, LP_FIELD_S8),
    NUMBER(rank, LP_FIELD_U8),
    NUMBER(rounding, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_pool_s8
static const struct lp_field lp_pool_s8_fields[] = {
    POINTER(in, "const int8_t"),    POINTER(out, "int8_t"),         NUMBER(batches, LP_FIELD_S32),
    NUMBER(in_h, LP_FIELD_S32),     NUMBER(in_w, LP_FIELD_S32),     NUMBER(out_h, LP_FIELD_S32),
    NUMBER(out_w, LP_FIELD_S32),    NUMBER(channels, LP_FIELD_S32), NUMBER(kernel_h, LP_FIELD_U16),
    NUMBER(kernel_w, LP_FIELD_U16), NUMBER(stride_h, LP_FIELD_U16), NUMBER(stride_w, LP_FIELD_U16),
    NUMBER(pad_top, LP_FIELD_U16),  NUMBER(pad_left, LP_FIELD_U16), NUMBER(act_min, LP_FIELD_S8),
    NUMBER(act_max, LP_FIELD_S8),
};
#undef ARGS

#define ARGS lp_mean_s8
static const struct lp_field lp_mean_s8_fields[] = {
    POINTER(in, "const int8_t"),       POINTER(out, "int8_t"),
    NUMBER(keep_dims, LP_FIELD_S32),   NUMBER(keep_stride, LP_FIELD_S32),
    NUMBER(reduce_dims, LP_FIELD_S32), NUMBER(reduce_stride, LP_FIELD_S32),
    NUMBER(sum_offset, LP_FIELD_S32),  NUMBER(multiplier, LP_FIELD_S32),
    NUMBER(out_offset, LP_FIELD_S32),  NUMBER(shift, LP_FIELD_S8),
    NUMBER(rounding, LP_FIELD_U8),     NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_pad
static const struct lp_field lp_pad_fields[] = {
    POINTER(in, "const void"),          POINTER(out, "void"),        NUMBER(in_dims, LP_FIELD_S32),
    NUMBER(before, LP_FIELD_S32),       NUMBER(after, LP_FIELD_S32), NUMBER(value, LP_FIELD_U32),
    NUMBER(element_bytes, LP_FIELD_U8), NUMBER(rank, LP_FIELD_U8),   NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_softmax_s8
static const struct lp_field lp_softmax_s8_fields[] = {
    POINTER(in, "const int8_t"),      POINTER(out, "int8_t"),         NUMBER(rows, LP_FIELD_S32), NUMBER(depth, LP_FIELD_S32),
    NUMBER(multiplier, LP_FIELD_S32), NUMBER(diff_min, LP_FIELD_S32), NUMBER(shift, LP_FIELD_S8), NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_requantize_s8
static const struct lp_field lp_requantize_s8_fields[] = {
    POINTER(in, "const int8_t"),     POINTER(out, "int8_t"),           NUMBER(count, LP_FIELD_S32),
    NUMBER(in_offset, LP_FIELD_S32), NUMBER(out_offset, LP_FIELD_S32), NUMBER(multiplier, LP_FIELD_S32),
    NUMBER(shift, LP_FIELD_S8),      NUMBER(act_min, LP_FIELD_S8),     NUMBER(act_max, LP_FIELD_S8),
    NUMBER(rounding, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_requantize
static const struct lp_field lp_requantize_fields[] = {
    POINTER(in, "const void"),        POINTER(out, "void"),
    NUMBER(count, LP_FIELD_S32),      NUMBER(in_offset, LP_FIELD_S32),
    NUMBER(out_offset, LP_FIELD_S32), NUMBER(multiplier, LP_FIELD_S32),
    NUMBER(shift, LP_FIELD_S8),       NUMBER(rounding, LP_FIELD_U8),
    NUMBER(in_element, LP_FIELD_U8),  NUMBER(out_element, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_quantize
static const struct lp_field lp_quantize_fields[] = {
    POINTER(in, "const float"),       POINTER(out, "void"),        NUMBER(count, LP_FIELD_S32),
    NUMBER(zero_point, LP_FIELD_S32), NUMBER(scale, LP_FIELD_F32), NUMBER(out_element, LP_FIELD_U8),
    NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_dequantize
static const struct lp_field lp_dequantize_fields[] = {
    POINTER(in, "const void"),   POINTER(out, "float"),           NUMBER(count, LP_FIELD_S32),   NUMBER(zero_point, LP_FIELD_S32),
    NUMBER(scale, LP_FIELD_F32), NUMBER(in_element, LP_FIELD_U8), NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_copy
static const struct lp_field lp_copy_fields[] = {
    POINTER(in, "const void"),
    POINTER(out, "void"),
    NUMBER(size_bytes, LP_FIELD_U32),
};
#undef ARGS

#define ARGS lp_copy_rows
static const struct lp_field lp_copy_rows_fields[] = {
    POINTER(in, "const void"),
    POINTER(out, "void"),
    NUMBER(rows, LP_FIELD_S32),
    NUMBER(run_bytes, LP_FIELD_U32),
    NUMBER(in_offset_bytes, LP_FIELD_U32),
    NUMBER(out_offset_bytes, LP_FIELD_U32),
    NUMBER(in_stride_bytes, LP_FIELD_U32),
    NUMBER(out_stride_bytes, LP_FIELD_U32),
};
#undef ARGS

#define ARGS lp_move
static const struct lp_field lp_move_fields[] = {
    POINTER(in, "const void"),
    POINTER(out, "void"),
    NUMBER(dims, LP_FIELD_S32),
    NUMBER(in_stride_bytes, LP_FIELD_S32),
    NUMBER(out_stride_bytes, LP_FIELD_S32),
    NUMBER(in_offset_bytes, LP_FIELD_U32),
    NUMBER(out_offset_bytes, LP_FIELD_U32),
    NUMBER(run_bytes, LP_FIELD_U32),
    NUMBER(rank, LP_FIELD_U8),
    NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_gather
static const struct lp_field lp_gather_fields[] = {
    POINTER(in, "const void"),   POINTER(indices, "const int32_t"), POINTER(out, "void"),        NUMBER(batches, LP_FIELD_S32),
    NUMBER(outer, LP_FIELD_S32), NUMBER(axis, LP_FIELD_S32),        NUMBER(count, LP_FIELD_S32), NUMBER(run_bytes, LP_FIELD_U32),
};
#undef ARGS

#define ARGS lp_expect
static const struct lp_field lp_expect_fields[] = {
    POINTER(in, "const void"),
    POINTER(expected, "const void"),
    NUMBER(size_bytes, LP_FIELD_U32),
};
#undef ARGS

#define ARGS lp_mirror_pad
static const struct lp_field lp_mirror_pad_fields[] = {
    POINTER(in, "const void"),     POINTER(out, "void"),
    NUMBER(in_dims, LP_FIELD_S32), NUMBER(before, LP_FIELD_S32),
    NUMBER(after, LP_FIELD_S32),   NUMBER(run_bytes, LP_FIELD_U32),
    NUMBER(rank, LP_FIELD_U8),     NUMBER(is_symmetric, LP_FIELD_U8),
    NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_resize_nearest
static const struct lp_field lp_resize_nearest_fields[] = {
    POINTER(in, "const void"),     POINTER(out, "void"),          NUMBER(batches, LP_FIELD_S32), NUMBER(in_h, LP_FIELD_S32),
    NUMBER(in_w, LP_FIELD_S32),    NUMBER(out_h, LP_FIELD_S32),   NUMBER(out_w, LP_FIELD_S32),   NUMBER(run_bytes, LP_FIELD_U32),
    NUMBER(scale_h, LP_FIELD_F32), NUMBER(scale_w, LP_FIELD_F32), NUMBER(offset, LP_FIELD_F32),  NUMBER(is_rounded, LP_FIELD_U8),
    NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_space_batch
static const struct lp_field lp_space_batch_fields[] = {
    POINTER(in, "const void"),     POINTER(out, "void"),
    NUMBER(batches, LP_FIELD_S32), NUMBER(whole_h, LP_FIELD_S32),
    NUMBER(whole_w, LP_FIELD_S32), NUMBER(part_h, LP_FIELD_S32),
    NUMBER(part_w, LP_FIELD_S32),  NUMBER(block_h, LP_FIELD_S32),
    NUMBER(block_w, LP_FIELD_S32), NUMBER(top, LP_FIELD_S32),
    NUMBER(left, LP_FIELD_S32),    NUMBER(run_bytes, LP_FIELD_U32),
    NUMBER(value, LP_FIELD_U32),   NUMBER(element_bytes, LP_FIELD_U8),
    NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_cast
static const struct lp_field lp_cast_fields[] = {
    POINTER(in, "const void"),        POINTER(out, "void"),          NUMBER(count, LP_FIELD_S32), NUMBER(in_element, LP_FIELD_U8),
    NUMBER(out_element, LP_FIELD_U8), NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_table_s8
static const struct lp_field lp_table_s8_fields[] = {
    POINTER(in, "const int8_t"),
    POINTER(table, "const int8_t"),
    POINTER(out, "int8_t"),
    NUMBER(count, LP_FIELD_S32),
};
#undef ARGS

#define ARGS lp_binary
static const struct lp_field lp_binary_fields[] = {
    POINTER(in1, "const void"),
    POINTER(in2, "const void"),
    POINTER(out, "void"),
    NUMBER(dims, LP_FIELD_S32),
    NUMBER(in1_stride, LP_FIELD_S32),
    NUMBER(in2_stride, LP_FIELD_S32),
    NUMBER(in1_offset, LP_FIELD_S32),
    NUMBER(in2_offset, LP_FIELD_S32),
    NUMBER(out_offset, LP_FIELD_S32),
    NUMBER(in1_multiplier, LP_FIELD_S32),
    NUMBER(in2_multiplier, LP_FIELD_S32),
    NUMBER(out_multiplier, LP_FIELD_S32),
    NUMBER(act_min, LP_FIELD_S16),
    NUMBER(act_max, LP_FIELD_S16),
    NUMBER(in1_shift, LP_FIELD_S8),
    NUMBER(in2_shift, LP_FIELD_S8),
    NUMBER(out_shift, LP_FIELD_S8),
    NUMBER(left_shift, LP_FIELD_U8),
    NUMBER(rank, LP_FIELD_U8),
    NUMBER(element, LP_FIELD_U8),
    NUMBER(rounding, LP_FIELD_U8),
    NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_transpose_conv_s8
static const struct lp_field lp_transpose_conv_s8_fields[] = {
    POINTER(in, "const int8_t"),          POINTER(weight, "const int8_t"), POINTER(bias, "const int32_t"),
    POINTER(multiplier, "const int32_t"), POINTER(shift, "const int8_t"),  POINTER(out, "int8_t"),
    NUMBER(batches, LP_FIELD_S32),        NUMBER(in_h, LP_FIELD_S32),      NUMBER(in_w, LP_FIELD_S32),
    NUMBER(in_c, LP_FIELD_S32),           NUMBER(out_h, LP_FIELD_S32),     NUMBER(out_w, LP_FIELD_S32),
    NUMBER(out_c, LP_FIELD_S32),          NUMBER(in_offset, LP_FIELD_S32), NUMBER(out_offset, LP_FIELD_S32),
    NUMBER(kernel_h, LP_FIELD_U16),       NUMBER(kernel_w, LP_FIELD_U16),  NUMBER(stride_h, LP_FIELD_U16),
    NUMBER(stride_w, LP_FIELD_U16),       NUMBER(pad_top, LP_FIELD_U16),   NUMBER(pad_left, LP_FIELD_U16),
    NUMBER(act_min, LP_FIELD_S8),         NUMBER(act_max, LP_FIELD_S8),    NUMBER(per_channel, LP_FIELD_U8),
    NUMBER(rounding, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_batch_matmul
static const struct lp_field lp_batch_matmul_fields[] = {
    POINTER(in1, "const void"),       POINTER(in2, "const void"),       POINTER(out, "void"),
    NUMBER(batches, LP_FIELD_S32),    NUMBER(in1_batch, LP_FIELD_S32),  NUMBER(in2_batch, LP_FIELD_S32),
    NUMBER(rows, LP_FIELD_S32),       NUMBER(columns, LP_FIELD_S32),    NUMBER(depth, LP_FIELD_S32),
    NUMBER(in1_row, LP_FIELD_S32),    NUMBER(in1_depth, LP_FIELD_S32),  NUMBER(in2_depth, LP_FIELD_S32),
    NUMBER(in2_column, LP_FIELD_S32), NUMBER(in1_offset, LP_FIELD_S32), NUMBER(in2_offset, LP_FIELD_S32),
    NUMBER(out_offset, LP_FIELD_S32), NUMBER(multiplier, LP_FIELD_S32), NUMBER(shift, LP_FIELD_S8),
    NUMBER(rounding, LP_FIELD_U8),    NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_arg_max
static const struct lp_field lp_arg_max_fields[] = {
    POINTER(in, "const void"),        POINTER(out, "void"),        NUMBER(outer, LP_FIELD_S32),
    NUMBER(size, LP_FIELD_S32),       NUMBER(inner, LP_FIELD_S32), NUMBER(in_element, LP_FIELD_U8),
    NUMBER(out_element, LP_FIELD_U8), NUMBER(is_min, LP_FIELD_U8), NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_reduce
static const struct lp_field lp_reduce_fields[] = {
    POINTER(in, "const void"),         POINTER(out, "void"),
    NUMBER(keep_dims, LP_FIELD_S32),   NUMBER(keep_stride, LP_FIELD_S32),
    NUMBER(reduce_dims, LP_FIELD_S32), NUMBER(reduce_stride, LP_FIELD_S32),
    NUMBER(element, LP_FIELD_U8),      NUMBER(is_min, LP_FIELD_U8),
    NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_resize_bilinear_s8
static const struct lp_field lp_resize_bilinear_s8_fields[] = {
    POINTER(in, "const int8_t"),   POINTER(out, "int8_t"),        NUMBER(batches, LP_FIELD_S32),  NUMBER(in_h, LP_FIELD_S32),
    NUMBER(in_w, LP_FIELD_S32),    NUMBER(out_h, LP_FIELD_S32),   NUMBER(out_w, LP_FIELD_S32),    NUMBER(channels, LP_FIELD_S32),
    NUMBER(scale_h, LP_FIELD_S32), NUMBER(scale_w, LP_FIELD_S32), NUMBER(offset_h, LP_FIELD_S32), NUMBER(offset_w, LP_FIELD_S32),
    NUMBER(rounding, LP_FIELD_U8), NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_l2_normalization_s8
static const struct lp_field lp_l2_normalization_s8_fields[] = {
    POINTER(in, "const int8_t"),     POINTER(out, "int8_t"),        NUMBER(rows, LP_FIELD_S32),    NUMBER(depth, LP_FIELD_S32),
    NUMBER(in_offset, LP_FIELD_S32), NUMBER(rounding, LP_FIELD_U8), NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_log_softmax_s8
static const struct lp_field lp_log_softmax_s8_fields[] = {
    POINTER(in, "const int8_t"),    POINTER(out, "int8_t"),           NUMBER(rows, LP_FIELD_S32),
    NUMBER(depth, LP_FIELD_S32),    NUMBER(multiplier, LP_FIELD_S32), NUMBER(reverse_multiplier, LP_FIELD_S32),
    NUMBER(diff_min, LP_FIELD_S32), NUMBER(shift, LP_FIELD_S8),       NUMBER(reverse_shift, LP_FIELD_S8),
    NUMBER(rounding, LP_FIELD_U8),  NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_transpose_conv_s16
static const struct lp_field lp_transpose_conv_s16_fields[] = {
    POINTER(in, "const int16_t"),         POINTER(weight, "const int8_t"), POINTER(bias, "const void"),
    POINTER(multiplier, "const int32_t"), POINTER(shift, "const int8_t"),  POINTER(out, "int16_t"),
    NUMBER(batches, LP_FIELD_S32),        NUMBER(in_h, LP_FIELD_S32),      NUMBER(in_w, LP_FIELD_S32),
    NUMBER(in_c, LP_FIELD_S32),           NUMBER(out_h, LP_FIELD_S32),     NUMBER(out_w, LP_FIELD_S32),
    NUMBER(out_c, LP_FIELD_S32),          NUMBER(kernel_h, LP_FIELD_U16),  NUMBER(kernel_w, LP_FIELD_U16),
    NUMBER(stride_h, LP_FIELD_U16),       NUMBER(stride_w, LP_FIELD_U16),  NUMBER(pad_top, LP_FIELD_U16),
    NUMBER(pad_left, LP_FIELD_U16),       NUMBER(act_min, LP_FIELD_S16),   NUMBER(act_max, LP_FIELD_S16),
    NUMBER(per_channel, LP_FIELD_U8),     NUMBER(rounding, LP_FIELD_U8),   NUMBER(is_wide, LP_FIELD_U8),
    NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_svdf_s8
static const struct lp_field lp_svdf_s8_fields[] = {
    POINTER(in, "const int8_t"),
    POINTER(feature_weight, "const int8_t"),
    POINTER(time_weight, "const int16_t"),
    POINTER(bias, "const int32_t"),
    POINTER(old_state, "const int16_t"),
    POINTER(new_state, "int16_t"),
    POINTER(out, "int8_t"),
    NUMBER(batches, LP_FIELD_S32),
    NUMBER(in_c, LP_FIELD_S32),
    NUMBER(units, LP_FIELD_S32),
    NUMBER(rank, LP_FIELD_S32),
    NUMBER(memory, LP_FIELD_S32),
    NUMBER(in_offset, LP_FIELD_S32),
    NUMBER(out_offset, LP_FIELD_S32),
    NUMBER(feature_multiplier, LP_FIELD_S32),
    NUMBER(out_multiplier, LP_FIELD_S32),
    NUMBER(feature_shift, LP_FIELD_S8),
    NUMBER(out_shift, LP_FIELD_S8),
    NUMBER(rounding, LP_FIELD_U8),
    NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_softmax_s16
static const struct lp_field lp_softmax_s16_fields[] = {
    POINTER(in, "const int16_t"),     POINTER(exp_table, "const int16_t"), POINTER(reciprocal_table, "const int16_t"),
    POINTER(out, "int16_t"),          NUMBER(rows, LP_FIELD_S32),          NUMBER(depth, LP_FIELD_S32),
    NUMBER(multiplier, LP_FIELD_S32), NUMBER(shift, LP_FIELD_S8),          NUMBER(rounding, LP_FIELD_U8),
    NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_sigmoid_s16
static const struct lp_field lp_sigmoid_s16_fields[] = {
    POINTER(in, "const int16_t"), POINTER(table, "const int16_t"),  POINTER(out, "int16_t"),
    NUMBER(count, LP_FIELD_S32),  NUMBER(multiplier, LP_FIELD_S32), NUMBER(right_shift, LP_FIELD_U8),
    NUMBER(is_tanh, LP_FIELD_U8), NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_leaky_relu_s16
static const struct lp_field lp_leaky_relu_s16_fields[] = {
    POINTER(in, "const int16_t"),
    POINTER(out, "int16_t"),
    NUMBER(count, LP_FIELD_S32),
    NUMBER(negative_multiplier, LP_FIELD_S32),
    NUMBER(positive_multiplier, LP_FIELD_S32),
    NUMBER(negative_shift, LP_FIELD_S8),
    NUMBER(positive_shift, LP_FIELD_S8),
    NUMBER(rounding, LP_FIELD_U8),
    NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define ARGS lp_rows
static const struct lp_field lp_rows_fields[] = {
    {.name = "stage", .offset = offsetof(struct lp_rows, stage), .type = LP_FIELD_EPOCH, .count = LP_ROWS_STAGES},
    NUMBER(count, LP_FIELD_U8),
    NUMBER(pools, LP_FIELD_U8),
    NUMBER(reserved, LP_FIELD_U8),
};
#undef ARGS

#define INFO(args)                                                                   \
    {                                                                                \
        "struct " #args, sizeof(struct args), args##_fields, LP_COUNT(args##_fields) \
    }
static const struct lp_args_info lp_conv2d_s8_info = INFO(lp_conv2d_s8);
static const struct lp_args_info lp_conv2d_s16_info = INFO(lp_conv2d_s16);
static const struct lp_args_info lp_depthwise_conv2d_s8_info = INFO(lp_depthwise_conv2d_s8);
static const struct lp_args_info lp_fully_connected_s8_info = INFO(lp_fully_connected_s8);
static const struct lp_args_info lp_add_s8_info = INFO(lp_add_s8);
static const struct lp_args_info lp_pool_s8_info = INFO(lp_pool_s8);
static const struct lp_args_info lp_mean_s8_info = INFO(lp_mean_s8);
static const struct lp_args_info lp_pad_info = INFO(lp_pad);
static const struct lp_args_info lp_softmax_s8_info = INFO(lp_softmax_s8);
static const struct lp_args_info lp_requantize_s8_info = INFO(lp_requantize_s8);
static const struct lp_args_info lp_requantize_info = INFO(lp_requantize);
static const struct lp_args_info lp_quantize_info = INFO(lp_quantize);
static const struct lp_args_info lp_dequantize_info = INFO(lp_dequantize);
static const struct lp_args_info lp_copy_info = INFO(lp_copy);
static const struct lp_args_info lp_copy_rows_info = INFO(lp_copy_rows);
static const struct lp_args_info lp_move_info = INFO(lp_move);
static const struct lp_args_info lp_gather_info = INFO(lp_gather);
static const struct lp_args_info lp_expect_info = INFO(lp_expect);
static const struct lp_args_info lp_mirror_pad_info = INFO(lp_mirror_pad);
static const struct lp_args_info lp_resize_nearest_info = INFO(lp_resize_nearest);
static const struct lp_args_info lp_space_batch_info = INFO(lp_space_batch);
static const struct lp_args_info lp_cast_info = INFO(lp_cast);
static const struct lp_args_info lp_leaky_relu_s16_info = INFO(lp_leaky_relu_s16);
static const struct lp_args_info lp_transpose_conv_s16_info = INFO(lp_transpose_conv_s16);
static const struct lp_args_info lp_svdf_s8_info = INFO(lp_svdf_s8);
static const struct lp_args_info lp_softmax_s16_info = INFO(lp_softmax_s16);
static const struct lp_args_info lp_sigmoid_s16_info = INFO(lp_sigmoid_s16);
static const struct lp_args_info lp_table_s8_info = INFO(lp_table_s8);
static const struct lp_args_info lp_binary_info = INFO(lp_binary);
static const struct lp_args_info lp_transpose_conv_s8_info = INFO(lp_transpose_conv_s8);
static const struct lp_args_info lp_batch_matmul_info = INFO(lp_batch_matmul);
static const struct lp_args_info lp_arg_max_info = INFO(lp_arg_max);
static const struct lp_args_info lp_reduce_info = INFO(lp_reduce);
static const struct lp_args_info lp_resize_bilinear_s8_info = INFO(lp_resize_bilinear_s8);
static const struct lp_args_info lp_l2_normalization_s8_info = INFO(lp_l2_normalization_s8);
static const struct lp_args_info lp_log_softmax_s8_info = INFO(lp_log_softmax_s8);
static const struct lp_args_info lp_rows_info = INFO(lp_rows);

const struct lp_kernel_info *lp_kernel_find(const char *symbol)
{
#define X(kernel_symbol, args_struct, family, source, isa) {#kernel_symbol, source, &args_struct##_info},
    static const struct lp_kernel_info kernels[] = {LP_KERNELS(X) LP_KERNELS_ROWS(X) LP_KERNELS_HELIUM(X) LP_KERNELS_DSP(X)};
#undef X
    for (size_t i = 0; i < LP_COUNT(kernels); i++)
        if (strcmp(kernels[i].symbol, symbol) == 0)
            return &kernels[i];
    return NULL;
}
