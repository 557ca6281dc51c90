/* Stands in for a driver where there is no NPU: a network for one is refused when it is opened. */
#include "runtime/npu/npu.h"

static lp_status refuse(void *instance)
{
    (void)instance;
    return LP_NOT_IMPLEMENTED;
}

static void reset(void *instance)
{
    (void)instance;
}

static enum lp_npu_step step(void *instance)
{
    (void)instance;
    return LP_NPU_DONE;
}

static uint32_t waits_for(void *instance, uint32_t block)
{
    (void)instance;
    (void)block;
    return 0;
}

const struct lp_npu_driver lp_npu_driver_null = {refuse, reset, step, waits_for};
