/* On the vendor's LL_ATON runtime, whose headers and sources the project that uses this brings along. */
#include "runtime/npu/npu.h"

#include <ll_aton_runtime.h>

static lp_status open(void *instance)
{
    static bool is_open; /* the runtime, which all networks share */
    if (!is_open)
        LL_ATON_RT_RuntimeInit();
    is_open = true;
    LL_ATON_RT_Init_Network(instance);
    return LP_OK;
}

static void reset(void *instance)
{
    LL_ATON_RT_Reset_Network(instance);
}

static enum lp_npu_step step(void *instance)
{
    switch (LL_ATON_RT_RunEpochBlock(instance)) {
    case LL_ATON_RT_DONE: return LP_NPU_DONE;
    case LL_ATON_RT_WFE: return LP_NPU_WAITS;
    default: return LP_NPU_ENDED;
    }
}

static uint32_t waits_for(void *instance, uint32_t block)
{
    const NN_Instance_TypeDef *network = instance;
    return network->network->epoch_block_items()[block].wait_mask;
}

const struct lp_npu_driver lp_npu_driver_neural_art = {open, reset, step, waits_for};
