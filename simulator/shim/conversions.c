/* Between float and 8 bits, and from one quantization to another. */
#include <math.h>

#include "simulator/shim/operators.h"

void lp_shim_op_dequantizelinear(struct lp_shim_session *s, const void *info)
{
    const Dequantizelinear_sw_info *op = info;
    const double *in = lp_shim_bytes(s, &op->general.input);
    float scale = lp_shim_scale_at(s, &op->is, 0);
    int32_t zero = lp_shim_zero_at(s, &op->izp, 0, op->is.format.is_signed);
    for (size_t i = 0; in != NULL && i < lp_shim_count(&op->general.input); i++)
        lp_shim_put_float(s, &op->general.output, i, (float)(in[i] - zero) * scale);
}

void lp_shim_op_quantizelinear(struct lp_shim_session *s, const void *info)
{
    const Quantizelinear_sw_info *op = info;
    const double *in = lp_shim_floats(s, &op->general.input);
    float scale = lp_shim_scale_at(s, &op->os, 0);
    int32_t zero = lp_shim_zero_at(s, &op->ozp, 0, op->os.format.is_signed);
    for (size_t i = 0; in != NULL && i < lp_shim_count(&op->general.input); i++)
        lp_shim_put_byte(s, &op->general.output, i, (double)roundf((float)in[i] / scale) + zero);
}

void lp_shim_op_requantizelinear(struct lp_shim_session *s, const void *info)
{
    const Requantizelinear_sw_info *op = info;
    const double *in = lp_shim_bytes(s, &op->general.input);
    double ratio = (double)lp_shim_scale_at(s, &op->is, 0) / (double)lp_shim_scale_at(s, &op->os, 0);
    int32_t in_zero = lp_shim_zero_at(s, &op->izp, 0, op->is.format.is_signed),
            out_zero = lp_shim_zero_at(s, &op->ozp, 0, op->os.format.is_signed);
    for (size_t i = 0; in != NULL && i < lp_shim_count(&op->general.input); i++)
        lp_shim_put_byte(s, &op->general.output, i, round((in[i] - in_zero) * ratio) + out_zero);
}
