#include "runtime/kernels/x86/x86.h"

enum lp_x86_level lp_x86_level(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vbmi"))
        return LP_X86_VNNI;
    if (__builtin_cpu_supports("avx2"))
        return LP_X86_AVX2;
#endif
    return LP_X86_NONE;
}
