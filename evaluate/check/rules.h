/* What the checks of single argument structures are made of. Internal to evaluate/check. Each function is a condition: the first
 * one that fails is kept, those behind it find nothing more. */
#ifndef LP_EVALUATE_CHECK_RULES_H
#define LP_EVALUATE_CHECK_RULES_H

#include "contract/kernel_args.h"
#include "contract/network.h"
#include "evaluate/check/kernel_check.h"

#include <stdbool.h>

enum { LP_CHECK_MOST = INT32_MAX / 4 }; /* elements of a tensor, and sums of sizes along a dimension: indices are int32 */

struct lp_kernel_checking {
    const char *symbol;
    const struct lp_kernel_memory *memory;
    uint32_t count;
    char *why; /* empty: nothing found yet */
};

/* `value` of a member lies in a range. */
void lp_check_range(struct lp_kernel_checking *c, const char *member, int64_t value, int64_t least, int64_t most);

/* Product of sizes that are each at least 1; 0 when one is not, or when it is more than LP_CHECK_MOST. */
int64_t lp_check_product(struct lp_kernel_checking *c, const char *what, const int64_t *sizes, size_t count);
#define LP_CHECK_PRODUCT(c, what, ...) \
    lp_check_product((c), (what), (const int64_t[]){__VA_ARGS__}, sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))
/* The same of an array of a structure. */
int64_t lp_check_dims(struct lp_kernel_checking *c, const char *what, const int32_t *dims, uint32_t rank);

/* The work of a call ends soon: `steps` times `each`, both 0 or more. */
void lp_check_work(struct lp_kernel_checking *c, int64_t steps, int64_t each);

/* A pointer has at least so many elements of element_bytes bytes. */
void lp_check_memory(struct lp_kernel_checking *c, const char *member, const void *pointer, int64_t elements,
                     uint32_t element_bytes);

/* One past the largest place that loops reach: 1 + sum((dims - 1) * strides), strides 0 or more. 0: outside of LP_CHECK_MOST. */
int64_t lp_check_reach(struct lp_kernel_checking *c, const char *what, const int32_t *dims, const int32_t *strides,
                       uint32_t rank);

/* Minus a zero point, or plus one, of int8. */
void lp_check_in_offset(struct lp_kernel_checking *c, int32_t offset);
void lp_check_out_offset(struct lp_kernel_checking *c, int32_t offset);
void lp_check_shift(struct lp_kernel_checking *c, const char *member, int32_t shift, int32_t least);
void lp_check_rounding(struct lp_kernel_checking *c, uint8_t rounding);

/* Bytes of an enum lp_element out of `allowed` (a bit for each); 0 when it is none of them. */
uint32_t lp_check_element(struct lp_kernel_checking *c, const char *member, uint8_t element, uint32_t allowed);

/* Positions of windows are int32: the last of `out` begins at (out - 1) * stride. All sizes are 1 to 65535. */
void lp_check_windows(struct lp_kernel_checking *c, const char *what, int64_t out, int64_t stride, int64_t kernel,
                      int64_t dilation);
/* Channels of groups divide evenly. All sizes are at least 1, or something was found before. */
void lp_check_groups(struct lp_kernel_checking *c, int32_t in_c, int32_t out_c, int32_t filter_c);

/* Sums of weights, factors, clamps: what the kernels with weights have in common. Weights of channel o are `taps` elements,
 * tap_stride apart, from o * channel_stride. */
struct lp_check_weights {
    const int8_t *weight;
    const int32_t *bias, *multiplier;
    const int8_t *shift;
    int64_t channels, taps, channel_stride, tap_stride;
    int32_t in_offset, out_offset;
    uint8_t per_channel, rounding;
};
void lp_check_weights(struct lp_kernel_checking *c, const struct lp_check_weights *w);

/* One function for each argument structure; LP_KERNELS names them. */
#define LP_CHECK_OF(args) void lp_check_##args(struct lp_kernel_checking *c, const struct args *a)

#endif
