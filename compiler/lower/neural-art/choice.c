/* The larger or smaller of two values. The unit has an operation for it that nobody has seen at work; a difference, its clamp and
 * a sum have been seen: max(x, y) = y + clamp(x - y, 0, 255). */
#include "compiler/lower/neural-art/choice.h"

enum { ONE = 1 << 14, ONE_SHIFT = 14, LARGEST_DIFFERENCE = 255 };

static struct lp_npu_arith *add_pair(struct lp_npu_build *b, const struct lp_npu_stream *x, struct lp_npu_port y)
{
    struct lp_npu_arith *u = lp_npu_arith(b);
    u->operation = LP_NPU_ARITH_AFFINE;
    u->scalar = u->dualinput = 1;
    u->bcast = LP_NPU_BCAST_SCALAR;
    u->inbytes_x = u->outbytes_x = u->inbytes_y = u->outbytes_y = 1;
    u->rounding_o = u->saturation_o = u->round_mode_o = 1;
    u->fWidth = x->width;
    u->fHeight = x->height;
    u->fChannels = (int32_t)(x->depth * x->frames);
    u->batchDepth = x->depth;
    u->A_scalar = u->B_scalar = ONE;
    u->Ax_shift = u->By_shift = ONE_SHIFT;
    lp_npu_route(b, x->port, lp_npu_port(LP_NPU_ARITH, u, 0));
    lp_npu_route(b, y, lp_npu_port(LP_NPU_ARITH, u, 1));
    lp_npu_busy(b, x->frames * x->width * x->height * x->depth);
    return u;
}

struct lp_npu_stream lp_npu_add_choice(struct lp_npu_build *b, const struct lp_npu_stream *x, const struct lp_npu_port y[2],
                                       bool is_larger, int32_t act_min, int32_t act_max)
{
    struct lp_npu_stream stream = *x;
    struct lp_npu_arith *beyond = add_pair(b, x, y[0]);
    beyond->B_scalar = -ONE;
    beyond->outbytes_o = 2;
    beyond->clipout = 1;
    beyond->clipmin = is_larger ? 0 : -LARGEST_DIFFERENCE;
    beyond->clipmax = is_larger ? LARGEST_DIFFERENCE : 0;
    stream.port = lp_npu_port(LP_NPU_ARITH, beyond, 0);
    struct lp_npu_arith *sum = add_pair(b, &stream, y[1]);
    sum->inbytes_x = sum->outbytes_x = 2;
    sum->outbytes_o = 1;
    sum->clipout = act_min > INT8_MIN || act_max < INT8_MAX;
    sum->clipmin = sum->clipout ? act_min : 0;
    sum->clipmax = sum->clipout ? act_max : 0;
    stream.port = lp_npu_port(LP_NPU_ARITH, sum, 0);
    return stream;
}
