/* Configuration of the units of the Neural-ART NPU: one structure a unit, as a program sets it at the start of an epoch.
 *
 * Member names are those of the vendor's interface, so that a dump, a program.json and a header of the shim name the same
 * thing by the same word. All members are plain 32-bit integers: a flag is 0 or 1, an enumeration holds its number, a
 * shift may be negative. What a member may hold stands in fields.c, once, for the reader, the check and the manual. */
#ifndef LP_NEURAL_ART_UNITS_H
#define LP_NEURAL_ART_UNITS_H

#include <stdint.h>

enum lp_npu_unit_type {
    LP_NPU_STRENG,  /* stream engine: moves frames between memory and a stream */
    LP_NPU_CONVACC, /* convolution with accumulation */
    LP_NPU_ARITH,   /* element arithmetic: A*x + B*y + C and others */
    LP_NPU_POOL,    /* pooling */
    LP_NPU_ACTIV,   /* activation functions */
    LP_NPU_UNIT_TYPES
};

/* How many of each there are; unit numbers run from 0. */
enum {
    LP_NPU_STRENG_UNITS = 10,
    LP_NPU_CONVACC_UNITS = 4,
    LP_NPU_ARITH_UNITS = 4,
    LP_NPU_POOL_UNITS = 2,
    LP_NPU_ACTIV_UNITS = 2,
    LP_NPU_MOST_UNITS = 10, /* of one type */
    LP_NPU_MOST_PORTS = 3   /* input ports of one unit */
};

enum lp_npu_afilt { LP_NPU_AFILT_NONE, LP_NPU_AFILT_PIXELDROP, LP_NPU_AFILT_FRAMEDROP, LP_NPU_AFILT_FRAMEZERO };

enum lp_npu_arith_operation {
    LP_NPU_ARITH_NONE,
    LP_NPU_ARITH_AFFINE,
    LP_NPU_ARITH_MIN,
    LP_NPU_ARITH_MAX,
    LP_NPU_ARITH_MUL,
    LP_NPU_ARITH_X_AND_Y,
    LP_NPU_ARITH_X_OR_Y,
    LP_NPU_ARITH_NOT_X,
    LP_NPU_ARITH_X_XOR_Y,
    LP_NPU_ARITH_X_EQ_Y,
    LP_NPU_ARITH_X_LT_Y,
    LP_NPU_ARITH_X_LE_Y,
    LP_NPU_ARITH_X_GT_Y,
    LP_NPU_ARITH_X_GE_Y,
    LP_NPU_ARITH_ABS_X,
    LP_NPU_ARITH_SIGN_X,
    LP_NPU_ARITH_CLIP
};

enum lp_npu_bcast {
    LP_NPU_BCAST_NONE,
    LP_NPU_BCAST_CHAN,
    LP_NPU_BCAST_HEIGHT,
    LP_NPU_BCAST_WIDTH,
    LP_NPU_BCAST_HEIGHT_WIDTH,
    LP_NPU_BCAST_SCALAR
};

enum lp_npu_pool_operation {
    LP_NPU_POOL_NONE,
    LP_NPU_POOL_MAX,
    LP_NPU_POOL_MIN,
    LP_NPU_POOL_AVG,
    LP_NPU_POOL_GMAX,
    LP_NPU_POOL_GMIN,
    LP_NPU_POOL_GAVG
};

enum lp_npu_activ_operation {
    LP_NPU_ACTIV_NONE,
    LP_NPU_ACTIV_RELU,
    LP_NPU_ACTIV_PRELU,
    LP_NPU_ACTIV_TRELU,
    LP_NPU_ACTIV_FUNC,
    LP_NPU_ACTIV_LUT
};

/* Stream engine. It transfers frame_tot_cnt frames. Raw: a frame is a run of elements. Raster: fheight lines of fwidth
 * pixels of batch_depth elements. Addresses and offsets are device bytes. */
struct lp_npu_streng {
    int32_t unit;
    int32_t dir; /* 0 memory to stream, 1 stream to memory */
    int32_t raw;
    int32_t raw_out;    /* no effect on values */
    int32_t continuous; /* raw: frames follow each other */
    int32_t noblk, noinc;
    int32_t align_right;               /* value in the low bits of the word; sign-extended unless nbits_unsigned */
    int32_t mem_lsb;                   /* narrowing without align_right: keep the low bits */
    int32_t sync_with_other, sync_dma; /* dir 0: frame n only after engine sync_dma has stored its frame n */
    int32_t nbits_unsigned;
    int32_t nbits_in, nbits_out; /* dir 0: memory, stream; dir 1: stream, memory. 8, 16 or 24 */
    int32_t cacheable, cache_allocate, cache_linesize, bus_cid, bus_pfetch;
    int32_t cipher_en, key_sel;
    uint32_t addr_base, offset_start, offset_end, offset_limit;
    uint32_t frame_count; /* raw: elements of a frame; 0: (offset_end - offset_start) * 8 / bits in memory */
    uint32_t fwidth, fheight, batch_depth;
    uint32_t batch_offset, line_offset; /* bytes from pixel to pixel; from line to line, 0 = fwidth * batch_offset */
    uint32_t frame_offset, loop_offset, frame_loop_cnt;
    uint32_t frame_tot_cnt; /* 0: without end (only dir 0, only beside engines that end) */
};

/* Convolution. Port 0 features, 1 kernels, 2 partial sums. */
struct lp_npu_convacc {
    int32_t unit;
    int32_t simd;   /* 0 and 1: 8x8 bit, 2: 16x8 bit; the width itself is inbytes_f */
    int32_t fsub;   /* subtracted from every feature, before padding */
    int32_t zfbias; /* value of padding samples */
    int32_t vshift;
    int32_t accumulate, accumulate_first, accumulate_gen_first;
    int32_t afilt_mode;                         /* enum lp_npu_afilt */
    int32_t afilt_tot, afilt_first, afilt_last; /* of every tot frames first..last are added */
    int32_t kfilt_tot, kfilt_first, kfilt_last; /* kernels of a frame in the shared stream, and which are ours */
    int32_t fstat, fstatcnt;                    /* a feature frame serves fstatcnt output frames */
    int32_t kt1_mode;
    int32_t rounding_f, saturation_f, round_mode_f;
    int32_t f_unsigned, k_unsigned;
    int32_t deepmode; /* three channels a 24-bit word, 1x1 */
    int32_t dss2mode; /* two channels a 16-bit word */
    int32_t kseten;
    int32_t inbytes_f, shift_f;
    int32_t shift_a; /* left shift of the partial sum */
    int32_t rounding_o, saturation_o, round_mode_o, relu_mode_o, outbytes_o, shift_o, raw_o;
    int32_t fWidth, fHeight, kernelWidth, kernelHeight, nKernels, batchDepth, hstride, vstride;
    int32_t left_padding, right_padding, top_padding, bot_padding;
    int32_t left_crop, right_crop, top_crop, bot_crop; /* first and last kept index */
};

/* Element arithmetic. Port 0 X, 1 Y. Vectors are device addresses of coefficient tables, 0 = the scalar for all. */
struct lp_npu_arith {
    int32_t unit;
    int32_t operation; /* enum lp_npu_arith_operation */
    int32_t bcast;     /* enum lp_npu_bcast: which coefficient an element takes */
    int32_t scalar, dualinput, combinebc, clipout, clipmin, clipmax;
    int32_t rounding_x, saturation_x, round_mode_x, inbytes_x, outbytes_x, shift_x;
    int32_t rounding_y, saturation_y, round_mode_y, inbytes_y, outbytes_y, shift_y;
    int32_t rounding_o, saturation_o, round_mode_o, relu_mode_o, outbytes_o, shift_o;
    int32_t Ax_shift, By_shift, C_shift;
    int32_t fWidth, fHeight, fChannels, batchDepth; /* of the stream that arrives at X */
    int32_t A_scalar, B_scalar, C_scalar;
    uint32_t A_vector, B_vector, C_vector;
    int32_t vec_precision[3]; /* bits of an entry of A, B, C */
};

struct lp_npu_pool {
    int32_t unit;
    int32_t operation; /* enum lp_npu_pool_operation */
    int32_t avgnopad;
    int32_t inputX, inputY, outputX, outputY, poolWinX, poolWinY, strideX, strideY;
    int32_t topCrop, bottomCrop, leftCrop, rightCrop; /* first and last kept index */
    int32_t topPad, bottomPad, leftPad, rightPad;
    int32_t batchSize; /* channels of a frame */
    int32_t nbytes, dualLine;
    int32_t shift_f, rounding_f, saturation_f, round_mode_f, inbytes_f, outbytes_f;
    int32_t shift_o, rounding_o, saturation_o, round_mode_o, relu_mode_o, outbytes_o;
    int32_t mulval; /* factor of averages */
    int32_t pad_val_en, pad_val;
};

struct lp_npu_activ {
    int32_t unit;
    int32_t operation; /* enum lp_npu_activ_operation */
    int32_t shift_f, rounding_f, saturation_f, round_mode_f, inbytes_f, outbytes_f;
    int32_t shift_o, rounding_o, saturation_o, round_mode_o, relu_mode_o, outbytes_o;
    int32_t signedop;
    uint32_t parameter, parameter_2;
    uint32_t ROM0_vector, ROM1_vector, LUT_vector; /* device addresses */
    uint32_t ROM0_nbytes, ROM1_nbytes;
    int32_t shift_b, shift_c, shift_norm, bwidth;
    int32_t fsub;
    uint32_t nbytes;
};

#endif
