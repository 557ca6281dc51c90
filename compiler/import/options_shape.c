/* Options of operators that only change a shape. */
#include "compiler/import/tflite_reader.h"

static lp_status read_numbers(struct lp_tflite *r, const struct lp_op *op, const struct lp_fb_vector *list, int32_t *out)
{
    if (list->count > LP_MAX_RANK)
        return lp_tflite_op_error(r, op, LP_UNSUPPORTED, "it names %u dimensions, at most %d can be compiled: merge some",
                                  (unsigned)list->count, LP_MAX_RANK);
    for (uint32_t i = 0; i < list->count; i++)
        out[i] = (int32_t)lp_fb_int_at(list, i, 4);
    return LP_OK;
}

lp_status lp_tflite_reshape(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { NEW_SHAPE };
    struct lp_fb_vector shape = lp_fb_vec(options, NEW_SHAPE, 4);
    lp_status status = read_numbers(r, op, &shape, op->as.reshape.dims);
    op->as.reshape.rank = status == LP_OK ? (uint8_t)shape.count : 0;
    op->as.reshape.given = options->fb != NULL && lp_fb_has(options, NEW_SHAPE);
    return status;
}

lp_status lp_tflite_squeeze(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { SQUEEZE_DIMS };
    struct lp_fb_vector axes = lp_fb_vec(options, SQUEEZE_DIMS, 4);
    lp_status status = read_numbers(r, op, &axes, op->as.squeeze.axes);
    op->as.squeeze.count = status == LP_OK ? (uint8_t)axes.count : 0;
    return status;
}
