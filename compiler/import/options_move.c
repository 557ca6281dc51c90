/* Options of operators that move elements. */
#include "compiler/import/tflite_reader.h"

lp_status lp_tflite_concatenation(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { AXIS, ACTIVATION };
    op->as.along.axis = (int32_t)lp_fb_int(options, AXIS, 4, 0);
    lp_status status = lp_tflite_activation(r, options, ACTIVATION, op);
    if (status == LP_OK && op->activation != LP_ACT_NONE)
        return lp_tflite_op_error(r, op, LP_UNSUPPORTED,
                                  "it has a fused activation, none is allowed: use an operator of its own");
    return status;
}

lp_status lp_tflite_gather(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { AXIS, BATCH_DIMS };
    (void)r;
    op->as.along.axis = (int32_t)lp_fb_int(options, AXIS, 4, 0);
    op->as.along.batch_dims = (int32_t)lp_fb_int(options, BATCH_DIMS, 4, 0);
    return LP_OK;
}

/* `count` is said twice: by the option and by the operator's list of tensors. */
static lp_status read_stack(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op, uint32_t tensors,
                            const char *what)
{
    enum { COUNT, AXIS };
    int64_t count = lp_fb_int(options, COUNT, 4, 0);
    op->as.along.axis = (int32_t)lp_fb_int(options, AXIS, 4, 0);
    if (count != (int64_t)tensors)
        return lp_tflite_op_error(r, op, LP_BAD_INPUT, "its option says that it has %lld %s, it has %u; convert the model again",
                                  (long long)count, what, (unsigned)tensors);
    return LP_OK;
}

lp_status lp_tflite_pack(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    return read_stack(r, options, op, op->input_count, "inputs");
}

lp_status lp_tflite_unpack(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    return read_stack(r, options, op, op->output_count, "outputs");
}

lp_status lp_tflite_block(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { BLOCK_SIZE };
    (void)r;
    op->as.block.size = (int32_t)lp_fb_int(options, BLOCK_SIZE, 4, 0);
    return LP_OK;
}

lp_status lp_tflite_strided_slice(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { BEGIN_MASK, END_MASK, ELLIPSIS_MASK, NEW_AXIS_MASK, SHRINK_AXIS_MASK, OFFSET };
    (void)r;
    op->as.strided_slice.begin_mask = (uint32_t)lp_fb_uint(options, BEGIN_MASK, 4, 0);
    op->as.strided_slice.end_mask = (uint32_t)lp_fb_uint(options, END_MASK, 4, 0);
    op->as.strided_slice.ellipsis_mask = (uint32_t)lp_fb_uint(options, ELLIPSIS_MASK, 4, 0);
    op->as.strided_slice.new_axis_mask = (uint32_t)lp_fb_uint(options, NEW_AXIS_MASK, 4, 0);
    op->as.strided_slice.shrink_axis_mask = (uint32_t)lp_fb_uint(options, SHRINK_AXIS_MASK, 4, 0);
    op->as.strided_slice.is_offset = lp_fb_uint(options, OFFSET, 1, 0) != 0;
    return LP_OK;
}

lp_status lp_tflite_mirror_pad(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { MODE, REFLECT = 0, SYMMETRIC = 1 };
    int64_t mode = lp_fb_int(options, MODE, 1, 0);
    if (mode != REFLECT && mode != SYMMETRIC)
        return lp_tflite_op_error(r, op, LP_BAD_INPUT,
                                  "its mode is %lld, 0 (REFLECT) and 1 (SYMMETRIC) exist; convert the model again",
                                  (long long)mode);
    op->as.mirror_pad.is_symmetric = mode == SYMMETRIC;
    return LP_OK;
}

lp_status lp_tflite_resize(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { ALIGN_CORNERS, HALF_PIXEL_CENTERS };
    (void)r;
    op->as.resize.align_corners = lp_fb_uint(options, ALIGN_CORNERS, 1, 0) != 0;
    op->as.resize.half_pixel_centers = lp_fb_uint(options, HALF_PIXEL_CENTERS, 1, 0) != 0;
    return LP_OK;
}

/* Its first two numbers, the new size, are given up: an operand has it. */
lp_status lp_tflite_resize_bilinear(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { NEW_HEIGHT, NEW_WIDTH, ALIGN_CORNERS, HALF_PIXEL_CENTERS };
    (void)r;
    op->as.resize.align_corners = lp_fb_uint(options, ALIGN_CORNERS, 1, 0) != 0;
    op->as.resize.half_pixel_centers = lp_fb_uint(options, HALF_PIXEL_CENTERS, 1, 0) != 0;
    return LP_OK;
}
