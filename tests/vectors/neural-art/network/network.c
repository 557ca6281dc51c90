/* A network in the form of generated files, written for the suite: float input, quantized in software, a 1x1 convolution of
 * 4 to 4 channels over 2 pixels on the NPU, dequantized in software. Parameters lie at 0x71000000: 16 kernel bytes, then the
 * quantization scalars. */
#include "ll_aton_NN_interface.h"
#include "ll_aton.h"
#include "ll_aton_lib.h"
#include "ll_aton_version.h"
#include "ll_sw.h"

#if LL_ATON_VERSION_MAJOR != 1 || LL_ATON_VERSION_MINOR != 1 || LL_ATON_VERSION_MICRO != 1 || LL_ATON_VERSION_DEV != 14
#error "another version"
#endif

static void LL_ATON_End_EpochBlock_1(const void *epoch_block)
{
    LL_ATON_LIB_UNUSED(epoch_block);
    static const Quantizelinear_sw_info info = {
        .general.type = LL_SW_QUANTIZELINEAR,
        .general.input.dim.tensor_h = 1,
        .general.input.dim.tensor_w = 2,
        .general.input.dim.tensor_c = 4,
        .general.input.dim.tensor_b = 1,
        .general.input.dim.num_elem = 8,
        .general.input.stride.b = 32,
        .general.input.stride.h = 32,
        .general.input.stride.w = 16,
        .general.input.stride.c = 4,
        .general.input.mem.start_offset = (unsigned char *)(ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR(0x34100000UL)),
        .general.output.dim.tensor_h = 1,
        .general.output.dim.tensor_w = 2,
        .general.output.dim.tensor_c = 4,
        .general.output.dim.tensor_b = 1,
        .general.output.dim.num_elem = 8,
        .general.output.stride.b = 8,
        .general.output.stride.h = 8,
        .general.output.stride.w = 4,
        .general.output.stride.c = 1,
        .general.output.mem.start_offset = (unsigned char *)(ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR(0x34100040UL)),
        .general.output.format.is_signed = 1,
        .os.mem.start_offset = (unsigned char *)(ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR(0x71000010UL)),
        .os.format.is_signed = 1,
        .os.dim.num_elem = 1,
        .ozp.mem.start_offset = (unsigned char *)(ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR(0x71000018UL)),
        .ozp.format.is_signed = 1,
        .ozp.dim.num_elem = 1,
    };
    ll_sw_forward_quantizelinear((void *)&info);
    LL_ATON_Cache_MCU_Clean_Range((uintptr_t)0x34100040UL, 32);
}

static const LL_Switch_InitTypeDef switch_2[] = {
    {LL_Switch_Init_Dest() = ATONN_DSTPORT(STRSWITCH, 0, CONVACC, 1, 0),
     LL_Switch_Init_Source(0) = ATONN_SRCPORT(STRSWITCH, 0, STRENG, 0, 0), LL_Switch_Init_Context(0) = 1,
     LL_Switch_Init_Frames(0) = 0},
    {LL_Switch_Init_Dest() = ATONN_DSTPORT(STRSWITCH, 0, CONVACC, 1, 1),
     LL_Switch_Init_Source(0) = ATONN_SRCPORT(STRSWITCH, 0, STRENG, 5, 0), LL_Switch_Init_Context(0) = 1,
     LL_Switch_Init_Frames(0) = 0},
    {LL_Switch_Init_Dest() = ATONN_DSTPORT(STRSWITCH, 0, ARITH, 2, 0),
     LL_Switch_Init_Source(0) = ATONN_SRCPORT(STRSWITCH, 0, CONVACC, 1, 0), LL_Switch_Init_Context(0) = 1,
     LL_Switch_Init_Frames(0) = 0},
    {LL_Switch_Init_Dest() = ATONN_DSTPORT(STRSWITCH, 0, STRENG, 9, 0),
     LL_Switch_Init_Source(0) = ATONN_SRCPORT(STRSWITCH, 0, ARITH, 2, 0), LL_Switch_Init_Context(0) = 1,
     LL_Switch_Init_Frames(0) = 0},
};
static const LL_ATON_EnableUnits_InitTypeDef units_2[] = {
    {{STRENG, 9}}, {{CONVACC, 1}}, {{ARITH, 2}}, {{STRENG, 0}}, {{STRENG, 5}}};

static void LL_ATON_Start_EpochBlock_2(const void *epoch_block)
{
    LL_ATON_LIB_UNUSED(epoch_block);
    static const LL_Convacc_InitTypeDef convolution = {.simd = 1,
                                                       .inbytes_f = 1,
                                                       .rounding_o = 1,
                                                       .saturation_o = 1,
                                                       .round_mode_o = 1,
                                                       .outbytes_o = 2,
                                                       .shift_o = 2,
                                                       .fWidth = 2,
                                                       .fHeight = 1,
                                                       .kernelWidth = 1,
                                                       .kernelHeight = 1,
                                                       .nKernels = 4,
                                                       .batchDepth = 4,
                                                       .hstride = 1,
                                                       .vstride = 1,
                                                       .right_crop = 1};
    LL_Convacc_Init(1, &convolution);
    static const LL_Arithacc_InitTypeDef affine = {.inbytes_x = 2,
                                                   .outbytes_x = 2,
                                                   .combinebc = 1,
                                                   .rounding_o = 1,
                                                   .saturation_o = 1,
                                                   .round_mode_o = 1,
                                                   .outbytes_o = 1,
                                                   .shift_o = 14,
                                                   .scalar = 1,
                                                   .operation = ARITH_AFFINE,
                                                   .bcast = ARITH_BCAST_SCALAR,
                                                   .A_scalar = 8192,
                                                   .B_scalar = 1,
                                                   .C_scalar = -16384,
                                                   .vec_precision = {16, 16, 16}};
    LL_Arithacc_Init(2, &affine);
    static const LL_Streng_TensorInitTypeDef features = {.dir = 0,
                                                         .raw = 1,
                                                         .frame_tot_cnt = 1,
                                                         .nbits_in = 8,
                                                         .nbits_out = 8,
                                                         .addr_base = {(unsigned char *)(0x34100000UL)},
                                                         .offset_start = 64,
                                                         .offset_end = 72,
                                                         .offset_limit = 136};
    LL_Streng_TensorInit(0, &features, 1);
    static const LL_Streng_TensorInitTypeDef kernels = {.dir = 0,
                                                        .raw = 1,
                                                        .continuous = 1,
                                                        .frame_tot_cnt = 1,
                                                        .nbits_in = 8,
                                                        .nbits_out = 8,
                                                        .addr_base = {(unsigned char *)(0x71000000UL)},
                                                        .offset_start = 0,
                                                        .offset_end = 16,
                                                        .offset_limit = 80};
    LL_Streng_TensorInit(5, &kernels, 1);
    static const LL_Streng_TensorInitTypeDef output = {.dir = 1,
                                                       .raw = 1,
                                                       .frame_tot_cnt = 1,
                                                       .nbits_in = 8,
                                                       .nbits_out = 8,
                                                       .addr_base = {(unsigned char *)(0x34100000UL)},
                                                       .offset_start = 128,
                                                       .offset_end = 136,
                                                       .offset_limit = 200};
    LL_Streng_TensorInit(9, &output, 1);
    LL_Switch_Init(switch_2, 4);
    LL_ATON_EnableUnits_Init(units_2, 5);
}

static void LL_ATON_End_EpochBlock_2(const void *epoch_block)
{
    LL_ATON_LIB_UNUSED(epoch_block);
    LL_Switch_Deinit(switch_2, 4);
    LL_ATON_DisableUnits_Init(units_2, 5);
}

static void LL_ATON_End_EpochBlock_3(const void *epoch_block)
{
    LL_ATON_LIB_UNUSED(epoch_block);
    static const Dequantizelinear_sw_info info = {
        .general.type = LL_SW_DEQUANTIZELINEAR,
        .general.input.dim.tensor_h = 1,
        .general.input.dim.tensor_w = 2,
        .general.input.dim.tensor_c = 4,
        .general.input.dim.tensor_b = 1,
        .general.input.dim.num_elem = 8,
        .general.input.stride.b = 8,
        .general.input.stride.h = 8,
        .general.input.stride.w = 4,
        .general.input.stride.c = 1,
        .general.input.mem.start_offset = (unsigned char *)(ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR(0x34100080UL)),
        .general.input.format.is_signed = 1,
        .general.output.dim.tensor_h = 1,
        .general.output.dim.tensor_w = 2,
        .general.output.dim.tensor_c = 4,
        .general.output.dim.tensor_b = 1,
        .general.output.dim.num_elem = 8,
        .general.output.stride.b = 32,
        .general.output.stride.h = 32,
        .general.output.stride.w = 16,
        .general.output.stride.c = 4,
        .general.output.mem.start_offset = (unsigned char *)(ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR(0x341000c0UL)),
        .is.mem.start_offset = (unsigned char *)(ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR(0x71000014UL)),
        .is.format.is_signed = 1,
        .is.dim.num_elem = 1,
        .izp.mem.start_offset = (unsigned char *)(ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR(0x71000019UL)),
        .izp.format.is_signed = 1,
        .izp.dim.num_elem = 1,
    };
    ll_sw_forward_dequantizelinear((void *)&info);
}

const EpochBlock_ItemTypeDef *LL_ATON_EpochBlockItems_own(void)
{
    static const EpochBlock_ItemTypeDef items[] = {
        {.end_epoch_block = LL_ATON_End_EpochBlock_1,
         .flags = EpochBlock_Flags_epoch_start | EpochBlock_Flags_epoch_end | EpochBlock_Flags_pure_sw},
        {.start_epoch_block = LL_ATON_Start_EpochBlock_2,
         .end_epoch_block = LL_ATON_End_EpochBlock_2,
         .wait_mask = 0x200,
         .flags = EpochBlock_Flags_epoch_start | EpochBlock_Flags_epoch_end | EpochBlock_Flags_pure_hw},
        {.end_epoch_block = LL_ATON_End_EpochBlock_3,
         .flags = EpochBlock_Flags_epoch_start | EpochBlock_Flags_epoch_end | EpochBlock_Flags_pure_sw},
        {.flags = EpochBlock_Flags_last_eb},
    };
    return items;
}

const LL_Buffer_InfoTypeDef *LL_ATON_Input_Buffers_Info_own(void)
{
    static const uint32_t shape[] = {1, 1, 2, 4};
    static const LL_Buffer_InfoTypeDef buffers[] = {{.name = "input",
                                                     .addr_base = {(unsigned char *)(0x34100000UL)},
                                                     .offset_start = 0,
                                                     .offset_end = 32,
                                                     .offset_limit = 96,
                                                     .batch = 4,
                                                     .mem_shape = shape,
                                                     .mem_ndims = 4,
                                                     .chpos = CHPos_Last,
                                                     .type = DataType_FLOAT,
                                                     .ndims = 4,
                                                     .nbits = 32,
                                                     .shape = shape},
                                                    {.name = NULL}};
    return buffers;
}

const LL_Buffer_InfoTypeDef *LL_ATON_Output_Buffers_Info_own(void)
{
    static const uint32_t shape[] = {1, 1, 2, 4};
    static const LL_Buffer_InfoTypeDef buffers[] = {{.name = "output",
                                                     .addr_base = {(unsigned char *)(0x34100000UL)},
                                                     .offset_start = 192,
                                                     .offset_end = 224,
                                                     .offset_limit = 288,
                                                     .batch = 4,
                                                     .mem_shape = shape,
                                                     .mem_ndims = 4,
                                                     .chpos = CHPos_Last,
                                                     .type = DataType_FLOAT,
                                                     .ndims = 4,
                                                     .nbits = 32,
                                                     .shape = shape},
                                                    {.name = NULL}};
    return buffers;
}

const LL_Buffer_InfoTypeDef *LL_ATON_Internal_Buffers_Info_own(void)
{
    return NULL;
}

bool LL_ATON_EC_Network_Init_own(void)
{
    return true;
}

bool LL_ATON_EC_Inference_Init_own(void)
{
    return true;
}

LL_ATON_User_IO_Result_t LL_ATON_Set_User_Input_Buffer_own(uint32_t num, void *buffer, uint32_t size)
{
    LL_ATON_LIB_UNUSED(num), LL_ATON_LIB_UNUSED(buffer), LL_ATON_LIB_UNUSED(size);
    return LL_ATON_User_IO_WRONG_INDEX;
}

LL_ATON_User_IO_Result_t LL_ATON_Set_User_Output_Buffer_own(uint32_t num, void *buffer, uint32_t size)
{
    LL_ATON_LIB_UNUSED(num), LL_ATON_LIB_UNUSED(buffer), LL_ATON_LIB_UNUSED(size);
    return LL_ATON_User_IO_WRONG_INDEX;
}
