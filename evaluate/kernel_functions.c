#include "evaluate/kernel_functions.h"

#include "compiler/base/arena.h"
#include "contract/kernel_table.h"
#include "runtime/kernels/kernels.h"

#include <string.h>

lp_kernel *lp_kernel_function(const char *symbol)
{
#define X(kernel_symbol, args, family, source, isa) {#kernel_symbol, kernel_symbol},
    static const struct {
        const char *symbol;
        lp_kernel *run;
    } kernels[] = {LP_KERNELS(X) LP_KERNELS_ROWS(X)};
#undef X
    for (size_t i = 0; i < LP_COUNT(kernels); i++)
        if (strcmp(kernels[i].symbol, symbol) == 0)
            return kernels[i].run;
    return NULL;
}
