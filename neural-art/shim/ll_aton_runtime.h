/* The run loop, block by block, with its states: a network that ended stays at its end until it is reset. */
#ifndef LP_SHIM_LL_ATON_RUNTIME_H
#define LP_SHIM_LL_ATON_RUNTIME_H

#include <ll_aton_NN_interface.h>

void LL_ATON_RT_RuntimeInit(void);
void LL_ATON_RT_RuntimeDeInit(void);
void LL_ATON_RT_Init_Network(NN_Instance_TypeDef *instance);
void LL_ATON_RT_DeInit_Network(NN_Instance_TypeDef *instance);
void LL_ATON_RT_Reset_Network(NN_Instance_TypeDef *instance);
LL_ATON_RT_RetValues_t LL_ATON_RT_RunEpochBlock(NN_Instance_TypeDef *instance);
/* Whoever has an interrupt to wait for says so on the command line. */
#ifndef LL_ATON_OSAL_WFE
#define LL_ATON_OSAL_WFE() ((void)0)
#endif

#endif
