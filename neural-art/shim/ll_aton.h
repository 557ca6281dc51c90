/* The units of the NPU: their configurations, the switch between them, and how they start. */
#ifndef LP_SHIM_LL_ATON_H
#define LP_SHIM_LL_ATON_H

#include <lp_shim_base.h>

enum AccelUnitsType { STRENG = 0, STRENG64 = 1, CONVACC = 2, DECUN = 3, ACTIV = 4, ARITH = 5, POOL = 6, IMC = 7, RECBUF = 8 };
enum SwitchUnitsType { STRSWITCH = 0, STRSWITCH64 = 1, STRSWITCH_VC = 2 };
typedef enum { AFILT_MODE_NONE, AFILT_MODE_PIXELDROP, AFILT_MODE_FRAMEDROP, AFILT_MODE_FRAMEZERO } LL_Convacc_Afilt_Mode;
typedef enum {
    ARITH_AFFINE = 1,
    ARITH_MIN,
    ARITH_MAX,
    ARITH_MUL,
    ARITH_X_AND_Y,
    ARITH_X_OR_Y,
    ARITH_NOT_X,
    ARITH_X_XOR_Y,
    ARITH_X_EQ_Y,
    ARITH_X_LT_Y,
    ARITH_X_LE_Y,
    ARITH_X_GT_Y,
    ARITH_X_GE_Y,
    ARITH_ABS_X,
    ARITH_SIGN_X,
    ARITH_CLIP
} LL_Arithacc_Op;
typedef enum {
    ARITH_BCAST_NONE,
    ARITH_BCAST_CHAN,
    ARITH_BCAST_HEIGHT,
    ARITH_BCAST_WIDTH,
    ARITH_BCAST_HEIGHT_WIDTH,
    ARITH_BCAST_SCALAR
} LL_Arithacc_Bcast;
typedef enum { POOL_MAX = 1, POOL_MIN, POOL_AVG, POOL_GMAX, POOL_GMIN, POOL_GAVG } LL_Poolacc_Op;
typedef enum { ACTIV_RELU = 1, ACTIV_PRELU, ACTIV_TRELU, ACTIV_FUNC, ACTIV_LUT } LL_Activacc_Op;

typedef union {
    unsigned char *p;
    uintptr_t i;
} ll_aton_pointer;

typedef struct {
    int dir, raw, raw_out, continuous, noblk, noinc, align_right, mem_lsb, sync_with_other, nbits_unsigned, bus_cid, cacheable,
        cache_allocate, bus_pfetch, cache_linesize, cipher_en, key_sel, sync_dma, nbits_in, nbits_out;
    ll_aton_pointer addr_base;
    unsigned offset_start, offset_end, offset_limit, frame_count, fwidth, fheight, batch_depth, batch_offset, frame_offset,
        line_offset, loop_offset, frame_loop_cnt, loop_offset2, frame_loop_cnt2, frame_tot_cnt;
} LL_Streng_TensorInitTypeDef;

typedef struct {
    int rounding_f, saturation_f, round_mode_f, inbytes_f, rounding_o, saturation_o, round_mode_o, relu_mode_o, outbytes_o, simd,
        accumulate, accumulate_first, accumulate_gen_first, fstat, raw_o, kt1_mode, deepmode, dss2mode, f_unsigned, k_unsigned,
        kseten, shift_f, shift_a, shift_o, kernelWidth, kernelHeight, nKernels, batchDepth, hstride, vstride, left_padding,
        right_padding, top_padding, bot_padding, left_crop, right_crop, top_crop, bot_crop, fstatcnt, afilt_tot, afilt_first,
        afilt_last, kfilt_tot, kfilt_first, kfilt_last, fsub, vshift, zfbias;
    unsigned fWidth, fHeight;
    LL_Convacc_Afilt_Mode afilt_mode;
} LL_Convacc_InitTypeDef;

typedef struct {
    int rounding_x, saturation_x, round_mode_x, inbytes_x, outbytes_x, shift_x, rounding_y, saturation_y, round_mode_y, inbytes_y,
        outbytes_y, combinebc, clipout, shift_y, rounding_o, saturation_o, round_mode_o, relu_mode_o, outbytes_o, shift_o, scalar,
        dualinput, Ax_shift, By_shift, C_shift, fChannels, batchDepth, clipmin, clipmax, A_scalar, B_scalar, C_scalar;
    LL_Arithacc_Op operation;
    LL_Arithacc_Bcast bcast;
    unsigned fWidth, fHeight;
    ll_aton_pointer A_vector, B_vector, C_vector;
    unsigned char vec_precision[3];
} LL_Arithacc_InitTypeDef;

typedef struct {
    LL_Poolacc_Op operation;
    int avgnopad, inputX, inputY, outputX, outputY, poolWinX, poolWinY, strideX, strideY, topCrop, bottomCrop, leftCrop,
        rightCrop, topPad, bottomPad, leftPad, rightPad, batchSize, shift_f, shift_o, dualLine, nbytes, rounding_f, saturation_f,
        round_mode_f, inbytes_f, outbytes_f, rounding_o, saturation_o, round_mode_o, relu_mode_o, outbytes_o, mulval, pad_val_en,
        pad_val;
} LL_Poolacc_InitTypeDef;

typedef struct {
    int rounding_f, saturation_f, round_mode_f, inbytes_f, outbytes_f, rounding_o, saturation_o, round_mode_o, relu_mode_o,
        outbytes_o, signedop, shift_f, shift_o, shift_b, shift_c, shift_norm, bwidth, fsub;
    unsigned parameter, parameter_2, nbytes, ROM0_nbytes, ROM1_nbytes;
    ll_aton_pointer ROM0_vector, ROM1_vector, LUT_vector;
    LL_Activacc_Op operation;
} LL_Activacc_InitTypeDef;

typedef unsigned SourcePort;
typedef unsigned DestPort;

typedef struct {
    SourcePort source0, source1;
    DestPort dest;
    unsigned char frames0, frames1;
    int context0, context1;
} LL_Switch_InitTypeDef;
typedef LL_Switch_InitTypeDef LL_Switch_DeinitTypeDef;

#define LL_Switch_Init_Dest() .dest
#define LL_Switch_Init_Source(k) .source##k
#define LL_Switch_Init_Context(k) .context##k
#define LL_Switch_Init_Frames(k) .frames##k
/* Unit, number and port side by side: the stub takes them apart again. */
#define ATONN_DSTPORT(S, J, U, I, P) ((unsigned)(U) << 16 | (unsigned)(I) << 8 | (unsigned)(P))
#define ATONN_SRCPORT(S, J, U, I, P) ((unsigned)(U) << 16 | (unsigned)(I) << 8 | (unsigned)(P))

typedef struct {
    enum AccelUnitsType unit_type;
    unsigned short unit_num;
} AccelUnits;
typedef struct {
    AccelUnits unit;
} LL_ATON_EnableUnits_InitTypeDef;
typedef LL_ATON_EnableUnits_InitTypeDef LL_ATON_DisableUnits_InitTypeDef;

int LL_Convacc_Init(int id, const LL_Convacc_InitTypeDef *conf);
int LL_Arithacc_Init(int id, const LL_Arithacc_InitTypeDef *conf);
int LL_Poolacc_Init(int id, const LL_Poolacc_InitTypeDef *conf);
int LL_Activacc_Init(int id, const LL_Activacc_InitTypeDef *conf);
int LL_Streng_TensorInit(int id, const LL_Streng_TensorInitTypeDef *conf, int count);
int LL_Switch_Init(const LL_Switch_InitTypeDef *table, int count);
int LL_Switch_Deinit(const LL_Switch_DeinitTypeDef *table, int count);
int LL_ATON_EnableUnits_Init(const LL_ATON_EnableUnits_InitTypeDef *list, int count);
int LL_ATON_DisableUnits_Init(const LL_ATON_DisableUnits_InitTypeDef *list, int count);
unsigned char *LL_Address_Physical2Virtual(unsigned char *address);
unsigned char *LL_Address_Virtual2Physical(unsigned char *address);

#endif
