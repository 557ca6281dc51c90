/* Software operators: what a call says. Tensors lie at device addresses, strides are bytes. */
#ifndef LP_SHIM_LL_SW_H
#define LP_SHIM_LL_SW_H

#include <stdbool.h>
#include <stdint.h>

/* Every type of node in the order of its number: LP_SHIM_NODE_TYPES(X) expands X(name) for each. */
/* clang-format off */
#define LP_SHIM_NODE_TYPES(X) \
    X(CONV) X(RELU) X(PRELU) X(THRESHOLDEDRELU) X(ELU) X(SELU) X(MAXPOOL) X(MINPOOL) X(AVGPOOL) X(SOFTMAX) X(BATCHNORM) \
    X(LRN) X(ARITHADD) X(ARITHSUM) X(ARITHSUB) X(ARITHMUL) X(ARITHDIV) X(CONCAT) X(SPLIT) X(SLICE) X(SIGMOID) X(ATAN) \
    X(ATANH) X(ACOS) X(ACOSH) X(ASIN) X(ASINH) X(TAN) X(TANH) X(COS) X(COSH) X(SIN) X(SINH) X(SQRT) X(CEIL) X(GATHER) \
    X(FLOOR) X(EXP) X(LOG) X(QLINEARCONV) X(QUANTIZELINEAR) X(REQUANTIZELINEAR) X(DEQUANTIZELINEAR) X(QLINEARMATMUL) X(GEMM) \
    X(RESIZE) X(ERF) X(POW) X(AND) X(OR) X(XOR) X(EQUAL) X(GREATER) X(LESS) X(GREATEROREQUAL) X(LESSOREQUAL) X(CLIP) \
    X(HARDSIGMOID) X(HARDMAX) X(HARDSWISH) X(SWISH) X(ABS) X(INSTANCENORM) X(REDUCESUM) X(REDUCEMIN) X(REDUCEMEAN) \
    X(REDUCEMAX) X(REDUCEPROD) X(SOFTSIGN) X(SOFTPLUS) X(LPNORM) X(ARGMIN) X(ARGMAX) X(MATMUL) X(MIN) X(MAX) X(NEG) \
    X(RECIPROCAL) X(MOD) X(ROUND) X(REDUCELOGSUMEXP) X(SIGN) X(TILE) X(GELU)
/* clang-format on */
#define LP_SHIM_ENUMERATOR(name) LL_SW_##name,
typedef enum { LP_SHIM_NODE_TYPES(LP_SHIM_ENUMERATOR) } NodeType;

typedef enum { RESIZE_ZEROS, RESIZE_NEAREST, RESIZE_LINEAR, RESIZE_CUBIC } resize_mode;
typedef enum {
    HALF_PIXEL,
    PYTORCH_HALF_PIXEL,
    ALIGN_CORNERS,
    ASYMMETRIC,
    TF_HALF_PIXEL_FOR_NN,
    TF_CROP_AND_RESIZE
} coord_transf_mode;
typedef enum { ROUND_PREFER_FLOOR, ROUND_PREFER_CEIL, FLOOR, CEIL } nearest_mode;
typedef enum {
    LL_SW_SSSA_PW_CONV,
    LL_SW_SSSA_RGB_CONV,
    LL_SW_SSSA_DW_CONV,
    LL_SW_SSSA_DILATED_CONV,
    LL_SW_SSSA_GENERIC_CONV,
    LL_SW_GENERIC_CONV
} conv_fwd_case;

typedef struct {
    uint32_t tensor_h, tensor_w, tensor_c, tensor_b, num_elem;
} Tensor_dim_info;
typedef struct {
    uint32_t h, w, c, b;
} Tensor_stride_info;
typedef struct {
    unsigned char *start_offset;
} Tensor_mem_info;
typedef struct {
    bool is_signed;
} Tensor_format_info;
typedef struct {
    Tensor_dim_info dim;
    Tensor_stride_info stride;
    Tensor_mem_info mem;
    Tensor_format_info format;
} Tensor_info;
typedef struct {
    NodeType type;
    Tensor_info input, output;
} General;

typedef struct {
    General general;
    Tensor_info is, izp;
} Dequantizelinear_sw_info;
typedef struct {
    General general;
    Tensor_info os, ozp;
} Quantizelinear_sw_info;
typedef struct {
    General general;
    Tensor_info is, izp, os, ozp;
} Requantizelinear_sw_info;
typedef struct {
    General general;
    Tensor_info scratch, is, izp, os, ozp;
    int32_t quantized_multiplier;
    int left_shift, diff_min, axis;
} Softmax_integer_sw_info;
typedef struct {
    General general;
    Tensor_info scratch;
    int axis;
} Softmax_sw_info;
typedef struct {
    General general;
    Tensor_info is, izp, os, ozp, scales, roi, sizes;
    float cubic_coeff_a;
    bool exclude_outside;
    float extrapol_val;
    resize_mode mode;
    nearest_mode nearest_mode;
    coord_transf_mode coord_transf_mode;
} Resize_integer_sw_info;
typedef struct {
    General general;
    Tensor_info scales, roi, sizes;
    float cubic_coeff_a;
    bool exclude_outside;
    float extrapol_val;
    resize_mode mode;
    nearest_mode nearest_mode;
    coord_transf_mode coord_transf_mode;
} Resize_sw_info;
typedef struct {
    General general;
    Tensor_info weights, scratch, bias, ws, wzp, is, izp, os, ozp;
    int ngroup;
    long pads[4], strides[4], dilations[2];
    conv_fwd_case fwd_func;
} Conv_integer_sw_info;
typedef Conv_integer_sw_info Qlinearconv_sw_info;
typedef struct {
    General general;
    Tensor_info weights, scratch, bias, weights_permuted;
    int ngroup;
    long pads[4], strides[4], dilations[2];
} Conv_sw_info;
typedef struct {
    General general;
    Tensor_info operand;
    float alpha, beta, gamma, min, max;
} Activ_sw_info;
typedef struct {
    General general;
    Tensor_info operand, operand1, operand2;
    unsigned num_of_inputs;
} Arith_sw_info;
typedef struct {
    General general;
    Tensor_info operand, operand_s, operand_zp, is, izp, os, ozp;
    float alpha, gamma, min, max;
} Activ_integer_sw_info;
typedef struct {
    General general;
    int axis, keepdims, select_last_index;
} Argmax_sw_info;
typedef Argmax_sw_info Argmax_integer_sw_info;
typedef Argmax_sw_info Argmin_sw_info;
typedef Argmax_sw_info Argmin_integer_sw_info;
typedef struct {
    General general;
    Tensor_info bias, scale, mean, var;
} Bn_sw_info;
typedef struct {
    General general;
    unsigned concat_axis, num_of_inputs;
    Tensor_info operand, operand1, operand2;
} Concat_sw_info;
typedef struct {
    General general;
    Tensor_info operand, operand_s, operand_zp, is, izp, os, ozp;
    unsigned num_of_inputs;
} Eltwise_integer_sw_info;
typedef struct {
    General general;
    Tensor_info operand;
    int axis;
} Gather_sw_info;
typedef struct {
    General general;
    Tensor_info weights, scratch, bias, ws, wzp, is, izp, os, ozp;
    float alpha, beta;
    uint8_t tA, tB;
} Gemm_integer_sw_info;
typedef struct {
    General general;
    Tensor_info operand_b, operand_c;
    float alpha, beta;
    uint8_t tA, tB;
} Gemm_sw_info;
typedef struct {
    General general;
    Tensor_info is, izp, os, ozp;
    int ngroup;
    long pads[4], strides[4], k_shape[2];
    bool count_include_pad;
} Pool_integer_sw_info;
typedef Pool_integer_sw_info Global_pool_integer_sw_info;
typedef struct {
    General general;
    int ngroup;
    long pads[4], strides[4], k_shape[2];
    bool count_include_pad;
} Pool_sw_info;
typedef struct {
    General general;
} Global_pool_sw_info;
typedef Global_pool_sw_info Sign_sw_info;
typedef struct {
    General general;
    Tensor_info bias, scale;
    float epsilon;
} Instance_normalization_sw_info;
typedef struct {
    General general;
    int axis, p;
} Lpnormalization_sw_info;
typedef struct {
    General general;
    uint32_t size;
    float alpha, beta, bias;
} Lrn_sw_info;
typedef struct {
    General general;
    Tensor_info operand_b;
} Matmul_sw_info;
typedef struct {
    General general;
    Tensor_info weights, scratch, bias, ws, wzp, is, izp, os, ozp;
} Qlinearmatmul_sw_info;
typedef struct {
    General general;
    int axis;
} Reduce_sw_info;
typedef struct {
    General general;
    int16_t repeats[4];
} Tile_sw_info;

/* Every operator by name: LP_SHIM_OPERATORS(X) expands X(name) for each. */
/* clang-format off */
#define LP_SHIM_OPERATORS(X) \
    X(dequantizelinear) X(quantizelinear) X(requantizelinear) X(softmax_integer) X(softmax) \
    X(resize_integer) X(resize) X(conv_integer) X(conv) X(activ) \
    X(activ_integer) X(arith) X(argmax) X(argmax_integer) X(argmin) \
    X(argmin_integer) X(bn) X(concat) X(eltwise_integer) X(gather) \
    X(gemm) X(gemm_integer) X(global_pool) X(global_pool_integer) X(instance_normalization) \
    X(lpnormalization) X(lrn) X(matmul) X(pool) X(pool_integer) \
    X(qlinearconv) X(qlinearmatmul) X(reduce) X(sign) X(tile)
/* clang-format on */
#define LP_SHIM_DECLARE(name) void ll_sw_forward_##name(void *info);
LP_SHIM_OPERATORS(LP_SHIM_DECLARE)

#endif
