#include "neural-art/fields.h"

#include <string.h>

/* Ranges are the widths of the registers behind the members, where known; what a value means is checked elsewhere. */
#define INT(type, member, low, high)                                           \
    {                                                                          \
#member, LP_NPU_FIELD_INT, offsetof(type, member), (low), (high), NULL \
    }
#define FLAG(type, member) INT(type, member, 0, 1)
#define ADDRESS(type, member)                                                      \
    {                                                                              \
#member, LP_NPU_FIELD_ADDRESS, offsetof(type, member), 0, UINT32_MAX, NULL \
    }
#define SIZE(type, member, high)                                               \
    {                                                                          \
#member, LP_NPU_FIELD_ADDRESS, offsetof(type, member), 0, (high), NULL \
    }
#define NAME(type, member, list)                                                                                       \
    {                                                                                                                  \
#member, LP_NPU_FIELD_NAME, offsetof(type, member), 0, (int64_t)(sizeof(list) / sizeof((list)[0])) - 1, (list) \
    }
#define INT3(type, member, low, high)                                           \
    {                                                                           \
#member, LP_NPU_FIELD_INT3, offsetof(type, member), (low), (high), NULL \
    }

enum {
    INT16_LOW = -32768,
    INT16_HIGH = 32767,
    UINT16_HIGH = 65535,
    INT24_LOW = -(1 << 23),
    INT24_HIGH = (1 << 23) - 1,
    MOST_PITCH = 1 << 30 /* bytes between pixels or lines */
};

static const char *const afilt_names[] = {"NONE", "PIXELDROP", "FRAMEDROP", "FRAMEZERO"};
static const char *const arith_names[] = {"NONE",   "AFFINE", "MIN",     "MAX",    "MUL",    "X_AND_Y",
                                          "X_OR_Y", "NOT_X",  "X_XOR_Y", "X_EQ_Y", "X_LT_Y", "X_LE_Y",
                                          "X_GT_Y", "X_GE_Y", "ABS_X",   "SIGN_X", "CLIP"};
static const char *const bcast_names[] = {"NONE", "CHAN", "HEIGHT", "WIDTH", "HEIGHT_WIDTH", "SCALAR"};
static const char *const pool_names[] = {"NONE", "MAX", "MIN", "AVG", "GMAX", "GMIN", "GAVG"};
static const char *const activ_names[] = {"NONE", "RELU", "PRELU", "TRELU", "FUNC", "LUT"};

#define S struct lp_npu_streng
static const struct lp_npu_field streng_fields[] = {
    INT(S, unit, 0, LP_NPU_STRENG_UNITS - 1),
    FLAG(S, dir),
    FLAG(S, raw),
    FLAG(S, raw_out),
    FLAG(S, continuous),
    FLAG(S, noblk),
    FLAG(S, noinc),
    FLAG(S, align_right),
    FLAG(S, mem_lsb),
    FLAG(S, sync_with_other),
    INT(S, sync_dma, 0, LP_NPU_STRENG_UNITS - 1),
    FLAG(S, nbits_unsigned),
    INT(S, nbits_in, 8, 24),
    INT(S, nbits_out, 8, 24),
    FLAG(S, cacheable),
    FLAG(S, cache_allocate),
    INT(S, cache_linesize, 0, 3),
    INT(S, bus_cid, 0, 7),
    FLAG(S, bus_pfetch),
    FLAG(S, cipher_en),
    FLAG(S, key_sel),
    ADDRESS(S, addr_base),
    ADDRESS(S, offset_start),
    ADDRESS(S, offset_end),
    ADDRESS(S, offset_limit),
    ADDRESS(S, frame_count),
    SIZE(S, fwidth, UINT16_HIGH),
    SIZE(S, fheight, UINT16_HIGH),
    SIZE(S, batch_depth, UINT16_HIGH),
    SIZE(S, batch_offset, MOST_PITCH),
    SIZE(S, line_offset, MOST_PITCH),
    ADDRESS(S, frame_offset),
    ADDRESS(S, loop_offset),
    ADDRESS(S, frame_loop_cnt),
    ADDRESS(S, frame_tot_cnt),
};
#undef S

#define C struct lp_npu_convacc
static const struct lp_npu_field convacc_fields[] = {
    INT(C, unit, 0, LP_NPU_CONVACC_UNITS - 1),
    INT(C, simd, 0, 2),
    INT(C, fsub, INT24_LOW, INT24_HIGH),
    INT(C, zfbias, INT16_LOW, INT16_HIGH),
    INT(C, vshift, 0, 3),
    FLAG(C, accumulate),
    FLAG(C, accumulate_first),
    FLAG(C, accumulate_gen_first),
    NAME(C, afilt_mode, afilt_names),
    INT(C, afilt_tot, 0, 255),
    INT(C, afilt_first, 0, 255),
    INT(C, afilt_last, 0, 255),
    INT(C, kfilt_tot, 0, 255),
    INT(C, kfilt_first, 0, 255),
    INT(C, kfilt_last, 0, 255),
    FLAG(C, fstat),
    INT(C, fstatcnt, 0, UINT16_HIGH),
    FLAG(C, kt1_mode),
    FLAG(C, rounding_f),
    FLAG(C, saturation_f),
    INT(C, round_mode_f, 0, 3),
    FLAG(C, f_unsigned),
    FLAG(C, k_unsigned),
    FLAG(C, deepmode),
    FLAG(C, dss2mode),
    INT(C, kseten, 0, 3),
    INT(C, inbytes_f, 1, 3),
    INT(C, shift_f, -32, 31),
    INT(C, shift_a, 0, 31),
    FLAG(C, rounding_o),
    FLAG(C, saturation_o),
    FLAG(C, round_mode_o),
    FLAG(C, relu_mode_o),
    INT(C, outbytes_o, 1, 3),
    INT(C, shift_o, -32, 31),
    FLAG(C, raw_o),
    INT(C, fWidth, 1, UINT16_HIGH),
    INT(C, fHeight, 1, UINT16_HIGH),
    INT(C, kernelWidth, 1, 255),
    INT(C, kernelHeight, 1, 255),
    INT(C, nKernels, 1, 255),
    INT(C, batchDepth, 1, 255),
    INT(C, hstride, 0, 7),
    INT(C, vstride, 0, 7),
    INT(C, left_padding, 0, 255),
    INT(C, right_padding, 0, 255),
    INT(C, top_padding, 0, 255),
    INT(C, bot_padding, 0, 255),
    INT(C, left_crop, 0, UINT16_HIGH),
    INT(C, right_crop, 0, UINT16_HIGH),
    INT(C, top_crop, 0, UINT16_HIGH),
    INT(C, bot_crop, 0, UINT16_HIGH),
};
#undef C

#define A struct lp_npu_arith
static const struct lp_npu_field arith_fields[] = {
    INT(A, unit, 0, LP_NPU_ARITH_UNITS - 1),
    NAME(A, operation, arith_names),
    NAME(A, bcast, bcast_names),
    FLAG(A, scalar),
    FLAG(A, dualinput),
    FLAG(A, combinebc),
    FLAG(A, clipout),
    INT(A, clipmin, INT16_LOW, INT16_HIGH),
    INT(A, clipmax, INT16_LOW, INT16_HIGH),
    FLAG(A, rounding_x),
    FLAG(A, saturation_x),
    INT(A, round_mode_x, 0, 3),
    INT(A, inbytes_x, 1, 3),
    INT(A, outbytes_x, 1, 3),
    INT(A, shift_x, -32, 31),
    FLAG(A, rounding_y),
    FLAG(A, saturation_y),
    INT(A, round_mode_y, 0, 3),
    INT(A, inbytes_y, 0, 3),
    INT(A, outbytes_y, 0, 3),
    INT(A, shift_y, -32, 31),
    FLAG(A, rounding_o),
    FLAG(A, saturation_o),
    FLAG(A, round_mode_o),
    FLAG(A, relu_mode_o),
    INT(A, outbytes_o, 1, 3),
    INT(A, shift_o, -32, 31),
    INT(A, Ax_shift, 0, 31),
    INT(A, By_shift, 0, 31),
    INT(A, C_shift, 0, 31),
    INT(A, fWidth, 0, INT32_MAX),
    INT(A, fHeight, 0, INT32_MAX),
    INT(A, fChannels, 0, UINT16_HIGH),
    INT(A, batchDepth, 0, UINT16_HIGH),
    INT(A, A_scalar, INT16_LOW, INT16_HIGH),
    INT(A, B_scalar, INT16_LOW, INT16_HIGH),
    INT(A, C_scalar, INT16_LOW, INT16_HIGH),
    ADDRESS(A, A_vector),
    ADDRESS(A, B_vector),
    ADDRESS(A, C_vector),
    INT3(A, vec_precision, 0, 32),
};
#undef A

#define P struct lp_npu_pool
static const struct lp_npu_field pool_fields[] = {
    INT(P, unit, 0, LP_NPU_POOL_UNITS - 1),
    NAME(P, operation, pool_names),
    FLAG(P, avgnopad),
    INT(P, inputX, 1, 4095),
    INT(P, inputY, 1, 4095),
    INT(P, outputX, 0, 4096),
    INT(P, outputY, 0, 4096),
    INT(P, poolWinX, 0, 7),
    INT(P, poolWinY, 0, 7),
    INT(P, strideX, 0, 15),
    INT(P, strideY, 0, 15),
    INT(P, topCrop, 0, 4095),
    INT(P, bottomCrop, 0, 4095),
    INT(P, leftCrop, 0, 4095),
    INT(P, rightCrop, 0, 4095),
    INT(P, topPad, 0, 7),
    INT(P, bottomPad, 0, 7),
    INT(P, leftPad, 0, 7),
    INT(P, rightPad, 0, 7),
    INT(P, batchSize, 1, 15),
    INT(P, nbytes, 0, 3),
    FLAG(P, dualLine),
    INT(P, shift_f, -32, 31),
    FLAG(P, rounding_f),
    FLAG(P, saturation_f),
    INT(P, round_mode_f, 0, 3),
    INT(P, inbytes_f, 1, 3),
    INT(P, outbytes_f, 1, 3),
    INT(P, shift_o, -32, 31),
    FLAG(P, rounding_o),
    FLAG(P, saturation_o),
    FLAG(P, round_mode_o),
    FLAG(P, relu_mode_o),
    INT(P, outbytes_o, 1, 3),
    INT(P, mulval, INT16_LOW, INT16_HIGH),
    FLAG(P, pad_val_en),
    INT(P, pad_val, INT16_LOW, INT16_HIGH),
};
#undef P

#define V struct lp_npu_activ
static const struct lp_npu_field activ_fields[] = {
    INT(V, unit, 0, LP_NPU_ACTIV_UNITS - 1),
    NAME(V, operation, activ_names),
    INT(V, shift_f, -32, 31),
    FLAG(V, rounding_f),
    FLAG(V, saturation_f),
    INT(V, round_mode_f, 0, 3),
    INT(V, inbytes_f, 1, 3),
    INT(V, outbytes_f, 1, 3),
    INT(V, shift_o, -32, 31),
    FLAG(V, rounding_o),
    FLAG(V, saturation_o),
    FLAG(V, round_mode_o),
    FLAG(V, relu_mode_o),
    INT(V, outbytes_o, 1, 3),
    FLAG(V, signedop),
    ADDRESS(V, parameter),
    ADDRESS(V, parameter_2),
    ADDRESS(V, ROM0_vector),
    ADDRESS(V, ROM1_vector),
    ADDRESS(V, LUT_vector),
    ADDRESS(V, ROM0_nbytes),
    ADDRESS(V, ROM1_nbytes),
    INT(V, shift_b, 0, 31),
    INT(V, shift_c, 0, 63),
    INT(V, shift_norm, 0, 31),
    INT(V, bwidth, 0, 7),
    INT(V, fsub, INT24_LOW, INT24_HIGH),
    ADDRESS(V, nbytes),
};
#undef V

#define ROWS(list) (list), sizeof(list) / sizeof((list)[0])
const struct lp_npu_unit_fields lp_npu_unit_fields[LP_NPU_UNIT_TYPES] = {
    {"STRENG", "streng", sizeof(struct lp_npu_streng), LP_NPU_STRENG_UNITS, 1, ROWS(streng_fields)},
    {"CONVACC", "convacc", sizeof(struct lp_npu_convacc), LP_NPU_CONVACC_UNITS, 3, ROWS(convacc_fields)},
    {"ARITH", "arith", sizeof(struct lp_npu_arith), LP_NPU_ARITH_UNITS, 2, ROWS(arith_fields)},
    {"POOL", "pool", sizeof(struct lp_npu_pool), LP_NPU_POOL_UNITS, 1, ROWS(pool_fields)},
    {"ACTIV", "activ", sizeof(struct lp_npu_activ), LP_NPU_ACTIV_UNITS, 1, ROWS(activ_fields)},
};

int lp_npu_unit_type_of(const char *text)
{
    for (int type = 0; type < LP_NPU_UNIT_TYPES; type++)
        if (strcmp(text, lp_npu_unit_fields[type].type) == 0)
            return type;
    return -1;
}

const struct lp_npu_field *lp_npu_field_find(enum lp_npu_unit_type type, const char *name)
{
    const struct lp_npu_unit_fields *unit = &lp_npu_unit_fields[type];
    for (size_t i = 0; i < unit->field_count; i++)
        if (strcmp(name, unit->fields[i].name) == 0)
            return &unit->fields[i];
    return NULL;
}

int64_t lp_npu_field_get(const struct lp_npu_field *field, const void *unit, int index)
{
    const char *place = (const char *)unit + field->offset + (size_t)index * sizeof(int32_t);
    uint32_t bits;
    memcpy(&bits, place, sizeof bits);
    int32_t value;
    memcpy(&value, place, sizeof value);
    return field->kind == LP_NPU_FIELD_ADDRESS ? (int64_t)bits : (int64_t)value;
}

void lp_npu_field_set(const struct lp_npu_field *field, void *unit, int index, int64_t value)
{
    uint32_t bits = (uint32_t)value;
    memcpy((char *)unit + field->offset + (size_t)index * sizeof bits, &bits, sizeof bits);
}
