/* The units of the NPU: their configurations, the switch between them, and how they start. Members have the order and the
 * types of the vendor's interface (1.1.3), so that tables take the same bytes here as there. */
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
    unsigned dir : 1, raw : 1, raw_out : 1, continuous : 1, noblk : 1, noinc : 1, align_right : 1, mem_lsb : 1,
        sync_with_other : 1, nbits_unsigned : 1, bus_cid : 3, cacheable : 1, cache_allocate : 1, bus_pfetch : 1,
        cache_linesize : 2, cipher_en : 1, key_sel : 1;
    unsigned char sync_dma;
    ll_aton_pointer addr_base;
    unsigned offset_start, offset_end, offset_limit, frame_count, fwidth, fheight, batch_depth, batch_offset, frame_offset,
        line_offset, loop_offset, frame_loop_cnt, loop_offset2, frame_loop_cnt2, frame_tot_cnt;
    unsigned char nbits_in, nbits_out;
} LL_Streng_TensorInitTypeDef;

typedef struct {
    unsigned rounding_f : 1, saturation_f : 1, round_mode_f : 2, inbytes_f : 2, rounding_o : 1, saturation_o : 1,
        round_mode_o : 1, relu_mode_o : 1, outbytes_o : 2, simd : 2, accumulate : 1, accumulate_first : 1,
        accumulate_gen_first : 1, fstat : 1, raw_o : 1, kt1_mode : 1, deepmode : 1, dss2mode : 1, f_unsigned : 1, k_unsigned : 1,
        kseten : 2;
    unsigned char shift_f, shift_a, shift_o;
    unsigned fWidth, fHeight;
    unsigned char kernelWidth, kernelHeight, nKernels;
    unsigned short batchDepth;
    unsigned char hstride, vstride;
    unsigned short left_padding, right_padding, top_padding, bot_padding, left_crop, right_crop, top_crop, bot_crop, fstatcnt;
    LL_Convacc_Afilt_Mode afilt_mode;
    unsigned char afilt_tot, afilt_first, afilt_last, kfilt_tot, kfilt_first, kfilt_last;
    int fsub;
    unsigned vshift : 2;
    short zfbias;
} LL_Convacc_InitTypeDef;

typedef struct {
    unsigned rounding_x : 1, saturation_x : 1, round_mode_x : 2, inbytes_x : 2, outbytes_x : 2;
    signed char shift_x;
    unsigned rounding_y : 1, saturation_y : 1, round_mode_y : 2, inbytes_y : 2, outbytes_y : 2, combinebc : 1, clipout : 1;
    signed char shift_y;
    unsigned rounding_o : 1, saturation_o : 1, round_mode_o : 1, relu_mode_o : 1, outbytes_o : 2;
    unsigned char shift_o;
    unsigned scalar : 1, dualinput : 1;
    LL_Arithacc_Op operation;
    LL_Arithacc_Bcast bcast;
    unsigned char Ax_shift, By_shift, C_shift;
    unsigned fWidth, fHeight;
    unsigned short fChannels, batchDepth;
    short clipmin, clipmax, A_scalar, B_scalar, C_scalar;
    ll_aton_pointer A_vector, B_vector, C_vector;
    unsigned char vec_precision[3];
} LL_Arithacc_InitTypeDef;

typedef struct {
    LL_Poolacc_Op operation;
    unsigned avgnopad : 1;
    unsigned short inputX, inputY, outputX, outputY;
    unsigned char poolWinX, poolWinY, strideX, strideY;
    unsigned short topCrop, bottomCrop, leftCrop, rightCrop, topPad, bottomPad, leftPad, rightPad, batchSize;
    unsigned char shift_f, shift_o;
    unsigned dualLine : 1, nbytes : 2, rounding_f : 1, saturation_f : 1, round_mode_f : 2, inbytes_f : 2, outbytes_f : 2,
        rounding_o : 1, saturation_o : 1, round_mode_o : 1, relu_mode_o : 1, outbytes_o : 2;
    short mulval;
    unsigned pad_val_en : 1;
    short pad_val;
} LL_Poolacc_InitTypeDef;

typedef struct {
    unsigned rounding_f : 1, saturation_f : 1, round_mode_f : 2, inbytes_f : 2, outbytes_f : 2, rounding_o : 1, saturation_o : 1,
        round_mode_o : 1, relu_mode_o : 1, outbytes_o : 2, signedop : 1;
    unsigned char shift_f, shift_o;
    unsigned parameter, parameter_2, nbytes;
    ll_aton_pointer ROM0_vector, ROM1_vector, LUT_vector;
    unsigned ROM0_nbytes, ROM1_nbytes;
    unsigned char shift_b, shift_c, shift_norm, bwidth;
    int fsub;
    LL_Activacc_Op operation;
} LL_Activacc_InitTypeDef;

typedef unsigned SourcePort;
typedef unsigned DestPort;

typedef struct {
    SourcePort source0, source1;
    DestPort dest;
    unsigned char frames0, frames1;
    unsigned context0 : 1, context1 : 1;
} LL_Switch_InitTypeDef;
typedef LL_Switch_InitTypeDef LL_Switch_DeinitTypeDef;

#define LL_Switch_Init_Dest() .dest
#define LL_Switch_Init_Source(k) .source##k
#define LL_Switch_Init_Context(k) .context##k
#define LL_Switch_Init_Frames(k) .frames##k
/* Unit, number and port side by side: lp_shim_stub.h takes them apart again. */
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
