/* Sum of two tensors, four elements at a time. Serves rows in which both inputs are dense; dimensions in front of them may
 * repeat. */
#include "runtime/kernels/kernels.h"

#include <arm_mve.h>

/* What one row needs; vectors hold the same value four times. */
struct row {
    int32x4_t up; /* 2 to the power of the common left shift */
    int32x4_t multiplier1, multiplier2, out_multiplier;
    int32x4_t act_min, act_max;
    int32_t offset1, offset2; /* shifted left as well */
    int32_t shift1, shift2, out_shift;
    int32_t out_offset;
};

/* With two bits more to the left, the high half of the product has lost no bit that a single rounding needs. */
enum { SINGLE_EXTRA_BITS = 2 };

static void add_row_single(const struct row *r, const int8_t *in1, const int8_t *in2, int8_t *out, int32_t count)
{
    __asm__ volatile("dlstp.32 lr, %[count]\n"
                     "1:\n\tvldrb.s32 q0, [%[in1]], #4\n\tvldrb.s32 q1, [%[in2]], #4\n\t"
                     "vmlas.s32 q0, %q[up], %[offset1]\n\tvmlas.s32 q1, %q[up], %[offset2]\n\t"
                     "vmulh.s32 q0, q0, %q[multiplier1]\n\tvmulh.s32 q1, q1, %q[multiplier2]\n\t"
                     "vrshl.s32 q0, %[shift1]\n\tvrshl.s32 q1, %[shift2]\n\tvadd.i32 q0, q0, q1\n\t"
                     "vmulh.s32 q0, q0, %q[out_multiplier]\n\tvrshl.s32 q0, %[out_shift]\n\tvadd.i32 q0, q0, %[out_offset]\n\t"
                     "vmax.s32 q0, q0, %q[act_min]\n\tvmin.s32 q0, q0, %q[act_max]\n\tvstrb.32 q0, [%[out]], #4\n\t"
                     "letp lr, 1b"
                     : [in1] "+l"(in1), [in2] "+l"(in2), [out] "+l"(out)
                     : [count] "r"(count), [up] "w"(r->up), [multiplier1] "w"(r->multiplier1), [multiplier2] "w"(r->multiplier2),
                       [out_multiplier] "w"(r->out_multiplier), [act_min] "w"(r->act_min), [act_max] "w"(r->act_max),
                       [offset1] "r"(r->offset1), [offset2] "r"(r->offset2), [shift1] "r"(r->shift1), [shift2] "r"(r->shift2),
                       [out_shift] "r"(r->out_shift), [out_offset] "r"(r->out_offset)
                     : "lr", "q0", "q1", "memory");
}

/* A negative product is one less before halves go upwards, unless nothing is shifted. */
static inline int32x4_t scale_double(int32x4_t value, int32x4_t multiplier, int32_t shift)
{
    int32x4_t product = vqrdmulhq_s32(value, multiplier);
    return shift == 0 ? product : vrshlq_n_s32(vqaddq_s32(product, vshrq_n_s32(product, 31)), shift);
}

static void add_row_double(const struct row *r, const int8_t *in1, const int8_t *in2, int8_t *out, int32_t count)
{
    for (; count > 0; count -= 4, in1 += 4, in2 += 4, out += 4) {
        mve_pred16_t lanes = vctp32q((uint32_t)count);
        int32x4_t a = vmlasq_n_s32(vldrbq_z_s32(in1, lanes), r->up, r->offset1);
        int32x4_t b = vmlasq_n_s32(vldrbq_z_s32(in2, lanes), r->up, r->offset2);
        int32x4_t sum = vaddq_s32(scale_double(a, r->multiplier1, r->shift1), scale_double(b, r->multiplier2, r->shift2));
        int32x4_t result = vaddq_n_s32(scale_double(sum, r->out_multiplier, r->out_shift), r->out_offset);
        vstrbq_p_s32(out, vminq_s32(vmaxq_s32(result, r->act_min), r->act_max), lanes);
    }
}

typedef void add_row(const struct row *r, const int8_t *in1, const int8_t *in2, int8_t *out, int32_t count);

/* extra_bits: more to the left for the inputs; rounded: bits that the product's half is shifted less for the sum. */
static struct row prepare(const struct lp_add_s8 *p, int32_t extra_bits, int32_t rounded)
{
    const int32_t left = p->left_shift + extra_bits;
    return (struct row){
        .up = vdupq_n_s32((int32_t)1 << left),
        .multiplier1 = vdupq_n_s32(p->in1_multiplier),
        .multiplier2 = vdupq_n_s32(p->in2_multiplier),
        .out_multiplier = vdupq_n_s32(p->out_multiplier),
        .act_min = vdupq_n_s32(p->act_min),
        .act_max = vdupq_n_s32(p->act_max),
        .offset1 = p->in1_offset * ((int32_t)1 << left),
        .offset2 = p->in2_offset * ((int32_t)1 << left),
        .shift1 = p->in1_shift + rounded - extra_bits,
        .shift2 = p->in2_shift + rounded - extra_bits,
        .out_shift = p->out_shift + rounded,
        .out_offset = p->out_offset,
    };
}

static lp_status add(const struct lp_add_s8 *p, const struct row *r, add_row *run)
{
    const int32_t last = p->rank - 1;
    int32_t index[LP_BROADCAST_RANK] = {0};
    const int8_t *in1 = p->in1;
    const int8_t *in2 = p->in2;
    int8_t *out = p->out;
    for (;;) {
        run(r, in1, in2, out, p->dims[last]);
        out += p->dims[last];
        /* On to the next row: the innermost index that has not reached its end rises, those behind it start over. */
        int32_t d = last - 1;
        while (d >= 0 && index[d] == p->dims[d] - 1) {
            in1 -= index[d] * p->in1_stride[d];
            in2 -= index[d] * p->in2_stride[d];
            index[d--] = 0;
        }
        if (d < 0)
            return LP_OK;
        index[d]++;
        in1 += p->in1_stride[d];
        in2 += p->in2_stride[d];
    }
}

lp_status lp_add_s8_single__helium(const void *args)
{
    const struct row r = prepare(args, SINGLE_EXTRA_BITS, 1);
    return add(args, &r, add_row_single);
}

lp_status lp_add_s8_double__helium(const void *args)
{
    const struct row r = prepare(args, 0, 0);
    return add(args, &r, add_row_double);
}
