/* A network in the form of generated files, written for the suite: software epochs only, operators and library functions on the inputs (4 x 5 x 3
 * floats, 4 x 5 x 3 bytes) and parameters, with an output of its own. neural_art_operators_test.c computes what they give. */
#include "ll_aton_NN_interface.h"
#include "ll_aton.h"
#include "ll_aton_lib.h"
#include "ll_aton_version.h"
#include "ll_sw.h"

#if LL_ATON_VERSION_MAJOR != 1 || LL_ATON_VERSION_MINOR != 1 || LL_ATON_VERSION_MICRO != 0 || LL_ATON_VERSION_DEV != 31
#warning "another version"
#endif

/* Places. Parameters: 256 floats, 256 signed bytes, 64 int32, then scales and zero points of one entry. */
#define FLOATS 0x34100000UL
#define BYTES 0x34100100UL
#define OUT(n) (0x34110000UL + (n)*0x400UL)
#define WEIGHTS 0x71000000UL
#define KERNELS 0x71000400UL
#define BIASES 0x71000500UL
#define IN_SCALE 0x71000600UL
#define OUT_SCALE 0x71000604UL
#define KERNEL_SCALES 0x71000608UL
#define SOFTMAX_SCALE 0x71000618UL
#define IN_ZERO 0x71000620UL
#define OUT_ZERO 0x71000621UL
#define KERNEL_ZEROS 0x71000622UL
#define SOFTMAX_ZERO 0x71000626UL

#define TENSOR(place, height, width, depth, size)                                                                             \
    {                                                                                                                         \
        .dim = {.tensor_h = height, .tensor_w = width, .tensor_c = depth, .tensor_b = 1, .num_elem = height * width * depth}, \
        .stride = {.c = size, .w = (depth)*size, .h = (width) * (depth)*size, .b = (height) * (width) * (depth)*size},        \
        .mem.start_offset = (unsigned char *)(ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR(place)), .format.is_signed = 1                \
    }
#define LIST(place, count)                                                                                      \
    {                                                                                                           \
        .dim.num_elem = count, .mem.start_offset = (unsigned char *)(ATON_LIB_PHYSICAL_TO_VIRTUAL_ADDR(place)), \
        .format.is_signed = 1                                                                                   \
    }
#define FLOAT_IN .general.input = TENSOR(FLOATS, 4, 5, 3, 4)
#define BYTE_IN .general.input = TENSOR(BYTES, 4, 5, 3, 1)
#define QUANTIZED_IN .is = LIST(IN_SCALE, 1), .izp = LIST(IN_ZERO, 1)
#define QUANTIZED_OUT .os = LIST(OUT_SCALE, 1), .ozp = LIST(OUT_ZERO, 1)
#define KERNEL_QUANTIZATION(count) .ws = LIST(KERNEL_SCALES, count), .wzp = LIST(KERNEL_ZEROS, count)

/* Every operator: X(number, structure, function, bytes of an output element, output height, width, depth, members). */
#define OPERATORS(X)                                                                                                          \
    X(0, Dequantizelinear_sw_info, dequantizelinear, 4, 4, 5, 3, BYTE_IN, QUANTIZED_IN)                                       \
    X(1, Quantizelinear_sw_info, quantizelinear, 1, 4, 5, 3, FLOAT_IN, QUANTIZED_OUT)                                         \
    X(2, Requantizelinear_sw_info, requantizelinear, 1, 4, 5, 3, BYTE_IN, QUANTIZED_IN, QUANTIZED_OUT)                        \
    X(3, Conv_sw_info, conv, 4, 2, 5, 2, FLOAT_IN,                                                                            \
      .weights = {.dim = {3, 3, 3, 2, 54}, .stride = {36, 12, 4, 108}, .mem.start_offset = (unsigned char *)WEIGHTS},         \
      .bias = LIST(WEIGHTS + 512, 2), .ngroup = 1, .pads = {1, 1, 1, 1}, .strides = {2, 1}, .dilations = {1, 1})              \
    X(4, Conv_sw_info, conv, 4, 4, 3, 3, FLOAT_IN,                                                                            \
      .weights = {.dim = {1, 2, 1, 3, 6}, .stride = {8, 4, 4, 8}, .mem.start_offset = (unsigned char *)WEIGHTS}, .ngroup = 3, \
      .strides = {1, 1}, .dilations = {1, 2})                                                                                 \
    X(5, Conv_integer_sw_info, conv_integer, 1, 4, 5, 2, BYTE_IN,                                                             \
      .weights = {.dim = {2, 2, 3, 2, 24},                                                                                    \
                  .stride = {6, 3, 1, 12},                                                                                    \
                  .mem.start_offset = (unsigned char *)KERNELS,                                                               \
                  .format.is_signed = 1},                                                                                     \
      .bias = LIST(BIASES, 2), KERNEL_QUANTIZATION(2), QUANTIZED_IN, QUANTIZED_OUT, .ngroup = 1, .pads = {0, 0, 1, 1},        \
      .strides = {1, 1}, .dilations = {1, 1})                                                                                 \
    X(6, Qlinearconv_sw_info, qlinearconv, 1, 4, 5, 4, BYTE_IN,                                                               \
      .weights = {.dim = {1, 1, 3, 4, 12},                                                                                    \
                  .stride = {3, 3, 1, 3},                                                                                     \
                  .mem.start_offset = (unsigned char *)KERNELS,                                                               \
                  .format.is_signed = 1},                                                                                     \
      .bias = LIST(BIASES, 4), KERNEL_QUANTIZATION(4), QUANTIZED_IN, QUANTIZED_OUT, .ngroup = 1, .strides = {1, 1},           \
      .dilations = {1, 1})                                                                                                    \
    X(7, Resize_sw_info, resize, 4, 8, 10, 3, FLOAT_IN, .mode = RESIZE_LINEAR, .coord_transf_mode = HALF_PIXEL)               \
    X(8, Resize_integer_sw_info, resize_integer, 1, 8, 10, 3, BYTE_IN, .is = LIST(IN_SCALE, 1), .izp = LIST(IN_ZERO, 1),      \
      .os = LIST(IN_SCALE, 1), .ozp = LIST(IN_ZERO, 1), .mode = RESIZE_NEAREST, .nearest_mode = FLOOR,                        \
      .coord_transf_mode = ASYMMETRIC)                                                                                        \
    X(9, Activ_sw_info, activ, 4, 4, 5, 3, FLOAT_IN, .general.type = LL_SW_PRELU, .operand = LIST(WEIGHTS, 4))                \
    X(10, Activ_sw_info, activ, 4, 4, 5, 3, FLOAT_IN, .general.type = LL_SW_HARDSIGMOID, .alpha = 0.25f, .beta = 0.5f)        \
    X(11, Activ_sw_info, activ, 4, 4, 5, 3, FLOAT_IN, .general.type = LL_SW_GELU)                                             \
    X(12, Activ_sw_info, activ, 4, 4, 5, 3, FLOAT_IN, .general.type = LL_SW_SELU, .alpha = 1.5f, .gamma = 1.25f)              \
    X(13, Activ_sw_info, activ, 4, 4, 5, 3, FLOAT_IN, .general.type = LL_SW_CLIP, .min = -0.5f, .max = 1.5f)                  \
    X(14, Activ_sw_info, activ, 4, 4, 5, 3, FLOAT_IN, .general.type = LL_SW_ROUND)                                            \
    X(15, Activ_integer_sw_info, activ_integer, 1, 4, 5, 3, BYTE_IN, .general.type = LL_SW_HARDSWISH, QUANTIZED_IN,           \
      QUANTIZED_OUT)                                                                                                          \
    X(16, Arith_sw_info, arith, 4, 4, 5, 3, FLOAT_IN, .general.type = LL_SW_ARITHADD, .operand = TENSOR(WEIGHTS, 1, 1, 3, 4), \
      .operand1 = TENSOR(WEIGHTS, 4, 1, 1, 4), .num_of_inputs = 3)                                                            \
    X(17, Arith_sw_info, arith, 4, 4, 5, 3, FLOAT_IN, .general.type = LL_SW_ARITHSUB, .operand = TENSOR(WEIGHTS, 4, 5, 3, 4), \
      .num_of_inputs = 2)                                                                                                     \
    X(18, Eltwise_integer_sw_info, eltwise_integer, 1, 4, 5, 3, BYTE_IN, .general.type = LL_SW_ARITHMUL,                      \
      .operand = TENSOR(KERNELS, 1, 5, 1, 1), .operand_s = LIST(KERNEL_SCALES, 1), .operand_zp = LIST(KERNEL_ZEROS, 1),       \
      .num_of_inputs = 2, QUANTIZED_IN, QUANTIZED_OUT)                                                                        \
    X(19, Sign_sw_info, sign, 4, 4, 5, 3, FLOAT_IN)                                                                           \
    X(20, Pool_sw_info, pool, 4, 3, 3, 3, FLOAT_IN, .general.type = LL_SW_MAXPOOL, .k_shape = {2, 2}, .strides = {2, 2},      \
      .pads = {1, 1, 1, 1})                                                                                                   \
    X(21, Pool_sw_info, pool, 4, 4, 5, 3, FLOAT_IN, .general.type = LL_SW_AVGPOOL, .k_shape = {3, 3}, .strides = {1, 1},      \
      .pads = {1, 1, 1, 1}, .count_include_pad = 1)                                                                           \
    X(22, Pool_integer_sw_info, pool_integer, 1, 4, 5, 3, BYTE_IN, .general.type = LL_SW_AVGPOOL, .k_shape = {3, 3},          \
      .strides = {1, 1}, .pads = {1, 1, 1, 1}, QUANTIZED_IN, QUANTIZED_OUT)                                                   \
    X(23, Global_pool_sw_info, global_pool, 4, 1, 1, 3, FLOAT_IN, .general.type = LL_SW_AVGPOOL)                              \
    X(24, Global_pool_integer_sw_info, global_pool_integer, 1, 1, 1, 3, BYTE_IN, .general.type = LL_SW_MAXPOOL, QUANTIZED_IN, \
      QUANTIZED_OUT)                                                                                                          \
    X(25, Reduce_sw_info, reduce, 4, 1, 5, 3, FLOAT_IN, .general.type = LL_SW_REDUCEMEAN, .axis = 2)                          \
    X(26, Reduce_sw_info, reduce, 4, 4, 5, 1, FLOAT_IN, .general.type = LL_SW_REDUCELOGSUMEXP, .axis = 1)                     \
    X(27, Argmax_sw_info, argmax, 4, 4, 5, 1, FLOAT_IN, .axis = 1)                                                            \
    X(28, Argmin_integer_sw_info, argmin_integer, 4, 4, 1, 3, BYTE_IN, .axis = 3, .select_last_index = 1)                     \
    X(29, Gemm_sw_info, gemm, 4, 4, 2, 1, .general.input = TENSOR(FLOATS, 4, 15, 1, 4),                                       \
      .operand_b = TENSOR(WEIGHTS, 2, 15, 1, 4), .operand_c = TENSOR(WEIGHTS + 512, 1, 2, 1, 4), .alpha = 0.5f, .beta = 2,    \
      .tB = 1)                                                                                                                \
    X(30, Matmul_sw_info, matmul, 4, 4, 2, 3, FLOAT_IN, .operand_b = TENSOR(WEIGHTS, 5, 2, 1, 4))                             \
    X(31, Gemm_integer_sw_info, gemm_integer, 1, 4, 4, 1, .general.input = TENSOR(BYTES, 4, 15, 1, 1),                        \
      .weights = TENSOR(KERNELS, 15, 4, 1, 1), .bias = LIST(BIASES, 4), KERNEL_QUANTIZATION(4), QUANTIZED_IN, QUANTIZED_OUT,  \
      .alpha = 1, .beta = 1)                                                                                                  \
    X(32, Qlinearmatmul_sw_info, qlinearmatmul, 1, 4, 2, 1, .general.input = TENSOR(BYTES, 4, 15, 1, 1),                      \
      .weights = TENSOR(KERNELS, 15, 2, 1, 1), KERNEL_QUANTIZATION(1), QUANTIZED_IN, QUANTIZED_OUT)                           \
    X(33, Softmax_sw_info, softmax, 4, 4, 5, 3, FLOAT_IN, .axis = 1)                                                          \
    X(34, Softmax_sw_info, softmax, 4, 4, 5, 3, FLOAT_IN, .axis = 2)                                                          \
    X(35, Softmax_integer_sw_info, softmax_integer, 1, 4, 5, 3, BYTE_IN, .os = LIST(SOFTMAX_SCALE, 1),                        \
      .ozp = LIST(SOFTMAX_ZERO, 1), .quantized_multiplier = 1717986918, .left_shift = 22, .diff_min = -496, .axis = 3)        \
    X(36, Bn_sw_info, bn, 4, 4, 5, 3, FLOAT_IN, .bias = LIST(WEIGHTS, 3), .scale = LIST(WEIGHTS + 16, 3),                     \
      .mean = LIST(WEIGHTS + 32, 3), .var = LIST(WEIGHTS + 640, 3))                                                           \
    X(37, Instance_normalization_sw_info, instance_normalization, 4, 4, 5, 3, FLOAT_IN, .bias = LIST(WEIGHTS, 3),             \
      .scale = LIST(WEIGHTS + 16, 3), .epsilon = 0.125f)                                                                      \
    X(38, Lpnormalization_sw_info, lpnormalization, 4, 4, 5, 3, FLOAT_IN, .axis = 3, .p = 2)                                  \
    X(39, Lrn_sw_info, lrn, 4, 4, 5, 3, FLOAT_IN, .size = 2, .alpha = 0.5f, .beta = 0.75f, .bias = 1)                         \
    X(40, Concat_sw_info, concat, 1, 4, 5, 5, BYTE_IN, .operand = TENSOR(KERNELS, 4, 5, 2, 1), .concat_axis = 1,              \
      .num_of_inputs = 2)                                                                                                     \
    X(41, Concat_sw_info, concat, 4, 6, 5, 3, FLOAT_IN, .operand = TENSOR(WEIGHTS, 1, 5, 3, 4),                               \
      .operand1 = TENSOR(WEIGHTS + 60, 1, 5, 3, 4), .concat_axis = 2, .num_of_inputs = 3)                                     \
    X(42, Gather_sw_info, gather, 4, 4, 2, 3, FLOAT_IN, .operand = TENSOR(BIASES + 128, 1, 2, 1, 4), .axis = 3)               \
    X(43, Tile_sw_info, tile, 1, 8, 5, 6, BYTE_IN, .repeats = {1, 2, 2, 1})                                                   \
    X(44, Activ_sw_info, activ, 4, 4, 5, 3, FLOAT_IN, .general.type = LL_SW_SOFTPLUS)                                         \
    X(45, Arith_sw_info, arith, 4, 4, 5, 3, FLOAT_IN, .general.type = LL_SW_MAX, .operand = TENSOR(WEIGHTS, 1, 1, 1, 4),      \
      .num_of_inputs = 2)                                                                                                     \
    X(46, Argmax_integer_sw_info, argmax_integer, 4, 1, 5, 3, BYTE_IN, .axis = 2)                                             \
    X(47, Argmin_sw_info, argmin, 4, 4, 5, 1, FLOAT_IN, .axis = 1)

#define BLOCK(n, structure, operator, size, height, width, depth, ...)                                             \
    static void LL_ATON_End_EpochBlock_##n(const void *epoch_block)                                                \
    {                                                                                                              \
        LL_ATON_LIB_UNUSED(epoch_block);                                                                           \
        static const structure info = {__VA_ARGS__, .general.output = TENSOR(OUT(n), height, width, depth, size)}; \
        ll_sw_forward_##operator((void *)&info);                                                                   \
    }
OPERATORS(BLOCK)

/* ---- library functions ---- */

#define SIZES(...) ((const uint32_t[]){__VA_ARGS__})
/* `together`: channels that lie together. */
#define DESCRIBED(place, start, height, width, depth, together, bits, ...)                                               \
    {                                                                                                                    \
        .name = "t", .addr_base = {(unsigned char *)(place)}, .offset_start = start,                                     \
        .offset_end = (start) + (height) * (width) * (depth) * (bits) / 8, .batch = together, .ndims = 4, .nbits = bits, \
        .shape = SIZES(1, height, width, depth), __VA_ARGS__                                                             \
    }
#define BYTE .type = DataType_INT8
#define REAL .type = DataType_FLOAT
#define FIXED(integer, fraction) .type = DataType_FXP, .Qm = integer, .Qn = fraction

static void LL_ATON_End_EpochBlock_48(const void *epoch_block)
{
    LL_ATON_LIB_UNUSED(epoch_block);
    const LL_Buffer_InfoTypeDef plain[] = {DESCRIBED(BYTES, 0, 4, 5, 3, 3, 8, BYTE), DESCRIBED(KERNELS, 0, 4, 5, 2, 2, 8, BYTE)};
    const LL_Buffer_InfoTypeDef lines[] = {DESCRIBED(BYTES, 0, 4, 5, 3, 3, 8, BYTE), DESCRIBED(KERNELS, 0, 4, 2, 3, 3, 8, BYTE)};
    const LL_Buffer_InfoTypeDef blocks[] = {DESCRIBED(KERNELS, 0, 2, 2, 4, 2, 8, BYTE),
                                            DESCRIBED(KERNELS, 16, 2, 2, 2, 2, 8, BYTE)};
    const LL_Buffer_InfoTypeDef outputs[] = {
        DESCRIBED(OUT(48), 0, 4, 5, 5, 5, 8, BYTE), DESCRIBED(OUT(49), 0, 4, 7, 3, 3, 8, BYTE),
        DESCRIBED(OUT(50), 0, 2, 2, 6, 2, 8, BYTE), DESCRIBED(OUT(51), 0, 2, 2, 6, 6, 8, BYTE)};
    LL_ATON_LIB_Concat(plain, 2, &outputs[0], 1, 0, 1);
    LL_ATON_LIB_Concat(lines, 2, &outputs[1], 3, 0, 1);
    LL_ATON_LIB_Concat(blocks, 2, &outputs[2], 1, 0, 1);
    LL_ATON_LIB_Concat(blocks, 2, &outputs[3], 1, 0, 1);
}

static void LL_ATON_End_EpochBlock_49(const void *epoch_block)
{
    LL_ATON_LIB_UNUSED(epoch_block);
    const LL_Buffer_InfoTypeDef deep = DESCRIBED(KERNELS, 0, 2, 3, 8, 8, 8, BYTE),
                                wide = DESCRIBED(KERNELS, 0, 4, 6, 2, 2, 8, BYTE);
    const LL_Buffer_InfoTypeDef to_wide = DESCRIBED(OUT(52), 0, 4, 6, 2, 2, 8, BYTE),
                                to_deep = DESCRIBED(OUT(53), 0, 2, 3, 8, 8, 8, BYTE);
    LL_ATON_LIB_DMA_DepthToSpace(&deep, 1, &to_wide, 2, 2, 0, 1);
    LL_ATON_LIB_DMA_SpaceToDepth(&wide, 1, &to_deep, 2, 2, 0, 1);
    const LL_Buffer_InfoTypeDef in = DESCRIBED(BYTES, 0, 4, 5, 3, 3, 8, BYTE), out = DESCRIBED(OUT(54), 0, 3, 5, 4, 4, 8, BYTE);
    LL_ATON_LIB_DMA_Transpose(&in, SIZES(60, 15, 3, 1), &out, SIZES(60, 20, 4, 1), (const uint8_t[]){0, 3, 2, 1},
                              (const uint8_t[]){0, 3, 2, 1}, 0, 1);
}

static void LL_ATON_End_EpochBlock_50(const void *epoch_block)
{
    LL_ATON_LIB_UNUSED(epoch_block);
    const LL_Buffer_InfoTypeDef real = DESCRIBED(FLOATS, 0, 4, 5, 3, 3, 32, REAL),
                                to_fixed = DESCRIBED(OUT(55), 0, 4, 5, 3, 3, 16, FIXED(2, 13));
    const LL_Buffer_InfoTypeDef fixed = DESCRIBED(KERNELS, 0, 4, 5, 3, 3, 16, FIXED(12, 3)),
                                to_real = DESCRIBED(OUT(56), 0, 4, 5, 3, 3, 32, REAL);
    const LL_Buffer_InfoTypeDef to_other = DESCRIBED(OUT(57), 0, 4, 5, 3, 3, 16, FIXED(10, 5));
    LL_ATON_LIB_Cast(&real, &to_fixed, 0, 1);
    LL_ATON_LIB_Cast(&fixed, &to_real, 0, 1);
    LL_ATON_LIB_Cast(&fixed, &to_other, 0, 1);
}

static void LL_ATON_End_EpochBlock_51(const void *epoch_block)
{
    LL_ATON_LIB_UNUSED(epoch_block);
    const LL_Buffer_InfoTypeDef in = DESCRIBED(BYTES, 0, 4, 5, 3, 3, 8, BYTE);
    const LL_Buffer_InfoTypeDef halves[] = {DESCRIBED(OUT(58), 0, 1, 5, 3, 3, 8, BYTE),
                                            DESCRIBED(OUT(58), 15, 3, 5, 3, 3, 8, BYTE)};
    const LL_Buffer_InfoTypeDef channels[] = {DESCRIBED(OUT(59), 20, 4, 5, 2, 2, 8, BYTE),
                                              DESCRIBED(OUT(59), 0, 4, 5, 1, 1, 8, BYTE)};
    LL_ATON_LIB_Split(&in, true, &halves, 2, 4, 2, 1, 5, 0, 1);
    LL_ATON_LIB_Split(&in, true, &channels, 2, 4, 1, 20, 1, 0, 1);
}

#define ITEM(n, ...)                                \
    {.end_epoch_block = LL_ATON_End_EpochBlock_##n, \
     .flags = EpochBlock_Flags_epoch_start | EpochBlock_Flags_epoch_end | EpochBlock_Flags_pure_sw},
const EpochBlock_ItemTypeDef *LL_ATON_EpochBlockItems_operators(void)
{
    static const EpochBlock_ItemTypeDef items[] = {OPERATORS(ITEM) ITEM(48) ITEM(49) ITEM(50)
                                                       ITEM(51){.flags = EpochBlock_Flags_last_eb}};
    return items;
}

static const uint32_t shape[] = {1, 4, 5, 3};
#define BUFFER(text, place, from, size, element)                                                                                \
    {                                                                                                                           \
        .name = text, .addr_base = {(unsigned char *)(place)}, .offset_start = from, .offset_end = (from) + (size), .batch = 3, \
        .mem_shape = shape, .mem_ndims = 4, .chpos = CHPos_Last, .type = (element) == 4 ? DataType_FLOAT : DataType_INT8,       \
        .ndims = 4, .nbits = 8 * (element), .shape = shape                                                                      \
    }

const LL_Buffer_InfoTypeDef *LL_ATON_Input_Buffers_Info_operators(void)
{
    static const LL_Buffer_InfoTypeDef buffers[] = {
        BUFFER("floats", 0x34100000UL, 0, 240, 4), BUFFER("bytes", 0x34100000UL, 0x100, 60, 1), {.name = NULL}};
    return buffers;
}

#define OUTPUT(n, structure, operator, size, height, width, depth, ...) \
    BUFFER(#operator"_" #n, 0x34110000UL, (n)*0x400, (height) * (width) * (depth) * (size), size),
const LL_Buffer_InfoTypeDef *LL_ATON_Output_Buffers_Info_operators(void)
{
    static const LL_Buffer_InfoTypeDef buffers[] = {
        OPERATORS(OUTPUT) OUTPUT(48, , concat_c, 1, 4, 5, 5) OUTPUT(49, , concat_w, 1, 4, 7, 3)
            OUTPUT(50, , concat_blocks, 1, 2, 2, 6) OUTPUT(51, , concat_from_blocks, 1, 2, 2, 6)
                OUTPUT(52, , depth_to_space, 1, 4, 6, 2) OUTPUT(53, , space_to_depth, 1, 2, 3, 8)
                    OUTPUT(54, , transpose, 1, 3, 5, 4) OUTPUT(55, , to_fixed, 2, 4, 5, 3) OUTPUT(56, , to_float, 4, 4, 5, 3)
                        OUTPUT(57, , to_other, 2, 4, 5, 3) OUTPUT(58, , split_bytes, 1, 4, 5, 3)
                            OUTPUT(59, , split_channels, 1, 4, 5, 3){.name = NULL}};
    return buffers;
}

const LL_Buffer_InfoTypeDef *LL_ATON_Internal_Buffers_Info_operators(void)
{
    return NULL;
}

bool LL_ATON_EC_Network_Init_operators(void)
{
    return true;
}

bool LL_ATON_EC_Inference_Init_operators(void)
{
    return true;
}

LL_ATON_User_IO_Result_t LL_ATON_Set_User_Input_Buffer_operators(uint32_t num, void *buffer, uint32_t size)
{
    LL_ATON_LIB_UNUSED(num), LL_ATON_LIB_UNUSED(buffer), LL_ATON_LIB_UNUSED(size);
    return LL_ATON_User_IO_WRONG_INDEX;
}

LL_ATON_User_IO_Result_t LL_ATON_Set_User_Output_Buffer_operators(uint32_t num, void *buffer, uint32_t size)
{
    LL_ATON_LIB_UNUSED(num), LL_ATON_LIB_UNUSED(buffer), LL_ATON_LIB_UNUSED(size);
    return LL_ATON_User_IO_WRONG_INDEX;
}
