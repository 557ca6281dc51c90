#include "runtime/kernels/dsp/products.h"

#include <stddef.h>

_Static_assert(offsetof(struct lp_dsp_two_by_two, first) == 16 && offsetof(struct lp_dsp_two_by_two, count) == 32,
               "known to the assembly");
_Static_assert(offsetof(struct lp_dsp_one_by_four, sums) == 20 && offsetof(struct lp_dsp_one_by_four, count) == 36,
               "known to the assembly");

/* Bytes 0 and 2 of a word, and bytes 1 and 3, become pairs of 16 bits; SMLAD adds both products of two pairs. Weights are loaded
 * twice, because no register is left to keep them. */

/* r0, r1 inputs, r2, r3 weights, r4-r7 sums, r8-r11 pairs of inputs, r12 counts. */
#define WEIGHT_2X2(weight, first, second)                                                                                     \
    "\tldr lr, [" weight "]\n\tsxtb16 lr, lr\n\tsmlad " first ", r8, lr, " first "\n\tsmlad " second ", r9, lr, " second      \
    "\n\tldr lr, [" weight "], #4\n\tsxtb16 lr, lr, ror #8\n\tsmlad " first ", r10, lr, " first "\n\tsmlad " second ", r11, " \
    "lr, " second "\n"

__attribute__((naked)) void lp_dsp_two_by_two(struct lp_dsp_two_by_two *products __attribute__((unused)))
{
    __asm__ volatile(
        "push {r0, r4-r11, lr}\n\tldm r0, {r0-r7, r12}\n\tsubs r12, #4\n\tblt 2f\n"
        "1:\n\tldr r10, [r0], #4\n\tldr r11, [r1], #4\n\tsxtb16 r8, r10\n\tsxtb16 r9, r11\n\t"
        "sxtb16 r10, r10, ror #8\n\tsxtb16 r11, r11, ror #8\n" WEIGHT_2X2("r2", "r4", "r5") WEIGHT_2X2(
            "r3", "r6", "r7") "\tsubs r12, #4\n\tbge 1b\n"
                              "2:\n\tadds r12, #4\n\tbeq 4f\n"
                              "3:\n\tldrsb r8, [r0], #1\n\tldrsb r9, [r1], #1\n\tldrsb r10, [r2], #1\n\tldrsb r11, [r3], #1\n\t"
                              "mla r4, r8, r10, r4\n\tmla r5, r9, r10, r5\n\tmla r6, r8, r11, r6\n\tmla r7, r9, r11, r7\n\t"
                              "subs r12, #1\n\tbne 3b\n"
                              "4:\n\tpop {r0}\n\tadds r0, #16\n\tstm r0, {r4-r7}\n\tpop {r4-r11, pc}\n");
}

/* r0 inputs, r1-r4 weights, r5-r8 sums, r9, r10 pairs of inputs, r12 counts. */
#define WEIGHT_1X4(weight, sum)                                                                                    \
    "\tldr lr, [" weight "], #4\n\tsxtb16 r11, lr\n\tsmlad " sum ", r9, r11, " sum "\n\tsxtb16 lr, lr, ror #8\n\t" \
    "smlad " sum ", r10, lr, " sum "\n"

__attribute__((naked)) void lp_dsp_one_by_four(struct lp_dsp_one_by_four *products __attribute__((unused)))
{
    __asm__ volatile(
        "push {r0, r4-r11, lr}\n\tldm r0, {r0-r8, r12}\n\tsubs r12, #4\n\tblt 2f\n"
        "1:\n\tldr r10, [r0], #4\n\tsxtb16 r9, r10\n\tsxtb16 r10, r10, ror #8\n" WEIGHT_1X4("r1", "r5") WEIGHT_1X4("r2", "r6")
            WEIGHT_1X4("r3", "r7") WEIGHT_1X4(
                "r4", "r8") "\tsubs r12, #4\n\tbge 1b\n"
                            "2:\n\tadds r12, #4\n\tbeq 4f\n"
                            "3:\n\tldrsb r9, [r0], #1\n\tldrsb r10, [r1], #1\n\tmla r5, r9, r10, r5\n\tldrsb r10, [r2], #1\n\t"
                            "mla r6, r9, r10, r6\n\tldrsb r10, [r3], #1\n\tmla r7, r9, r10, r7\n\tldrsb r10, [r4], #1\n\t"
                            "mla r8, r9, r10, r8\n\tsubs r12, #1\n\tbne 3b\n"
                            "4:\n\tpop {r0}\n\tadds r0, #20\n\tstm r0, {r5-r8}\n\tpop {r4-r11, pc}\n");
}
