#include "evaluate/check/kernel_check.h"

#include "contract/kernel_table.h"
#include "evaluate/check/rules.h"

#include <string.h>

#define X(symbol, args, family, source, isa)                                        \
    LP_CHECK_OF(args);                                                              \
    static void check_##symbol(struct lp_kernel_checking *c, const void *arguments) \
    {                                                                               \
        lp_check_##args(c, arguments);                                              \
    }
LP_KERNELS(X)
#undef X

lp_status lp_kernel_check(const char *symbol, const void *args, const struct lp_kernel_memory *memory, uint32_t count,
                          char why[LP_KERNEL_WHY_BYTES])
{
#define X(kernel_symbol, kernel_args, family, source, isa) {#kernel_symbol, check_##kernel_symbol},
    static const struct {
        const char *symbol;
        void (*check)(struct lp_kernel_checking *c, const void *args);
    } kernels[] = {LP_KERNELS(X)};
#undef X
    struct lp_kernel_checking c = {symbol, memory, count, why};
    why[0] = '\0';
    for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
        if (strcmp(kernels[i].symbol, symbol) != 0)
            continue;
        kernels[i].check(&c, args);
        return why[0] == '\0' ? LP_OK : LP_BAD_INPUT;
    }
    return LP_UNSUPPORTED;
}
