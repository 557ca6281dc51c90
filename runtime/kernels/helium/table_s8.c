/* A function of one byte, 16 elements at a time. */
#include "runtime/kernels/kernels.h"

#include <arm_mve.h>

lp_status lp_table_s8__helium(const void *args)
{
    const struct lp_table_s8 *p = args;
    const int8_t *in = p->in;
    int8_t *out = p->out;
    __asm__ volatile("dlstp.8 lr, %[count]\n"
                     "1:\n\tvldrb.u8 q0, [%[in]], #16\n\tveor q0, q0, %q[flip]\n\tvldrb.u8 q1, [%[table], q0]\n\t"
                     "vstrb.8 q1, [%[out]], #16\n\tletp lr, 1b"
                     : [in] "+l"(in), [out] "+l"(out)
                     : [count] "r"(p->count), [table] "r"(p->table), [flip] "w"(vdupq_n_u8(0x80))
                     : "lr", "q0", "q1", "memory");
    return LP_OK;
}
