#include "runtime/kernels/helium/dot_s8.h"

#include <stddef.h>

#define AT(member, offset) _Static_assert(offsetof(struct lp_helium_dot, member) == (offset), "known to the assembly")
AT(in, 0);
AT(out, 8);
AT(groups, 16);
AT(groups_end, 20);
AT(rows, 24);
AT(row_vectors, 28);
AT(row_tail_bytes, 32);
AT(row_step_bytes, 36);
AT(places, 40);
AT(in_step_bytes, 44);
AT(out_step_bytes, 48);
AT(per_channel, 52);
AT(out_offset, 56);
AT(act_min, 60);
AT(act_max, 64);
AT(multiplier, 68);
AT(shift, 72);

/* Registers: r11 the structure, r5 constants, r1 and r3 inputs, r7 counts, r9 rows. q4..q6 lowest, highest, offset; q7 and q3
 * multiplier and shift of the group. Sums: r0 r2 r4 r6 of the first place, r8 r10 r12 lr of the second (VMLADAVA adds to even
 * registers only). Eight sums need the register that a low-overhead loop counts in, and still cost less: six loads serve eight
 * products, where six sums would need five loads. */
#define ENTER                                                                                                                  \
    "push {r4-r11, lr}\n\tvpush {d8-d15}\n\tmov r11, r0\n\tadds r0, #56\n\tldm r0!, {r1-r5}\n\tvdup.32 q6, r1\n\tvdup.32 q4, " \
    "r2\n\tvdup.32 q5, r3\n\tvdup.32 q7, r4\n\tvdup.32 q3, r5\n"
#define LEAVE "\tvpop {d8-d15}\n\tpop {r4-r11, pc}\n"

/* Product's high half, shifted with rounding. */
#define SINGLE(q) "\tvmulh.s32 " q ", " q ", q7\n\tvrshl.s32 " q ", " q ", q3\n"
/* Rounded doubled product, shifted with halves away from zero: a negative number is one less before halves go upwards. */
#define DOUBLE(q)                                                                                                     \
    "\tvqrdmulh.s32 " q ", " q ", q7\n\tvand q2, " q ", q3\n\tvshr.s32 q2, q2, #31\n\tvqadd.s32 " q ", " q ", q2\n\t" \
    "vrshl.s32 " q ", " q ", q3\n"
/* The same for shifts above -1: the sum goes left by what is too much, the product right by one. r7 is free by now. */
#define SCALED_SINGLE(q)                                                                                               \
    "\tvmvn.i32 q2, #0\n\tvmax.s32 q2, q2, q3\n\tmovs r7, #1\n\tvadd.i32 q2, q2, r7\n\tvqshl.s32 " q ", " q ", q2\n\t" \
    "vmulh.s32 " q ", " q ", q7\n\tvmvn.i32 q2, #0\n\tvmin.s32 q2, q2, q3\n\tvrshl.s32 " q ", " q ", q2\n"
#define CLAMP(q) "\tvadd.i32 " q ", " q ", q6\n\tvmax.s32 " q ", " q ", q4\n\tvmin.s32 " q ", " q ", q5\n"

#define SCALES "\tldr r7, [r11, #52]\n\tcbz r7, 1f\n\tvldrw.u32 q7, [r5], #16\n\tvldrb.s32 q3, [r5], #4\n1:\n"

/* One vector of weights for both places, for one. */
#define MAC_PAIR(a, b) "\tvldrb.u8 q2, [r5], #16\n\tvmladava.s8 " a ", q0, q2\n\tvmladava.s8 " b ", q1, q2\n"
#define MAC_PAIR_TAIL(a, b) "\tvldrb.u8 q2, [r5]\n\tadd r5, r5, r7\n\tvmladava.s8 " a ", q0, q2\n\tvmladava.s8 " b ", q1, q2\n"
#define MAC_ONE(a) "\tvldrb.u8 q2, [r5], #16\n\tvmladava.s8 " a ", q0, q2\n"
#define MAC_ONE_TAIL(a) "\tvldrb.u8 q2, [r5]\n\tadd r5, r5, r7\n\tvmladava.s8 " a ", q0, q2\n"

/* Two places: the sums of four channels of each, then one vector of four results of each. */
#define PAIR(REQUANTIZE)                                                                                                         \
    __asm__ volatile(                                                                                                            \
        ENTER                                                                                                                    \
        "10:\n\tldr r5, [r11, #16]\n"                                                                                            \
        "11:\n\tldm r5, {r0, r2, r4, r6}\n\tldm r5!, {r8, r10, r12, lr}\n" SCALES                                                \
        "\tldrd r1, r3, [r11]\n\tldrd r9, r7, [r11, #24]\n"                                                                      \
        "2:\n\tcbz r7, 4f\n"                                                                                                     \
        "3:\n\tvldrb.u8 q0, [r1], #16\n\tvldrb.u8 q1, [r3], #16\n" MAC_PAIR("r0", "r8") MAC_PAIR("r2", "r10")                    \
            MAC_PAIR("r4", "r12") MAC_PAIR(                                                                                      \
                "r6",                                                                                                            \
                "lr") "\tsubs r7, #1\n\tbne 3b\n"                                                                                \
                      "4:\n\tldr r7, [r11, #32]\n\tcbz r7, 5f\n"                                                                 \
                      "\tvctp.8 r7\n\tvpstt\n\tvldrbt.u8 q0, [r1]\n\tvldrbt.u8 q1, [r3]\n" MAC_PAIR_TAIL("r0", "r8")             \
                          MAC_PAIR_TAIL("r2", "r10") MAC_PAIR_TAIL("r4", "r12") MAC_PAIR_TAIL(                                   \
                              "r6",                                                                                              \
                              "lr") "5:\n\tsubs r9, #1\n\tbeq 6f\n"                                                              \
                                    "\tldr r7, [r11, #36]\n\tadd r1, r1, r7\n\tadd r3, r3, r7\n\tldr r7, [r11, #28]\n\tb 2b\n"   \
                                    "6:\n\tvmov q0[2], q0[0], r0, r4\n\tvmov q0[3], q0[1], r2, r6\n"                             \
                                    "\tvmov q1[2], q1[0], r8, r12\n\tvmov q1[3], q1[1], r10, lr\n" REQUANTIZE("q0")              \
                                        REQUANTIZE("q1") CLAMP("q0") CLAMP(                                                      \
                                            "q1") "\tldrd r1, r3, [r11, #8]\n\tvstrb.32 q0, [r1], #4\n\tvstrb.32 q1, [r3], #4\n" \
                                                  "\tstrd r1, r3, [r11, #8]\n\tldr r7, [r11, #20]\n\tcmp r5, r7\n\tbne 11b\n"    \
                                                  "\tldrd r7, r0, [r11, #44]\n\tldrd r2, r4, [r11]\n\tadd r2, r2, r7\n\tadd "    \
                                                  "r4, r4, r7\n"                                                                 \
                                                  "\tadd r1, r1, r0\n\tadd r3, r3, r0\n\tstrd r2, r4, [r11]\n\tstrd r1, r3, "    \
                                                  "[r11, #8]\n"                                                                  \
                                                  "\tldr r7, [r11, #40]\n\tsubs r7, #1\n\tstr r7, [r11, #40]\n\tbne "            \
                                                  "10b\n" LEAVE)

/* One place; r3 is where its results go, r8 the vectors in a row, r9 the end of the groups, r10 the input. */
#define ONE(REQUANTIZE)                                                                                                    \
    __asm__ volatile(                                                                                                      \
        ENTER                                                                                                              \
        "\tldr r3, [r11, #8]\n\tldr r9, [r11, #20]\n\tldr r10, [r11]\n\tldr r8, [r11, #28]\n"                              \
        "10:\n\tldr r5, [r11, #16]\n"                                                                                      \
        "11:\n\tldm r5!, {r0, r2, r4, r6}\n" SCALES "\tmov r1, r10\n\tldr r12, [r11, #24]\n"                               \
        "2:\n\twls lr, r8, 4f\n"                                                                                           \
        "3:\n\tvldrb.u8 q0, [r1], #16\n" MAC_ONE("r0") MAC_ONE("r2") MAC_ONE("r4") MAC_ONE(                                \
            "r6") "\tle lr, 3b\n"                                                                                          \
                  "4:\n\tldr r7, [r11, #32]\n\tcbz r7, 5f\n\tvctp.8 r7\n\tvpst\n\tvldrbt.u8 q0, [r1]\n" MAC_ONE_TAIL("r0") \
                      MAC_ONE_TAIL("r2") MAC_ONE_TAIL("r4") MAC_ONE_TAIL(                                                  \
                          "r6") "5:\n\tsubs.w r12, r12, #1\n\tbeq 6f\n"                                                    \
                                "\tldr r7, [r11, #36]\n\tadd r1, r1, r7\n\tb 2b\n"                                         \
                                "6:\n\tvmov q0[2], q0[0], r0, r4\n\tvmov q0[3], q0[1], r2, r6\n" REQUANTIZE("q0")          \
                                    CLAMP("q0") "\tvstrb.32 q0, [r3], #4\n\tcmp r5, r9\n\tbne 11b\n"                       \
                                                "\tldrd r7, r0, [r11, #44]\n\tadd r10, r10, r7\n\tadd r3, r3, r0\n"        \
                                                "\tldr r7, [r11, #40]\n\tsubs r7, #1\n\tstr r7, [r11, #40]\n\tbne 10b\n" LEAVE)

__attribute__((naked)) void lp_helium_dot_pair_single(struct lp_helium_dot *dot __attribute__((unused)))
{
    PAIR(SINGLE);
}

__attribute__((naked)) void lp_helium_dot_pair_double(struct lp_helium_dot *dot __attribute__((unused)))
{
    PAIR(DOUBLE);
}

__attribute__((naked)) void lp_helium_dot_pair_scaled_single(struct lp_helium_dot *dot __attribute__((unused)))
{
    PAIR(SCALED_SINGLE);
}

__attribute__((naked)) void lp_helium_dot_one_single(struct lp_helium_dot *dot __attribute__((unused)))
{
    ONE(SINGLE);
}

__attribute__((naked)) void lp_helium_dot_one_double(struct lp_helium_dot *dot __attribute__((unused)))
{
    ONE(DOUBLE);
}

/* sum of a[i] * b[i]; count above 0. */
static inline int32_t dot(int32_t sum, const int8_t *a, const int8_t *b, int32_t count)
{
    register int32_t total __asm__("r2") = sum; /* an even register */
    __asm__ volatile("dlstp.8 lr, %3\n1:\n\tvldrb.u8 q0, [%1], #16\n\tvldrb.u8 q1, [%2], #16\n\tvmladava.s8 %0, q0, q1\n\t"
                     "letp lr, 1b"
                     : "+r"(total), "+l"(a), "+l"(b)
                     : "r"(count)
                     : "lr", "q0", "q1", "memory");
    return total;
}

void lp_helium_dot_rest(const struct lp_helium_rest *rest, const int8_t *in, int8_t *out)
{
    const int32_t n = rest->channels;
    const int32_t *bias = (const int32_t *)(const void *)rest->constants;
    const int8_t *weight = rest->constants + 4 * n;
    struct lp_output_s8 output = rest->output;
    if (output.per_channel) {
        output.multiplier = bias + n;
        output.shift = weight + 4 * n;
        weight += 4 * n + 4;
    }
    for (int32_t c = 0; c < n; c++) {
        int32_t sum = bias[c];
        for (int32_t row = 0; row < rest->rows; row++) {
            sum = dot(sum, in + row * rest->row_pitch_bytes, weight, rest->row_bytes);
            weight += rest->row_bytes;
        }
        out[c] = lp_output_s8(&output, sum, c);
    }
}
