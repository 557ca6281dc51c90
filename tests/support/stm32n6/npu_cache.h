/* As stm32n6xx_hal.h: the names that generated board files use. */
#ifndef LP_TESTS_NPU_CACHE_H
#define LP_TESTS_NPU_CACHE_H

void npu_cache_init(void);
void npu_cache_enable(void);

#endif
