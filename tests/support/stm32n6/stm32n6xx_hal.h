/* The names of ST's HAL that generated board files use, so that the suite compiles them without it. */
#ifndef LP_TESTS_STM32N6XX_HAL_H
#define LP_TESTS_STM32N6XX_HAL_H

#include <stdint.h>

typedef struct {
    void *Instance;
} RAMCFG_HandleTypeDef;
typedef struct {
    uint32_t MasterCID, SecPriv;
} RIMC_MasterConfig_t;
typedef enum { NPU0_IRQn = 52 } IRQn_Type;

extern uint32_t lp_hal_banks[6];
#define RAMCFG_SRAM2_AXI ((void *)&lp_hal_banks[1])
#define RAMCFG_SRAM3_AXI ((void *)&lp_hal_banks[2])
#define RAMCFG_SRAM4_AXI ((void *)&lp_hal_banks[3])
#define RAMCFG_SRAM5_AXI ((void *)&lp_hal_banks[4])
#define RAMCFG_SRAM6_AXI ((void *)&lp_hal_banks[5])
#define RIF_CID_1 2u
#define RIF_ATTRIBUTE_SEC 1u
#define RIF_ATTRIBUTE_PRIV 2u
#define RIF_MASTER_INDEX_NPU 1u
#define RIF_RISC_PERIPH_INDEX_NPU 106u

void lp_hal_switch(const char *what);
#define __HAL_RCC_RAMCFG_CLK_ENABLE() lp_hal_switch("RAMCFG")
#define __HAL_RCC_RIFSC_CLK_ENABLE() lp_hal_switch("RIFSC")
#define __HAL_RCC_NPU_CLK_ENABLE() lp_hal_switch("NPU")
#define __HAL_RCC_NPU_CLK_SLEEP_ENABLE() lp_hal_switch("NPU in sleep")
#define __HAL_RCC_NPU_FORCE_RESET() lp_hal_switch("NPU reset")
#define __HAL_RCC_NPU_RELEASE_RESET() lp_hal_switch("NPU runs")
#define __HAL_RCC_CACHEAXI_CLK_SLEEP_ENABLE() lp_hal_switch("CACHEAXI in sleep")
#define __HAL_RCC_AXISRAM2_MEM_CLK_ENABLE() lp_hal_switch("AXISRAM2")
#define __HAL_RCC_AXISRAM2_MEM_CLK_SLEEP_ENABLE() lp_hal_switch("AXISRAM2 in sleep")
#define __HAL_RCC_AXISRAM3_MEM_CLK_ENABLE() lp_hal_switch("AXISRAM3")
#define __HAL_RCC_AXISRAM3_MEM_CLK_SLEEP_ENABLE() lp_hal_switch("AXISRAM3 in sleep")
#define __HAL_RCC_AXISRAM4_MEM_CLK_ENABLE() lp_hal_switch("AXISRAM4")
#define __HAL_RCC_AXISRAM4_MEM_CLK_SLEEP_ENABLE() lp_hal_switch("AXISRAM4 in sleep")
#define __HAL_RCC_AXISRAM5_MEM_CLK_ENABLE() lp_hal_switch("AXISRAM5")
#define __HAL_RCC_AXISRAM5_MEM_CLK_SLEEP_ENABLE() lp_hal_switch("AXISRAM5 in sleep")
#define __HAL_RCC_AXISRAM6_MEM_CLK_ENABLE() lp_hal_switch("AXISRAM6")
#define __HAL_RCC_AXISRAM6_MEM_CLK_SLEEP_ENABLE() lp_hal_switch("AXISRAM6 in sleep")
#define __HAL_RCC_XSPI1_CLK_ENABLE() lp_hal_switch("XSPI1")
#define __HAL_RCC_XSPI1_CLK_SLEEP_ENABLE() lp_hal_switch("XSPI1 in sleep")
#define __HAL_RCC_XSPI2_CLK_ENABLE() lp_hal_switch("XSPI2")
#define __HAL_RCC_XSPI2_CLK_SLEEP_ENABLE() lp_hal_switch("XSPI2 in sleep")

void HAL_RAMCFG_EnableAXISRAM(const RAMCFG_HandleTypeDef *bank);
void HAL_RIF_RIMC_ConfigMasterAttributes(uint32_t master, const RIMC_MasterConfig_t *config);
void HAL_RIF_RISC_SetSlaveSecureAttributes(uint32_t peripheral, uint32_t attributes);
void HAL_NVIC_EnableIRQ(IRQn_Type interrupt);

#endif
