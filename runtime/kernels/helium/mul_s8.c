/* Product of two tensors, four elements at a time, row by row; both inputs of a row are dense. */
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/reference/binary.h"

#include <arm_mve.h>

/* Products of 17 bits moved so far to the left leave no bit below the high half of the product with the multiplier that a single
 * rounding needs, up to a shift of 12. */
enum { LEFT = 14 };

static void row_single(const struct lp_binary *p, const void *first, const void *second, void *result)
{
    const int8_t *in1 = first, *in2 = second;
    int8_t *out = result;
    __asm__ volatile("dlstp.32 lr, %[count]\n"
                     "1:\n\tvldrb.s32 q0, [%[in1]], #4\n\tvldrb.s32 q1, [%[in2]], #4\n\t"
                     "vmlas.s32 q0, %q[up], %[offset1]\n\tvadd.i32 q1, q1, %[offset2]\n\tvmul.i32 q0, q0, q1\n\t"
                     "vmulh.s32 q0, q0, %q[multiplier]\n\tvrshl.s32 q0, %[shift]\n\tvadd.i32 q0, q0, %[out_offset]\n\t"
                     "vmax.s32 q0, q0, %q[act_min]\n\tvmin.s32 q0, q0, %q[act_max]\n\tvstrb.32 q0, [%[out]], #4\n\tletp lr, 1b"
                     : [in1] "+l"(in1), [in2] "+l"(in2), [out] "+l"(out)
                     : [count] "r"(p->dims[p->rank - 1]), [up] "w"(vdupq_n_s32((int32_t)1 << LEFT)),
                       [multiplier] "w"(vdupq_n_s32(p->out_multiplier)), [act_min] "w"(vdupq_n_s32(p->act_min)),
                       [act_max] "w"(vdupq_n_s32(p->act_max)), [offset1] "r"(p->in1_offset * ((int32_t)1 << LEFT)),
                       [offset2] "r"(p->in2_offset), [shift] "r"(p->out_shift + 1 - LEFT), [out_offset] "r"(p->out_offset)
                     : "lr", "q0", "q1", "memory");
}

static void row_double(const struct lp_binary *p, const void *first, const void *second, void *result)
{
    const int8_t *in1 = first, *in2 = second;
    int8_t *out = result;
    for (int32_t count = p->dims[p->rank - 1]; count > 0; count -= 4, in1 += 4, in2 += 4, out += 4) {
        const mve_pred16_t lanes = vctp32q((uint32_t)count);
        const int32x4_t a = vaddq_n_s32(vldrbq_z_s32(in1, lanes), p->in1_offset);
        const int32x4_t b = vaddq_n_s32(vldrbq_z_s32(in2, lanes), p->in2_offset);
        int32x4_t value = vqrdmulhq_n_s32(vmulq_s32(a, b), p->out_multiplier);
        /* A negative product is one less before halves go upwards, unless nothing is shifted. */
        if (p->out_shift != 0)
            value = vrshlq_n_s32(vqaddq_s32(value, vshrq_n_s32(value, 31)), p->out_shift);
        value = vaddq_n_s32(value, p->out_offset);
        vstrbq_p_s32(out, vminq_s32(vmaxq_s32(value, vdupq_n_s32(p->act_min)), vdupq_n_s32(p->act_max)), lanes);
    }
}

lp_status lp_mul_s8_single__helium(const void *args)
{
    lp_binary_walk(args, sizeof(int8_t), row_single);
    return LP_OK;
}

lp_status lp_mul_s8_double__helium(const void *args)
{
    lp_binary_walk(args, sizeof(int8_t), row_double);
    return LP_OK;
}
