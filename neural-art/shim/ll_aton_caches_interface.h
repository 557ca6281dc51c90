/* Caches: the simulator's memory is coherent, so these do nothing. */
#ifndef LP_SHIM_LL_ATON_CACHES_INTERFACE_H
#define LP_SHIM_LL_ATON_CACHES_INTERFACE_H

#include <lp_shim_base.h>

void LL_ATON_Cache_MCU_Clean_Range(uintptr_t start, uint32_t bytes);
void LL_ATON_Cache_MCU_Invalidate_Range(uintptr_t start, uint32_t bytes);
void LL_ATON_Cache_MCU_Clean_Invalidate_Range(uintptr_t start, uint32_t bytes);
void LL_ATON_Cache_NPU_Clean_Range(uintptr_t start, uint32_t bytes);
void LL_ATON_Cache_NPU_Clean_Invalidate_Range(uintptr_t start, uint32_t bytes);
void LL_ATON_Cache_NPU_Invalidate(void);
int mcu_cache_clean_range(uint32_t start, uint32_t end);
int mcu_cache_invalidate_range(uint32_t start, uint32_t end);
void npu_cache_clean_invalidate_range(uint32_t start, uint32_t end);

#endif
