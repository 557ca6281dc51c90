/* Options of matrix products, elementwise operators, SOFTMAX and the reductions. */
#include "compiler/import/tflite_reader.h"

#include <math.h>

lp_status lp_tflite_fully_connected(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { ACTIVATION, WEIGHTS_FORMAT, KEEP_NUM_DIMS };
    if (lp_fb_int(options, WEIGHTS_FORMAT, 1, 0) != 0)
        return lp_tflite_op_error(r, op, LP_UNSUPPORTED,
                                  "its weights are shuffled; convert the model with the default weights format");
    op->as.fully_connected.keep_num_dims = lp_fb_uint(options, KEEP_NUM_DIMS, 1, 0) != 0;
    return lp_tflite_activation(r, options, ACTIVATION, op);
}

lp_status lp_tflite_add(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { ACTIVATION };
    return lp_tflite_activation(r, options, ACTIVATION, op);
}

lp_status lp_tflite_softmax(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { BETA };
    op->as.softmax.beta = lp_fb_float(options, BETA, 0);
    if (!isfinite(op->as.softmax.beta) || op->as.softmax.beta <= 0)
        return lp_tflite_op_error(r, op, LP_BAD_INPUT,
                                  "its beta is %g, a finite number above 0 is allowed (1 is usual); convert the model again",
                                  (double)op->as.softmax.beta);
    return LP_OK;
}

lp_status lp_tflite_reducer(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { KEEP_DIMS };
    (void)r;
    op->as.reduce.keep_dims = lp_fb_uint(options, KEEP_DIMS, 1, 0) != 0;
    return LP_OK;
}

lp_status lp_tflite_leaky_relu(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { ALPHA };
    op->as.leaky_relu.alpha = lp_fb_float(options, ALPHA, 0);
    if (!isfinite(op->as.leaky_relu.alpha) || op->as.leaky_relu.alpha < 0)
        return lp_tflite_op_error(r, op, LP_UNSUPPORTED, "its alpha is %g, a finite number of 0 or more can be compiled",
                                  (double)op->as.leaky_relu.alpha);
    return LP_OK;
}

lp_status lp_tflite_gelu(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { APPROXIMATE };
    (void)r;
    op->as.gelu.is_approximate = lp_fb_uint(options, APPROXIMATE, 1, 0) != 0;
    return LP_OK;
}

lp_status lp_tflite_batch_matmul(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { ADJOINT_1, ADJOINT_2 };
    (void)r;
    op->as.batch_matmul.adjoint_1 = lp_fb_uint(options, ADJOINT_1, 1, 0) != 0;
    op->as.batch_matmul.adjoint_2 = lp_fb_uint(options, ADJOINT_2, 1, 0) != 0;
    return LP_OK;
}

/* The last input is what it keeps; what it makes of that becomes an output when all tensors are known. */
lp_status lp_tflite_svdf(struct lp_tflite *r, const struct lp_fb_table *options, struct lp_op *op)
{
    enum { RANK, ACTIVATION, STATE = 4 };
    op->as.svdf.rank = (int32_t)lp_fb_int(options, RANK, 4, 0);
    if (op->input_count != STATE + 1 || op->inputs[STATE] == LP_NO_TENSOR)
        return lp_tflite_op_error(r, op, LP_BAD_INPUT, "it has %u inputs, it needs 5 with its state; convert the model again",
                                  (unsigned)op->input_count);
    r->is_state[op->inputs[STATE]] = true;
    return lp_tflite_activation(r, options, ACTIVATION, op);
}
