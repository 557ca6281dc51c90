/* Of CMSIS and HAL what a run loop calls, on the simulated board (simulator/board/vendor.c). */
#ifndef LP_BOARD_STM32N6XX_HAL_H
#define LP_BOARD_STM32N6XX_HAL_H

#include <stdint.h>

void SCB_CleanDCache_by_Addr(volatile void *address, int32_t size_bytes);
void SCB_InvalidateDCache_by_Addr(volatile void *address, int32_t size_bytes);
void SCB_CleanInvalidateDCache_by_Addr(volatile void *address, int32_t size_bytes);
uint32_t HAL_GetTick(void); /* ms */
void lp_board_wfe(void);    /* LL_ATON_OSAL_WFE */

#endif
