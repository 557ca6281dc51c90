#include "runtime/kernels/helium/blocks_s8.h"

#include <stddef.h>

#define AT(member, offset) _Static_assert(offsetof(struct lp_helium_blocks, member) == (offset), "known to the assembly")
AT(out, 36);
AT(blocks, 40);
AT(block_count, 44);
AT(places, 48);
AT(in_step_bytes, 52);
AT(out_step_bytes, 56);
AT(out_offset, 60);
AT(act_min, 64);
AT(act_max, 80);
AT(tail_lanes, 96);
AT(tail_stride, 100);

/* Registers: r0-r2, r4-r8 and r12 taps, r3 the block's head, r9 weights, r10 results, r11 the structure, lr counts blocks.
 * q0-q3 sums of channels 0 4 8 12, 2 6 10 14, 1 5 9 13, 3 7 11 15; q4 and q5 the pair's products of even and odd channels. */
#define TAPS "{r0, r1, r2, r4, r5, r6, r7, r8, r12}"
#define SUMS                                                                                                                 \
    "\tvldrw.u32 q0, [r3, #16]\n\tvldrw.u32 q1, [r3, #32]\n\tvldrw.u32 q2, [r3, #48]\n\tvldrw.u32 q3, [r3, #64]\n\tadd r9, " \
    "r3, #144\n"
#define PRODUCTS "\tvmullb.s8 q4, q6, q7\n\tvmullt.s8 q5, q6, q7\n"
#define FIRST_OF_PAIR(tap) "\tvldrb.u8 q6, [" tap "], #16\n\tvldrb.u8 q7, [r9], #16\n" PRODUCTS
/* Eight registers: the input is loaded twice, because its first product takes its place. */
#define SECOND_OF_PAIR(tap)                                                                                                   \
    "\tvldrb.u8 q6, [" tap "]\n\tvldrb.u8 q7, [r9], #16\n\tvmullb.s8 q6, q6, q7\n\tvadd.i16 q4, q4, q6\n\tvldrb.u8 q6, [" tap \
    "], #16\n\tvmullt.s8 q6, q6, q7\n\tvadd.i16 q5, q5, q6\n"
#define WIDEN                                                                                                       \
    "\tvmovlb.s16 q6, q4\n\tvadd.i32 q0, q0, q6\n\tvmovlt.s16 q7, q4\n\tvadd.i32 q1, q1, q7\n\tvmovlb.s16 q6, q5\n" \
    "\tvadd.i32 q2, q2, q6\n\tvmovlt.s16 q7, q5\n\tvadd.i32 q3, q3, q7\n"
#define TWO_TAPS(a, b) FIRST_OF_PAIR(a) SECOND_OF_PAIR(b) WIDEN

#define SINGLE(q, multiplier_at, shift_at)                                                                 \
    "\tvldrw.u32 q4, [r3, #" multiplier_at "]\n\tvldrb.s32 q5, [r3, #" shift_at "]\n\tvmulh.s32 " q ", " q \
    ", q4\n\tvrshl.s32 " q ", " q ", q5\n"
/* For shifts above -1: the sum goes left by what is too much, the product right by one. */
#define SCALED_SINGLE(q, multiplier_at, shift_at)                                                                                \
    "\tvldrb.s32 q5, [r3, #" shift_at "]\n\tvmvn.i32 q7, #0\n\tvmax.s32 q6, q7, q5\n\tvsub.i32 q6, q6, q7\n\tvqshl.s32 " q       \
    ", " q ", q6\n\tvldrw.u32 q4, [r3, #" multiplier_at "]\n\tvmin.s32 q7, q7, q5\n\tvmulh.s32 " q ", " q ", q4\n\tvrshl.s32 " q \
    ", " q ", q7\n"
#define DOUBLE(q, multiplier_at, shift_at)                                                                    \
    "\tvldrw.u32 q4, [r3, #" multiplier_at "]\n\tvldrb.s32 q5, [r3, #" shift_at "]\n\tvqrdmulh.s32 " q ", " q \
    ", q4\n\tvand q6, " q ", q5\n\tvshr.s32 q6, q6, #31\n\tvqadd.s32 " q ", " q ", q6\n\tvrshl.s32 " q ", " q ", q5\n"
/* Leaves the next block's head in r3 and the results in q0. */
#define RESULTS(REQUANTIZE)                                                                                  \
    REQUANTIZE("q0", "80", "0")                                                                              \
    REQUANTIZE("q1", "96", "4")                                                                              \
    REQUANTIZE("q2", "112", "8")                                                                             \
    REQUANTIZE("q3", "128", "12")                                                                            \
    "\tvqmovnb.s32 q0, q0\n\tvqmovnt.s32 q0, q1\n\tvqmovnb.s32 q2, q2\n\tvqmovnt.s32 q2, q3\n\tmov r3, r9\n" \
    "\tldr r9, [r11, #60]\n\tvldrb.u8 q4, [r11, #64]\n\tvqadd.s16 q0, q0, r9\n\tvqadd.s16 q2, q2, r9\n"      \
    "\tvldrb.u8 q5, [r11, #80]\n\tvqmovnb.s16 q0, q0\n\tvqmovnt.s16 q0, q2\n\tvmax.s8 q0, q0, q4\n\tvmin.s8 q0, q0, q5\n"

#define WHOLE_BLOCKS(REQUANTIZE)                                                                                               \
    "2:\n" SUMS TWO_TAPS("r0", "r1") TWO_TAPS("r2", "r4") TWO_TAPS("r5", "r6") TWO_TAPS("r7", "r8") FIRST_OF_PAIR("r12") WIDEN \
    RESULTS(REQUANTIZE) "\tvstrb.8 q0, [r10], #16\n\tle lr, 2b\n"

/* Tap by tap, nothing of the lanes behind the last channel: r0 walks the taps, r1 is one, r2 counts. */
#define TAIL(REQUANTIZE)                                                                                             \
    "\tldrd r4, r5, [r11, #96]\n\tcmp r4, #0\n\tbeq.w 5f\n\tvctp.8 r4\n" SUMS "\tmov r0, r11\n\tmovs r2, #9\n"       \
    "4:\n\tldr r1, [r0], #4\n\tvpstt\n\tvldrbt.u8 q6, [r1]\n\tvldrbt.u8 q7, [r9]\n\tadd r9, r9, r5\n" PRODUCTS WIDEN \
    "\tsubs r2, #1\n\tbne 4b\n" RESULTS(REQUANTIZE) "\tvpst\n\tvstrbt.8 q0, [r10]\n5:\n"

#define BLOCKS(REQUANTIZE)                                                                                            \
    __asm__ volatile(                                                                                                 \
        "push {r4-r11, lr}\n\tvpush {d8-d15}\n\tmov r11, r0\n"                                                        \
        "1:\n\tldrd r3, r9, [r11, #40]\n\tldr r10, [r11, #36]\n\tldm r11, " TAPS                                      \
        "\n\twls lr, r9, 3f\n" WHOLE_BLOCKS(REQUANTIZE) "3:\n\tstm r11, " TAPS "\n" TAIL(                             \
            REQUANTIZE) "\tldr r9, [r11, #48]\n\tsubs r9, r9, #1\n\tstr r9, [r11, #48]\n\tbeq 6f\n"                   \
                        "\tldm r11, " TAPS "\n\tldrd r9, r3, [r11, #52]\n\tadd r10, r10, r3\n\tstr r10, [r11, #36]\n" \
                        "\tadd r0, r0, r9\n\tadd r1, r1, r9\n\tadd r2, r2, r9\n\tadd r4, r4, r9\n\tadd r5, r5, r9\n"  \
                        "\tadd r6, r6, r9\n\tadd r7, r7, r9\n\tadd r8, r8, r9\n\tadd r12, r12, r9\n\tstm r11, " TAPS  \
                        "\n\tb.w 1b\n"                                                                                \
                        "6:\n\tvpop {d8-d15}\n\tpop {r4-r11, pc}\n")

__attribute__((naked)) void lp_helium_blocks_single(struct lp_helium_blocks *run __attribute__((unused)))
{
    BLOCKS(SINGLE);
}

__attribute__((naked)) void lp_helium_blocks_scaled_single(struct lp_helium_blocks *run __attribute__((unused)))
{
    BLOCKS(SCALED_SINGLE);
}

__attribute__((naked)) void lp_helium_blocks_double(struct lp_helium_blocks *run __attribute__((unused)))
{
    BLOCKS(DOUBLE);
}
