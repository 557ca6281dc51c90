/* The walk over two broadcast tensors that the kernels of struct lp_binary share. */
#ifndef LP_KERNELS_REFERENCE_BINARY_H
#define LP_KERNELS_REFERENCE_BINARY_H

#include "contract/kernel_args.h"

/* One row of the innermost dimension: `count` outputs, inputs `stride1` and `stride2` elements apart. */
typedef void lp_binary_row(const struct lp_binary *p, const void *in1, const void *in2, void *out);

void lp_binary_walk(const struct lp_binary *p, uint32_t element_bytes, lp_binary_row *row);

/* clamp(requantize(value) + out_offset) with the output's multiplier. */
int32_t lp_binary_output(const struct lp_binary *p, int32_t value, int32_t multiplier, int32_t shift);

/* A row of the element type `type`: each output is compute(p, value1, value2). */
#define LP_BINARY_ROW(name, type, compute)                                                    \
    static void name(const struct lp_binary *p, const void *in1, const void *in2, void *out)  \
    {                                                                                         \
        const int32_t last = p->rank - 1;                                                     \
        const type *a = in1;                                                                  \
        const type *b = in2;                                                                  \
        type *to = out;                                                                       \
        for (int32_t i = 0; i < p->dims[last]; i++)                                           \
            to[i] = (type)compute(p, a[i * p->in1_stride[last]], b[i * p->in2_stride[last]]); \
    }

#endif
