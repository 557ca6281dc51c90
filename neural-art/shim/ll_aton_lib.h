/* Library functions that move data between epochs. */
#ifndef LP_SHIM_LL_ATON_LIB_H
#define LP_SHIM_LL_ATON_LIB_H

#include <ll_aton_NN_interface.h>
#include <ll_aton_caches_interface.h>
#include <lp_shim_base.h>

typedef LL_Buffer_InfoTypeDef LL_LIB_TensorShape_TypeDef;
typedef LL_Buffer_InfoTypeDef LL_LIB_TensorInfo_TypeDef;

int LL_ATON_LIB_Concat(const LL_Buffer_InfoTypeDef *inputs, unsigned int count, const LL_Buffer_InfoTypeDef *output,
                       unsigned int axis, int dma_in, int dma_out);
int LL_ATON_LIB_DMA_DepthToSpace(const LL_Buffer_InfoTypeDef *inputs, unsigned int count, const LL_Buffer_InfoTypeDef *output,
                                 unsigned int block_height, unsigned int block_width, int dma_in, int dma_out);
int LL_ATON_LIB_DMA_SpaceToDepth(const LL_Buffer_InfoTypeDef *inputs, unsigned int count, const LL_Buffer_InfoTypeDef *output,
                                 unsigned int block_height, unsigned int block_width, int dma_in, int dma_out);
#if LP_SHIM_BLOCKS_TAKE_INSTANCE
int LL_ATON_LIB_DMA_Transpose(const LL_Buffer_InfoTypeDef *in, const uint32_t *in_offsets, const LL_Buffer_InfoTypeDef *out,
                              const uint32_t *out_offsets, const uint8_t *target, const uint8_t *permutation, int dma_in,
                              int dma_out, const NN_Instance_TypeDef *instance);
#else
int LL_ATON_LIB_DMA_Transpose(const LL_Buffer_InfoTypeDef *in, const uint32_t *in_offsets, const LL_Buffer_InfoTypeDef *out,
                              const uint32_t *out_offsets, const uint8_t *target, const uint8_t *permutation, int dma_in,
                              int dma_out);
#endif
int LL_ATON_LIB_Cast(const LL_Buffer_InfoTypeDef *in, const LL_Buffer_InfoTypeDef *out, int dma_in, int dma_out);
int LL_ATON_LIB_Split(const LL_Buffer_InfoTypeDef *in, bool canonical, const LL_Buffer_InfoTypeDef (*outputs)[], uint32_t count,
                      uint32_t rank, uint32_t axis, uint32_t leading, int kind, int dma_in, int dma_out);

#endif
