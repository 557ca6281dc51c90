/* All kernels, one declaration for each row of contract/kernel_table.h. Each takes the argument structure that its row
 * names; contract/kernel_args.h says what the structure means. */
#ifndef LP_KERNELS_KERNELS_H
#define LP_KERNELS_KERNELS_H

#include "contract/kernel_args.h"
#include "contract/kernel_table.h"
#include "contract/network.h"

#define X(symbol, args_struct, family, source, isa) lp_status symbol(const void *args);
LP_KERNELS(X)
LP_KERNELS_ROWS(X)
LP_KERNELS_HELIUM(X)
LP_KERNELS_DSP(X)
#undef X

#endif
