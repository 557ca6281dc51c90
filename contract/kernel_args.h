/* The argument structure of every kernel: written by the compiler as a constant, read by the kernel.
 *
 * Common to all of them:
 * - Tensors are dense, channels last, int8 unless said otherwise. Pointers come first; addresses are aligned for their
 *   element and nothing more is assumed. Only members marked "may be NULL" may be NULL.
 * - Offsets: `in_offset` is minus the input's zero point (-127..128) and is added to every input element; `out_offset` is
 *   plus the output's zero point (-128..127).
 * - Requantization: real factor = multiplier * 2^(shift - 31), contract/requantize.h, shift -31..30, multiplier not
 *   negative; `rounding` is an enum lp_rounding. Where `multiplier` and `shift` are arrays, `per_channel` says whether they
 *   hold one entry for every output channel (1) or a single entry (0).
 * - act_min, act_max: the result is clamped to this range last; act_min <= act_max.
 * - All counts are at least 1. The compiler has checked every member, and that no accumulator can leave int32; a kernel
 *   trusts them and returns LP_OK unless its comment names another status. Kernels keep no pointer after they return.
 * - in and out must not overlap, except where "in place" is allowed: then out may begin exactly at that input; and except
 *   for sliding windows (CONV_2D, DEPTHWISE_CONV_2D, pools): such a kernel makes output pixels in their order in memory, has
 *   written nothing of later pixels while it reads a pixel's window, and so may be given an out that begins far enough below
 *   its input. The compiler computes how far (compiler/lower/cpu/slide.h); a variant that makes several pixels at a time
 *   says how many.
 * - A variant for vectors may want its constants packed (contract/kernel_choice.h says which): then `weight` points to them in the
 *   order of contract/packing.h, and `bias` is NULL.
 *
 * A change here raises LP_ABI in contract/network.h. */
#ifndef LP_CONTRACT_KERNEL_ARGS_H
#define LP_CONTRACT_KERNEL_ARGS_H

#include "contract/network.h"
#include "contract/requantize.h"

#include <stdint.h>

/* Dimensions that remain when neighbours that behave alike are merged; unused trailing ones have size 1. */
enum { LP_BROADCAST_RANK = 6, LP_PAD_RANK = 6, LP_MEAN_RANK = 4, LP_MOVE_RANK = 8, LP_MIRROR_PAD_RANK = 8 };

/* 2-D convolution, also with groups: channels [g * filter_c, (g + 1) * filter_c) of the input feed the g-th of
 * in_c / filter_c equal parts of the output channels.
 * in [batches, in_h, in_w, in_c]      weight [out_c, kernel_h, kernel_w, filter_c], symmetric      bias [out_c]
 * out [batches, out_h, out_w, out_c]
 * A tap inside the map adds (in + in_offset) * weight, a tap outside adds pad_value * weight. pad_value is 0; when the
 * input's zero point has been folded into the bias, in_offset is 0 and pad_value is the zero point (-128..127).
 * Rows and columns beyond the map at bottom and right are padding as well. */
struct lp_conv2d_s8 {
    const int8_t *in;
    const int8_t *weight;
    const int32_t *bias; /* may be NULL: zeros */
    const int32_t *multiplier;
    const int8_t *shift;
    int8_t *out;
    int32_t batches;
    int32_t in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    int32_t filter_c; /* divides in_c; in_c / filter_c divides out_c */
    int32_t in_offset;
    int32_t pad_value;
    int32_t out_offset;
    uint16_t kernel_h, kernel_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    int8_t act_min, act_max;
    uint8_t per_channel;
    uint8_t rounding;
};

/* Depthwise 2-D convolution: output channel c reads input channel c / depth_multiplier.
 * in [batches, in_h, in_w, in_c]      weight [kernel_h, kernel_w, out_c], symmetric      bias [out_c]
 * out [batches, out_h, out_w, out_c], out_c = in_c * depth_multiplier
 * Offsets and pad_value as in lp_conv2d_s8. */
struct lp_depthwise_conv2d_s8 {
    const int8_t *in;
    const int8_t *weight;
    const int32_t *bias; /* may be NULL: zeros */
    const int32_t *multiplier;
    const int8_t *shift;
    int8_t *out;
    int32_t batches;
    int32_t in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    int32_t depth_multiplier;
    int32_t in_offset;
    int32_t pad_value;
    int32_t out_offset;
    uint16_t kernel_h, kernel_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    int8_t act_min, act_max;
    uint8_t per_channel;
    uint8_t rounding;
};

/* Matrix product.
 * in [batches, in_c]      weight [out_c, in_c], symmetric      bias [out_c]      out [batches, out_c]
 * in_offset is 0 when the input's zero point has been folded into the bias. */
struct lp_fully_connected_s8 {
    const int8_t *in;
    const int8_t *weight;
    const int32_t *bias; /* may be NULL: zeros */
    const int32_t *multiplier;
    const int8_t *shift;
    int8_t *out;
    int32_t batches, in_c, out_c;
    int32_t in_offset;
    int32_t out_offset;
    int8_t act_min, act_max;
    uint8_t per_channel;
    uint8_t rounding;
};

/* Convolution of int16 with int8 weights, zero points 0; also depthwise, and matrix products as windows of one tap.
 * in [batches, in_h, in_w, in_c]      out [batches, out_h, out_w, out_c]      groups as in lp_conv2d_s8
 * The weight of filter o, tap t and channel i of its group is weight[o * filter_stride + t * tap_stride + i].
 * Sums have 64 bits. When `is_wide`, biases are int64_t and results are requantized by lp_requantize_wide; else biases are
 * int32_t, and sums wrap around to 32 bits and are requantized as those of int8. A tap outside the map adds nothing. */
struct lp_conv2d_s16 {
    const int16_t *in;
    const int8_t *weight;
    const void *bias; /* may be NULL: zeros */
    const int32_t *multiplier;
    const int8_t *shift;
    int16_t *out;
    int32_t batches;
    int32_t in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    int32_t filter_c; /* divides in_c; in_c / filter_c divides out_c */
    int32_t filter_stride, tap_stride;
    uint16_t kernel_h, kernel_w;
    uint16_t stride_h, stride_w;
    uint16_t dilation_h, dilation_w;
    uint16_t pad_top, pad_left;
    int16_t act_min, act_max;
    uint8_t per_channel;
    uint8_t rounding;
    uint8_t is_wide;
    uint8_t reserved; /* 0 */
};

/* Sum of two tensors of different scales, with broadcast. out is dense with shape `dims`; element (i0..i5) of an input lies
 * at the sum of i * stride, a stride being 0 along a dimension in which that input is repeated.
 * Each input is brought to a common scale as (in + offset) * 2^left_shift * multiplier; the sum is requantized.
 * In place: out may begin at an input whose elements are dense in the same order (same shape as out), because each element
 * is read before it is written at the same index. */
struct lp_add_s8 {
    const int8_t *in1;
    const int8_t *in2;
    int8_t *out;
    int32_t dims[LP_BROADCAST_RANK];
    int32_t in1_stride[LP_BROADCAST_RANK]; /* elements */
    int32_t in2_stride[LP_BROADCAST_RANK]; /* elements */
    int32_t in1_offset, in2_offset;
    int32_t out_offset;
    int32_t in1_multiplier, in2_multiplier, out_multiplier;
    int8_t in1_shift, in2_shift, out_shift; /* -31..0 */
    uint8_t left_shift;                     /* 20 */
    int8_t act_min, act_max;
    uint8_t rank; /* dimensions in use, 1..6 */
    uint8_t rounding;
};

/* Largest or average value of a window; elements of the window outside the map don't count, at least one lies inside.
 * The average is rounded half away from zero. Input and output have the same scale and zero point.
 * in [batches, in_h, in_w, channels]      out [batches, out_h, out_w, channels] */
struct lp_pool_s8 {
    const int8_t *in;
    int8_t *out;
    int32_t batches;
    int32_t in_h, in_w;
    int32_t out_h, out_w;
    int32_t channels;
    uint16_t kernel_h, kernel_w;
    uint16_t stride_h, stride_w;
    uint16_t pad_top, pad_left;
    int8_t act_min, act_max;
};

/* Mean over some dimensions. out is dense with shape keep_dims; output (k0..k3) is made from the sum of all inputs at
 * sum(k * keep_stride) + sum(r * reduce_stride).
 * out = clamp(requantize(sum + sum_offset) + out_offset) to the range of int8; the multiplier contains 1 / count, and
 * sum_offset is minus the input's zero point times the count. */
struct lp_mean_s8 {
    const int8_t *in;
    int8_t *out;
    int32_t keep_dims[LP_MEAN_RANK];
    int32_t keep_stride[LP_MEAN_RANK]; /* elements */
    int32_t reduce_dims[LP_MEAN_RANK];
    int32_t reduce_stride[LP_MEAN_RANK]; /* elements */
    int32_t sum_offset;
    int32_t multiplier;
    int32_t out_offset;
    int8_t shift;
    uint8_t rounding;
    uint8_t reserved[2]; /* 0 */
};

/* A border of one value around a tensor of any element type. Per dimension: `before` elements, in_dims elements, `after`
 * elements. `value` holds the pattern of the element in its lowest element_bytes bytes. */
struct lp_pad {
    const void *in;
    void *out;
    int32_t in_dims[LP_PAD_RANK];
    int32_t before[LP_PAD_RANK]; /* 0 or more */
    int32_t after[LP_PAD_RANK];  /* 0 or more */
    uint32_t value;
    uint8_t element_bytes; /* 1, 2 or 4 */
    uint8_t rank;          /* dimensions in use, 1..6 */
    uint8_t reserved[2];   /* 0 */
};

/* Softmax along the last dimension in fixed point; the output has scale 1/256 and zero point -128.
 * in [rows, depth]      out [rows, depth]
 * multiplier and shift scale a difference to the row's largest input to a number with 26 fractional bits; inputs below the
 * largest by more than -diff_min give the smallest output. shift 0..30, diff_min 0 or less, depth at most 4095. Both
 * roundings scale alike, because nothing is shifted to the right.
 * In place: a row is read completely for its sum, then element by element before that element is written. */
struct lp_softmax_s8 {
    const int8_t *in;
    int8_t *out;
    int32_t rows, depth;
    int32_t multiplier;
    int32_t diff_min;
    int8_t shift;
    uint8_t reserved[3]; /* 0 */
};

/* out = clamp(requantize(in + in_offset) + out_offset): QUANTIZE from int8 to int8, RELU and RELU6 of their own.
 * In place: each element is read before the same index is written. */
struct lp_requantize_s8 {
    const int8_t *in;
    int8_t *out;
    int32_t count;
    int32_t in_offset;
    int32_t out_offset;
    int32_t multiplier;
    int8_t shift;
    int8_t act_min, act_max;
    uint8_t rounding;
};

/* The same between int8, uint8, int16 and int32 (enum lp_element), clamped to the range of the output type; offsets have
 * the range of their types. The difference to the zero point wraps as in two's complement for int32.
 * In place: only from an element to itself or to an 8-bit one. LP_BAD_ARGUMENT for other element types. */
struct lp_requantize {
    const void *in;
    void *out;
    int32_t count;
    int32_t in_offset;
    int32_t out_offset;
    int32_t multiplier;
    int8_t shift;
    uint8_t rounding;
    uint8_t in_element;  /* enum lp_element */
    uint8_t out_element; /* enum lp_element */
};

/* float32 to int8, uint8 or int16: round(in / scale), halves away from zero, plus zero_point, clamped to the type's range.
 * Infinities clamp; a NaN gives the zero point.
 * In place: only to an 8-bit element. LP_BAD_ARGUMENT for other element types. */
struct lp_quantize {
    const float *in;
    void *out;
    int32_t count;
    int32_t zero_point;
    float scale;         /* above 0, finite */
    uint8_t out_element; /* enum lp_element */
    uint8_t reserved[3]; /* 0 */
};

/* int8, uint8 or int16 to float32: scale * (in - zero_point). Never in place: the output is larger.
 * LP_BAD_ARGUMENT for other element types. */
struct lp_dequantize {
    const void *in;
    float *out;
    int32_t count;
    int32_t zero_point;
    float scale;
    uint8_t in_element;  /* enum lp_element */
    uint8_t reserved[3]; /* 0 */
};

/* Moves bytes, also between places that overlap. In place: then there is nothing to do. */
struct lp_copy {
    const void *in;
    void *out;
    uint32_t size_bytes;
};

/* Moves `rows` runs of run_bytes: run r from in_offset_bytes + r * in_stride_bytes to out_offset_bytes + r * out_stride_bytes.
 * One part of CONCATENATION, SPLIT and their relatives; the rest of out is left as it is. */
struct lp_copy_rows {
    const void *in;
    void *out;
    int32_t rows;
    uint32_t run_bytes;
    uint32_t in_offset_bytes, out_offset_bytes;
    uint32_t in_stride_bytes, out_stride_bytes;
};

/* Moves runs of run_bytes in any order that takes nested loops: run (i0, i1, ...) comes from in_offset_bytes + sum(i *
 * in_stride_bytes) and goes to out_offset_bytes + sum(i * out_stride_bytes). Strides of in are negative where it is reversed
 * and 0 where it is repeated. */
struct lp_move {
    const void *in;
    void *out;
    int32_t dims[LP_MOVE_RANK];
    int32_t in_stride_bytes[LP_MOVE_RANK];
    int32_t out_stride_bytes[LP_MOVE_RANK];
    uint32_t in_offset_bytes, out_offset_bytes;
    uint32_t run_bytes;
    uint8_t rank;        /* loops in use, 0..8 */
    uint8_t reserved[3]; /* 0 */
};

/* Rows picked by a list of numbers.
 * in [batches, outer, axis, run_bytes]      indices [batches, count]      out [batches, outer, count, run_bytes]
 * LP_BAD_INPUT when an index is not in 0..axis - 1; out is then partly written. */
struct lp_gather {
    const void *in;
    const int32_t *indices;
    void *out;
    int32_t batches, outer, axis, count;
    uint32_t run_bytes;
};

/* Nothing but a look: LP_BAD_INPUT unless the bytes are those expected. A network that was compiled for one value of an input
 * refuses all others. */
struct lp_expect {
    const void *in;
    const void *expected;
    uint32_t size_bytes;
};

/* A border that mirrors the inside. Per dimension: `before` elements, in_dims elements, `after` elements; an element of the
 * innermost dimension has run_bytes. The border repeats the edge when is_symmetric, else it begins beside it; it is never
 * longer than what it mirrors. */
struct lp_mirror_pad {
    const void *in;
    void *out;
    int32_t in_dims[LP_MIRROR_PAD_RANK];
    int32_t before[LP_MIRROR_PAD_RANK];
    int32_t after[LP_MIRROR_PAD_RANK];
    uint32_t run_bytes;
    uint8_t rank; /* dimensions in use, 1..8 */
    uint8_t is_symmetric;
    uint8_t reserved[2]; /* 0 */
};

/* Rows and columns repeated or left out: output row y shows input row index(y).
 * in [batches, in_h, in_w, run_bytes]      out [batches, out_h, out_w, run_bytes]
 * index(i) = (i + offset) * scale, computed in float32, rounded half away from zero when is_rounded, else down, and clamped to
 * the map. offset is 0 or 0.5. */
struct lp_resize_nearest {
    const void *in;
    void *out;
    int32_t batches;
    int32_t in_h, in_w;
    int32_t out_h, out_w;
    uint32_t run_bytes;
    float scale_h, scale_w; /* input elements for one of the output */
    float offset;
    uint8_t is_rounded;
    uint8_t reserved[3]; /* 0 */
};

/* The input row (or column) that output row i shows. Positions are not negative, so cutting is rounding down. */
static inline int32_t lp_resize_nearest_index(const struct lp_resize_nearest *p, int32_t i, float scale, int32_t size)
{
    const float position = ((float)i + p->offset) * scale;
    int32_t index = (int32_t)position;
    if (p->is_rounded && position - (float)index >= 0.5f)
        index++;
    return index < size ? index : size - 1;
}

/* A map and the block_h * block_w maps that its every block_h-th row and block_w-th column make.
 * whole [batches, whole_h, whole_w, run_bytes]      parts [block_h, block_w, batches, part_h, part_w, run_bytes]
 * Element (y, x) of part (i, j) is element (y * block_h + i - top, x * block_w + j - left) of the whole map.
 * The kernel of SPACE_TO_BATCH_ND reads the whole map as `in` and writes `value` where a part looks outside it; that of
 * BATCH_TO_SPACE_ND reads the parts as `in` and leaves out what lies outside. Every element of the whole map lies in a part.
 * `value` holds the pattern of an element in its lowest element_bytes bytes; run_bytes is a multiple of that. */
struct lp_space_batch {
    const void *in;
    void *out;
    int32_t batches;
    int32_t whole_h, whole_w;
    int32_t part_h, part_w;
    int32_t block_h, block_w;
    int32_t top, left;
    uint32_t run_bytes;
    uint32_t value;
    uint8_t element_bytes; /* 1, 2 or 4 */
    uint8_t reserved[3];   /* 0 */
};

/* The same number as another type. Integers wrap around in smaller ones; float32 to an integer is cut towards zero and
 * clamped to its range, a NaN gives 0; bool is 0 or 1, anything but 0 gives 1.
 * In place: only to an element that is not larger. LP_BAD_ARGUMENT for other element types. */
struct lp_cast {
    const void *in;
    void *out;
    int32_t count;
    uint8_t in_element;  /* enum lp_element */
    uint8_t out_element; /* enum lp_element */
    uint8_t reserved[2]; /* 0 */
};

/* A function of one byte: out = table[in + 128]. In place: each element is read before the same index is written. */
struct lp_table_s8 {
    const int8_t *in;
    const int8_t *table; /* 256 */
    int8_t *out;
    int32_t count;
};

/* Two tensors element by element, with broadcast as in lp_add_s8, and in place like it. `element` is int8, int16 or int32 (the
 * latter two where a kernel says so); x and y are the inputs plus their offsets.
 * lp_add_s16, lp_sub_s8, lp_sub_s16: both inputs are brought to a common scale as in lp_add_s8.
 * lp_mul_s8, lp_mul_s16: clamp(requantize(x * y) + out_offset) with out_multiplier.
 * lp_maximum, lp_minimum: of int8, int16 or int32; offsets and multipliers are not used.
 * lp_prelu_s8: requantize(x) with in1_multiplier where x is not negative, else requantize(x * y) with in2_multiplier. */
struct lp_binary {
    const void *in1;
    const void *in2;
    void *out;
    int32_t dims[LP_BROADCAST_RANK];
    int32_t in1_stride[LP_BROADCAST_RANK]; /* elements */
    int32_t in2_stride[LP_BROADCAST_RANK]; /* elements */
    int32_t in1_offset, in2_offset;
    int32_t out_offset;
    int32_t in1_multiplier, in2_multiplier, out_multiplier;
    int16_t act_min, act_max;
    int8_t in1_shift, in2_shift, out_shift;
    uint8_t left_shift; /* 20 for int8, 15 for int16, 7 for SQUARED_DIFFERENCE */
    uint8_t rank;       /* dimensions in use, 1..6 */
    uint8_t element;    /* enum lp_element */
    uint8_t rounding;
    uint8_t reserved; /* 0 */
};

/* Transposed 2-D convolution: input position (y, x) adds to the outputs (y * stride_h - pad_top + ky, ...), those outside the
 * output are lost.
 * in [batches, in_h, in_w, in_c]      weight [out_c, kernel_h, kernel_w, in_c], symmetric      bias [out_c]
 * out [batches, out_h, out_w, out_c] */
struct lp_transpose_conv_s8 {
    const int8_t *in;
    const int8_t *weight;
    const int32_t *bias; /* may be NULL: zeros */
    const int32_t *multiplier;
    const int8_t *shift;
    int8_t *out;
    int32_t batches;
    int32_t in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    int32_t in_offset;
    int32_t out_offset;
    uint16_t kernel_h, kernel_w;
    uint16_t stride_h, stride_w;
    uint16_t pad_top, pad_left;
    int8_t act_min, act_max;
    uint8_t per_channel;
    uint8_t rounding;
};

/* The same for int16 with int8 weights, zero points 0; biases, sums and is_wide as in lp_conv2d_s16. */
struct lp_transpose_conv_s16 {
    const int16_t *in;
    const int8_t *weight;
    const void *bias; /* may be NULL: zeros */
    const int32_t *multiplier;
    const int8_t *shift;
    int16_t *out;
    int32_t batches;
    int32_t in_h, in_w, in_c;
    int32_t out_h, out_w, out_c;
    uint16_t kernel_h, kernel_w;
    uint16_t stride_h, stride_w;
    uint16_t pad_top, pad_left;
    int16_t act_min, act_max;
    uint8_t per_channel;
    uint8_t rounding;
    uint8_t is_wide;
    uint8_t reserved; /* 0 */
};

/* Products of matrices: out[b][r][c] = sum over d of (in1 + in1_offset) * (in2 + in2_offset), requantized. out is dense; element
 * (r, d) of in1 lies at r * in1_row + d * in1_depth, element (d, c) of in2 at d * in2_depth + c * in2_column, and each of the
 * three outer dimensions has a stride of its own, 0 where an input is repeated.
 * lp_batch_matmul_s8: int8. lp_batch_matmul_s16: int16, all offsets 0, sums of 64 bits requantized by lp_requantize_wide. */
struct lp_batch_matmul {
    const void *in1;
    const void *in2;
    void *out;
    int32_t batches[3];
    int32_t in1_batch[3]; /* strides in elements, as all that follow */
    int32_t in2_batch[3];
    int32_t rows, columns, depth;
    int32_t in1_row, in1_depth;
    int32_t in2_depth, in2_column;
    int32_t in1_offset, in2_offset, out_offset;
    int32_t multiplier;
    int8_t shift;
    uint8_t rounding;
    uint8_t reserved[2]; /* 0 */
};

/* Where the largest (or smallest) element along a dimension lies; of equal ones the first.
 * in [outer, size, inner] of int8 or uint8      out [outer, inner] of int32 or int64 */
struct lp_arg_max {
    const void *in;
    void *out;
    int32_t outer, size, inner;
    uint8_t in_element;
    uint8_t out_element;
    uint8_t is_min;
    uint8_t reserved; /* 0 */
};

/* The largest (or smallest) element over some dimensions, which are given as in lp_mean_s8; int8 or int16. */
struct lp_reduce {
    const void *in;
    void *out;
    int32_t keep_dims[LP_MEAN_RANK];
    int32_t keep_stride[LP_MEAN_RANK]; /* elements */
    int32_t reduce_dims[LP_MEAN_RANK];
    int32_t reduce_stride[LP_MEAN_RANK]; /* elements */
    uint8_t element;
    uint8_t is_min;
    uint8_t reserved[2]; /* 0 */
};

/* Bilinear interpolation with 10 fractional bits; halves upwards in single rounding, away from zero in double rounding.
 * in [batches, in_h, in_w, channels]      out [batches, out_h, out_w, channels]      sizes of maps at most 2^20 */
struct lp_resize_bilinear_s8 {
    const int8_t *in;
    int8_t *out;
    int32_t batches;
    int32_t in_h, in_w;
    int32_t out_h, out_w;
    int32_t channels;
    int32_t scale_h, scale_w;   /* input steps an output step, times 2^10 */
    int32_t offset_h, offset_w; /* of output 0, times 2^10 */
    uint8_t rounding;
    uint8_t reserved[3]; /* 0 */
};

/* Each row divided by its length: output scale 1/128, zero point 0.
 * in [rows, depth]      out [rows, depth]      depth at most 33025. In place, row by row. */
struct lp_l2_normalization_s8 {
    const int8_t *in;
    int8_t *out;
    int32_t rows, depth;
    int32_t in_offset;
    uint8_t rounding;
    uint8_t reserved[3]; /* 0 */
};

/* Logarithm of softmax along the last dimension in fixed point; output scale 1/16, zero point 127. multiplier, shift, diff_min
 * and depth as in lp_softmax_s8; the reverse factor takes a number with 26 fractional bits back to the input's scale. In place. */
struct lp_log_softmax_s8 {
    const int8_t *in;
    int8_t *out;
    int32_t rows, depth;
    int32_t multiplier;
    int32_t reverse_multiplier;
    int32_t diff_min;
    int8_t shift;
    int8_t reverse_shift;
    uint8_t rounding;
    uint8_t reserved; /* 0 */
};

/* One moment of a network that remembers: every filter makes one number of the input and keeps the last `memory` of them; an
 * output is the sum over `rank` filters of what they keep times their weights in time.
 * in [batches, in_c]      feature_weight [units * rank, in_c], symmetric      time_weight [units * rank, memory], symmetric
 * bias [units]      states [batches, units * rank, memory], oldest first      out [batches, units]
 * Sums over time wrap around at 32 bits. */
struct lp_svdf_s8 {
    const int8_t *in;
    const int8_t *feature_weight;
    const int16_t *time_weight;
    const int32_t *bias; /* may be NULL: zeros */
    const int16_t *old_state;
    int16_t *new_state;
    int8_t *out;
    int32_t batches, in_c, units, rank, memory;
    int32_t in_offset;
    int32_t out_offset;
    int32_t feature_multiplier, out_multiplier;
    int8_t feature_shift, out_shift;
    uint8_t rounding;
    uint8_t reserved; /* 0 */
};

/* Softmax of int16 along the last dimension by two tables; the output has scale 2^-15 and zero point 0.
 * in [rows, depth]      out [rows, depth]      depth at most 65535
 * multiplier and shift scale a difference to the row's largest input so that 65535 stands for 10. Tables of LP_LOOKUP_S16
 * entries are read at a 16-bit number v, linearly between the entries 256 + v / 128 and the next one. In place, row by row. */
enum { LP_LOOKUP_S16 = 513 };
struct lp_softmax_s16 {
    const int16_t *in;
    const int16_t *exp_table;        /* e^x for x = -10..0, 15 fractional bits */
    const int16_t *reciprocal_table; /* 1 / (1 + x) for x = 0..1, 15 fractional bits */
    int16_t *out;
    int32_t rows, depth;
    int32_t multiplier;
    int8_t shift;
    uint8_t rounding;
    uint8_t reserved[2]; /* 0 */
};

/* LOGISTIC and TANH of int16 by a table; output scale 2^-15, zero points 0. x = (in * multiplier + half) >> right_shift has the
 * scale 1 / 12288; the table is read linearly at x / 512 for LOGISTIC, at 2 * x / 512 for TANH. In place.
 * The products fit int32: the compiler has checked it. */
enum { LP_SIGMOID_TABLE = 256 };
struct lp_sigmoid_s16 {
    const int16_t *in;
    const int16_t *table; /* LP_SIGMOID_TABLE: the logistic function of i / 24, 16 fractional bits, minus 2^16 */
    int16_t *out;
    int32_t count;
    int32_t multiplier;
    uint8_t right_shift; /* 0..31 */
    uint8_t is_tanh;
    uint8_t reserved[2]; /* 0 */
};

/* LEAKY_RELU of int16, zero points 0: clamp(requantize(in)), with the first factor where in is negative. In place. */
struct lp_leaky_relu_s16 {
    const int16_t *in;
    int16_t *out;
    int32_t count;
    int32_t negative_multiplier;
    int32_t positive_multiplier;
    int8_t negative_shift;
    int8_t positive_shift;
    uint8_t rounding;
    uint8_t reserved; /* 0 */
};

/* Convolutions and pools one behind the other, by rows: what is between two of them never exists as a whole, only the rows that the
 * next one's window needs.
 * Every stage is a kernel with struct lp_conv2d_s8, lp_depthwise_conv2d_s8 or, where `pools` says so, lp_pool_s8, one batch, as if
 * it made all of its map. `in` of the first and `out` of the last are whole maps. `out` of the others, which is `in` of the next, is
 * a strip: room for lp_rows_of_strip rows of that map. Stages that follow the last one are all zero.
 * out may overlap the first input as sliding windows may: rows are read for the last time before the first row that needs them no
 * more is written (compiler/lower/rows.h). */
enum { LP_ROWS_STAGES = 3 };
struct lp_rows {
    struct lp_epoch stage[LP_ROWS_STAGES];
    uint8_t count;       /* 2 or 3 */
    uint8_t pools;       /* bit i: stage i is a pool */
    uint8_t reserved[2]; /* 0 */
};

/* What matters of a stage. */
struct lp_rows_shape {
    int32_t in_h, in_row_bytes;
    int32_t out_h, out_row_bytes;
    int32_t reach; /* rows from the first tap to the last one, both included */
    int32_t stride, pad_top;
};

static inline struct lp_rows_shape lp_rows_shape_of(const void *args, int is_pool)
{
    if (is_pool) {
        const struct lp_pool_s8 *p = (const struct lp_pool_s8 *)args;
        const struct lp_rows_shape pool = {p->in_h,     p->in_w * p->channels, p->out_h,  p->out_w * p->channels,
                                           p->kernel_h, p->stride_h,           p->pad_top};
        return pool;
    }
    /* A depthwise convolution has the same members in the same places (runtime/kernels/reference/rows.c). */
    const struct lp_conv2d_s8 *p = (const struct lp_conv2d_s8 *)args;
    const struct lp_rows_shape conv = {
        p->in_h,     p->in_w * p->in_c, p->out_h, p->out_w * p->out_c, (p->kernel_h - 1) * p->dilation_h + 1,
        p->stride_h, p->pad_top};
    return conv;
}

/* Rows that a strip holds: the most that one window of `next`, the stage that reads it, has within its map. */
static inline int32_t lp_rows_of_strip(const struct lp_rows_shape *next)
{
    int32_t most = 0;
    for (int32_t y = 0; y < next->out_h; y++) {
        const int32_t top = y * next->stride - next->pad_top, last = top + next->reach;
        const int32_t from = top > 0 ? top : 0, end = last < next->in_h ? last : next->in_h;
        most = end - from > most ? end - from : most;
    }
    return most;
}

#endif
