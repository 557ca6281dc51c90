/* Networks: blocks of epochs, buffers, and the functions that a generated file defines. */
#ifndef LP_SHIM_LL_ATON_NN_INTERFACE_H
#define LP_SHIM_LL_ATON_NN_INTERFACE_H

#include <ll_aton_cipher.h>
#include <lp_shim_base.h>

typedef enum {
    LL_ATON_User_IO_NOERROR = 0,
    LL_ATON_User_IO_WRONG_ALIGN = 1,
    LL_ATON_User_IO_WRONG_SIZE = 2,
    LL_ATON_User_IO_WRONG_INDEX = 3
} LL_ATON_User_IO_Result_t;

typedef enum {
    EpochBlock_Flags_NONE = 0,
    EpochBlock_Flags_epoch_start = 1,
    EpochBlock_Flags_epoch_end = 2,
    EpochBlock_Flags_blob = 4,
    EpochBlock_Flags_last_eb = 8,
    EpochBlock_Flags_pure_hw = 16,
    EpochBlock_Flags_pure_sw = 32,
    EpochBlock_Flags_hybrid = 64,
    EpochBlock_Flags_internal = 128,
    EpochBlock_Flags_blob_encrypted = 256
} EpochBlock_Flags_t;

typedef enum { CHPos_UNDEFINED = 0, CHPos_First = 1, CHPos_Last = 2, CHPos_Mixed = 3 } Buffer_CHPos_TypeDef;

typedef enum {
    DataType_UNDEFINED,
    DataType_FLOAT,
#if LP_SHIM_GENERATION >= 111
    DataType_UINT2,
    DataType_INT2,
    DataType_UINT4,
    DataType_INT4,
#endif
    DataType_UINT8,
    DataType_INT8,
    DataType_UINT16,
    DataType_INT16,
    DataType_INT32,
    DataType_INT64,
    DataType_STRING,
    DataType_BOOL,
    DataType_FLOAT16,
    DataType_DOUBLE,
    DataType_UINT32,
    DataType_UINT64,
    DataType_COMPLEX64,
    DataType_COMPLEX128,
    DataType_BFLOAT16,
    DataType_FXP = 100
} Buffer_DataType_TypeDef;

typedef union {
    unsigned char *p;
    uintptr_t i;
} __LL_address_t;

typedef struct {
    const char *name;
    __LL_address_t addr_base;
    uint32_t offset_start, offset_end, offset_limit;
    uint8_t is_user_allocated, is_param;
    uint16_t epoch;
    uint32_t batch;
    const uint32_t *mem_shape;
    uint16_t mem_ndims;
    Buffer_CHPos_TypeDef chpos;
    Buffer_DataType_TypeDef type;
    int8_t Qm, Qn;
    uint8_t Qunsigned, ndims, nbits, per_channel;
    const uint32_t *shape;
    const float *scale;
    const int16_t *offset;
} LL_Buffer_InfoTypeDef;

struct NN_Instance;
struct EpochBlock_Item;
#if LP_SHIM_BLOCKS_TAKE_INSTANCE
typedef void (*EpochBlock_FuncPtr_t)(const struct EpochBlock_Item *epoch_block, const struct NN_Instance *instance);
#else
typedef void (*EpochBlock_FuncPtr_t)(const void *epoch_block);
#endif

typedef struct EpochBlock_Item {
    EpochBlock_FuncPtr_t start_epoch_block, end_epoch_block;
    uintptr_t blob_address;
    uint32_t wait_mask;
    uint16_t flags;
#ifdef LL_ATON_EB_DBG_INFO
    int16_t epoch_num, last_epoch_num;
    uint32_t in_streng_mask, out_streng_mask;
    uint64_t estimated_npu_cycles, estimated_tot_cycles;
#endif
} EpochBlock_ItemTypeDef;
typedef EpochBlock_ItemTypeDef LL_ATON_RT_EpochBlockItem_t;

typedef struct {
    const char *network_name;
    bool (*ec_network_init)(void);
    bool (*ec_inference_init)(void);
    LL_ATON_User_IO_Result_t (*input_setter)(uint32_t num, void *buffer, uint32_t size);
    void *(*input_getter)(uint32_t num);
    LL_ATON_User_IO_Result_t (*output_setter)(uint32_t num, void *buffer, uint32_t size);
    void *(*output_getter)(uint32_t num);
    const EpochBlock_ItemTypeDef *(*epoch_block_items)(void);
    const LL_Buffer_InfoTypeDef *(*output_buffers_info)(void);
    const LL_Buffer_InfoTypeDef *(*input_buffers_info)(void);
    const LL_Buffer_InfoTypeDef *(*internal_buffers_info)(void);
} NN_Interface_TypeDef;
/* Private to the run loop. */
typedef struct {
    uint32_t block;
    bool inference_started, block_started;
} NN_Execution_State_TypeDef;
typedef struct NN_Instance {
    const NN_Interface_TypeDef *network;
    NN_Execution_State_TypeDef exec_state;
} NN_Instance_TypeDef;

#define LL_ATON_DECLARE_NAMED_NN_PROTOS(n)                                                                         \
    extern bool LL_ATON_EC_Network_Init_##n(void);                                                                 \
    extern bool LL_ATON_EC_Inference_Init_##n(void);                                                               \
    extern LL_ATON_User_IO_Result_t LL_ATON_Set_User_Input_Buffer_##n(uint32_t num, void *buffer, uint32_t size);  \
    extern void *LL_ATON_Get_User_Input_Buffer_##n(uint32_t num);                                                  \
    extern LL_ATON_User_IO_Result_t LL_ATON_Set_User_Output_Buffer_##n(uint32_t num, void *buffer, uint32_t size); \
    extern void *LL_ATON_Get_User_Output_Buffer_##n(uint32_t num);                                                 \
    extern const EpochBlock_ItemTypeDef *LL_ATON_EpochBlockItems_##n(void);                                        \
    extern const LL_Buffer_InfoTypeDef *LL_ATON_Output_Buffers_Info_##n(void);                                     \
    extern const LL_Buffer_InfoTypeDef *LL_ATON_Input_Buffers_Info_##n(void);                                      \
    extern const LL_Buffer_InfoTypeDef *LL_ATON_Internal_Buffers_Info_##n(void);
#define LL_ATON_DECLARE_NAMED_NN_INTERFACE(n)                                                                      \
    LL_ATON_DECLARE_NAMED_NN_PROTOS(n)                                                                             \
    static const NN_Interface_TypeDef NN_Interface_##n = {.network_name = #n,                                      \
                                                          .ec_network_init = &LL_ATON_EC_Network_Init_##n,         \
                                                          .ec_inference_init = &LL_ATON_EC_Inference_Init_##n,     \
                                                          .input_setter = &LL_ATON_Set_User_Input_Buffer_##n,      \
                                                          .input_getter = &LL_ATON_Get_User_Input_Buffer_##n,      \
                                                          .output_setter = &LL_ATON_Set_User_Output_Buffer_##n,    \
                                                          .output_getter = &LL_ATON_Get_User_Output_Buffer_##n,    \
                                                          .epoch_block_items = &LL_ATON_EpochBlockItems_##n,       \
                                                          .output_buffers_info = &LL_ATON_Output_Buffers_Info_##n, \
                                                          .input_buffers_info = &LL_ATON_Input_Buffers_Info_##n,   \
                                                          .internal_buffers_info = &LL_ATON_Internal_Buffers_Info_##n};
#define LL_ATON_DECLARE_NAMED_NN_INSTANCE(n, p) static NN_Instance_TypeDef NN_Instance_##n = {.network = (p)};
#define LL_ATON_DECLARE_NAMED_NN_INSTANCE_AND_INTERFACE(n) \
    LL_ATON_DECLARE_NAMED_NN_INTERFACE(n)                  \
    LL_ATON_DECLARE_NAMED_NN_INSTANCE(n, &NN_Interface_##n)

typedef enum { LL_ATON_RT_NO_WFE = 0, LL_ATON_RT_WFE = 1, LL_ATON_RT_DONE = 2 } LL_ATON_RT_RetValues_t;

#endif
