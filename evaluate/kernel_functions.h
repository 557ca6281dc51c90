/* Kernels of this program by name. */
#ifndef LP_EVALUATE_KERNEL_FUNCTIONS_H
#define LP_EVALUATE_KERNEL_FUNCTIONS_H

#include "contract/network.h"

/* Null: this program was built without it. */
lp_kernel *lp_kernel_function(const char *symbol);

#endif
