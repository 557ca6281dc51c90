/* Change of scale, four elements at a time. */
#include "runtime/kernels/kernels.h"

#include <arm_mve.h>

/* Moved so far to the left, an input of 9 bits leaves its product with 2^31 no bits below the high half that a single rounding
 * needs, up to shift 18. */
enum { LEFT = 20 };

lp_status lp_requantize_s8_single__helium(const void *args)
{
    const struct lp_requantize_s8 *p = args;
    const int8_t *in = p->in;
    int8_t *out = p->out;
    __asm__ volatile(
        "dlstp.32 lr, %[count]\n"
        "1:\n\tvldrb.s32 q0, [%[in]], #4\n\tvmlas.s32 q0, %q[up], %[in_offset]\n\t"
        "vmulh.s32 q0, q0, %q[multiplier]\n\tvrshl.s32 q0, %[shift]\n\tvadd.i32 q0, q0, %[out_offset]\n\t"
        "vmax.s32 q0, q0, %q[act_min]\n\tvmin.s32 q0, q0, %q[act_max]\n\tvstrb.32 q0, [%[out]], #4\n\tletp lr, 1b"
        : [in] "+l"(in), [out] "+l"(out)
        : [count] "r"(p->count), [up] "w"(vdupq_n_s32((int32_t)1 << LEFT)), [multiplier] "w"(vdupq_n_s32(p->multiplier)),
          [act_min] "w"(vdupq_n_s32(p->act_min)), [act_max] "w"(vdupq_n_s32(p->act_max)),
          [in_offset] "r"(p->in_offset * ((int32_t)1 << LEFT)), [shift] "r"(p->shift + 1 - LEFT), [out_offset] "r"(p->out_offset)
        : "lr", "q0", "memory");
    return LP_OK;
}

lp_status lp_requantize_s8_double__helium(const void *args)
{
    const struct lp_requantize_s8 *p = args;
    const int32_t left = p->shift > 0 ? p->shift : 0;
    const int32_t right = p->shift > 0 ? 0 : p->shift;
    for (int32_t i = 0; i < p->count; i += 4) {
        const mve_pred16_t lanes = vctp32q((uint32_t)(p->count - i));
        const int32x4_t value = vshlq_r_s32(vaddq_n_s32(vldrbq_z_s32(p->in + i, lanes), p->in_offset), left);
        int32x4_t product = vqrdmulhq_n_s32(value, p->multiplier);
        /* A negative product is one less before halves go upwards, unless nothing is shifted. */
        if (right != 0)
            product = vrshlq_n_s32(vqaddq_s32(product, vshrq_n_s32(product, 31)), right);
        product = vaddq_n_s32(product, p->out_offset);
        vstrbq_p_s32(p->out + i, vminq_s32(vmaxq_s32(product, vdupq_n_s32(p->act_min)), vdupq_n_s32(p->act_max)), lanes);
    }
    return LP_OK;
}
