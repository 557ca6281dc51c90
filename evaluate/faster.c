#include "evaluate/faster.h"

#include "runtime/kernels/x86/x86.h"

#include <stdint.h>

lp_status lp_use_faster(struct lp_arena *arena, struct lp_diag *diag, lp_kernel **run, const void **args)
{
    const enum lp_x86_level level = lp_x86_level();
    const size_t bytes = lp_x86_bytes(level, *run, *args);
    if (bytes == 0)
        return LP_OK;
    uint8_t *memory = lp_arena_alloc(arena, bytes + LP_X86_ALIGN_BYTES, 1);
    if (memory == NULL)
        return lp_no_memory(diag);
    memory += -(uintptr_t)memory % LP_X86_ALIGN_BYTES;
    *run = lp_x86_prepare(level, *run, *args, memory);
    *args = memory;
    return LP_OK;
}
