/* Whether the call of a kernel keeps to contract/kernel_args.h. Compiled calls do; one out of a file may say anything, and a
 * kernel trusts its arguments. */
#ifndef LP_EVALUATE_CHECK_KERNEL_CHECK_H
#define LP_EVALUATE_CHECK_KERNEL_CHECK_H

#include "contract/status.h"

#include <stddef.h>
#include <stdint.h>

/* What a pointer of the arguments points to. */
struct lp_kernel_memory {
    const void *data;
    size_t size_bytes;
};

enum { LP_KERNEL_WHY_BYTES = 160 };

/* `args`: the structure of kernel `symbol` with its pointers set, each to the start of an entry of `memory`, or null. LP_OK: the
 * kernel reads and writes nothing outside of that memory, computes nothing undefined, and ends soon. LP_BAD_INPUT: `why` says
 * what was found and what is allowed. LP_UNSUPPORTED: no such kernel. */
lp_status lp_kernel_check(const char *symbol, const void *args, const struct lp_kernel_memory *memory, uint32_t count,
                          char why[LP_KERNEL_WHY_BYTES]);

#endif
