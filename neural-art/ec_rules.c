#include "neural-art/ec_rules.h"

#include <string.h>

static const struct lp_ec_rule streng_rules[] = {
    {"CTRL", "DIR", "dir", LP_EC_PLAIN},
    {"CTRL", "RAW", "raw", LP_EC_PLAIN},
    {"CTRL", "RAW_OUT", "raw_out", LP_EC_PLAIN},
    {"CTRL", "CONT", "continuous", LP_EC_PLAIN},
    {"CTRL", "NOBLK", "noblk", LP_EC_PLAIN},
    {"CTRL", "NOINC", "noinc", LP_EC_PLAIN},
    {"CTRL", "LSBMODE", "align_right", LP_EC_PLAIN},
    {"EVENT", "FRMTRG_EN", "sync_with_other", LP_EC_PLAIN},
    {"EVENT", "FRMTRG_SRC", "sync_dma", LP_EC_PLAIN},
    {"CID_CACHE", "CID", "bus_cid", LP_EC_PLAIN},
    {"CID_CACHE", "CACHEABLE", "cacheable", LP_EC_PLAIN},
    {"CID_CACHE", "ALLOC", "cache_allocate", LP_EC_PLAIN},
    {"CID_CACHE", "PFETCH", "bus_pfetch", LP_EC_PLAIN},
    {"CID_CACHE", "LINESIZE", "cache_linesize", LP_EC_PLAIN},
    {"ENCR_MSB", "EN", "cipher_en", LP_EC_PLAIN},
    {"ENCR_MSB", "KEY_SEL", "key_sel", LP_EC_PLAIN},
    {"ADDR", NULL, "addr_base", LP_EC_PLAIN},
    {"FOFFSET", NULL, "frame_offset", LP_EC_PLAIN},
    {"FRAME_RPT", NULL, "frame_loop_cnt", LP_EC_PLAIN},
    {"FRPTOFF", NULL, "loop_offset", LP_EC_PLAIN},
};

static const struct lp_ec_rule convacc_rules[] = {
    {"CTRL", "NOSUM", "accumulate", LP_EC_INVERTED},
    {"CTRL", "NO1SUM", "accumulate_first", LP_EC_INVERTED},
    {"CTRL", "GEN1SUM", "accumulate_gen_first", LP_EC_PLAIN},
    {"CTRL", "AFILTMODE", "afilt_mode", LP_EC_PLAIN},
    {"CTRL", "SIMD", "simd", LP_EC_PLAIN},
    {"CTRL", "KT1", "kt1_mode", LP_EC_PLAIN},
    {"CTRL", "KSETEN", "kseten", LP_EC_PLAIN},
    {"CTRL", "FUNSIGNED", "f_unsigned", LP_EC_PLAIN},
    {"CTRL", "KUNSIGNED", "k_unsigned", LP_EC_PLAIN},
    {"CTRL", "FSTAT", "fstat", LP_EC_PLAIN},
    {"CTRL", "DEEPMODE", "deepmode", LP_EC_PLAIN},
    {"CTRL", "DSS2MODE", "dss2mode", LP_EC_PLAIN},
    {"AFILT", "TOT", "afilt_tot", LP_EC_PLAIN},
    {"AFILT", "FIRST", "afilt_first", LP_EC_PLAIN},
    {"AFILT", "LAST", "afilt_last", LP_EC_PLAIN},
    {"DFORMAT", "FROUND", "rounding_f", LP_EC_PLAIN},
    {"DFORMAT", "FSAT", "saturation_f", LP_EC_PLAIN},
    {"DFORMAT", "FRNDMODE", "round_mode_f", LP_EC_PLAIN},
    {"DFORMAT", "FBYTES", "inbytes_f", LP_EC_PLAIN},
    {"DFORMAT", "FSHIFT", "shift_f", LP_EC_BIASED},
    {"DFORMAT", "ROUND", "rounding_o", LP_EC_PLAIN},
    {"DFORMAT", "SAT", "saturation_o", LP_EC_PLAIN},
    {"DFORMAT", "ORNDMODE", "round_mode_o", LP_EC_BIT_0},
    {"DFORMAT", "ORNDMODE", "relu_mode_o", LP_EC_BIT_1},
    {"DFORMAT", "OBYTES", "outbytes_o", LP_EC_PLAIN},
    {"DFORMAT", "OUTSHIFT", "shift_o", LP_EC_SIGNED},
    {"DFORMAT", "RAW", "raw_o", LP_EC_PLAIN},
    {"DFORMAT", "INSHIFT", "shift_a", LP_EC_PLAIN},
    {"FFORMAT", "HEIGHT", "fHeight", LP_EC_PLAIN},
    {"KFORMAT", "WIDTH", "kernelWidth", LP_EC_PLAIN},
    {"KFORMAT", "HEIGHT", "kernelHeight", LP_EC_PLAIN},
    {"KFORMAT", "NR", "nKernels", LP_EC_PLAIN},
    {"KFORMAT", "BTCDEPTH", "batchDepth", LP_EC_PLAIN},
    {"SAMPLE", "HSTRD", "hstride", LP_EC_PLAIN},
    {"SAMPLE", "VSTRD", "vstride", LP_EC_PLAIN},
    {"SAMPLE", "FSTATCNT", "fstatcnt", LP_EC_PLAIN},
    {"FVCROP", "TOP", "top_crop", LP_EC_PLAIN},
    {"FVCROP", "BOTTOM", "bot_crop", LP_EC_PLAIN},
    {"FSUB", "FSUB", "fsub", LP_EC_SIGNED},
    {"ZFBIAS", "ZFBIAS", "zfbias", LP_EC_SIGNED},
};

static const struct lp_ec_rule arith_rules[] = {
    {"CTRL", "COEFFA", "scalar", LP_EC_INVERTED},
    {"CTRL", "DUALIN", "dualinput", LP_EC_PLAIN},
    {"CTRL", "COMBINEBC", "combinebc", LP_EC_PLAIN},
    {"CTRL", "CLIPOUT", "clipout", LP_EC_PLAIN},
    {"CTRL", "ROUND", "rounding_o", LP_EC_PLAIN},
    {"CTRL", "SAT", "saturation_o", LP_EC_PLAIN},
    {"CTRL", "ORNDMODE", "round_mode_o", LP_EC_BIT_0},
    {"CTRL", "ORNDMODE", "relu_mode_o", LP_EC_BIT_1},
    {"CTRL", "OBYTES", "outbytes_o", LP_EC_PLAIN},
    {"SHIFT", "AX", "Ax_shift", LP_EC_PLAIN},
    {"SHIFT", "BY", "By_shift", LP_EC_PLAIN},
    {"SHIFT", "C", "C_shift", LP_EC_PLAIN},
    {"SHIFT", "RES", "shift_o", LP_EC_SIGNED},
    {"COEFFAC", "A", "A_scalar", LP_EC_SIGNED},
    {"COEFFAC", "C", "C_scalar", LP_EC_SIGNED},
    {"COEFFB", "B", "B_scalar", LP_EC_SIGNED},
    {"INSHIFTER", "FBYTESX", "inbytes_x", LP_EC_PLAIN},
    {"INSHIFTER", "FSHIFTX", "shift_x", LP_EC_BIASED},
    {"INSHIFTER", "FROUNDX", "rounding_x", LP_EC_PLAIN},
    {"INSHIFTER", "FSATX", "saturation_x", LP_EC_PLAIN},
    {"INSHIFTER", "FRNDMODEX", "round_mode_x", LP_EC_PLAIN},
    {"INSHIFTER", "FOBYTESX", "outbytes_x", LP_EC_PLAIN},
    {"INSHIFTER", "FBYTESY", "inbytes_y", LP_EC_PLAIN},
    {"INSHIFTER", "FSHIFTY", "shift_y", LP_EC_BIASED},
    {"INSHIFTER", "FROUNDY", "rounding_y", LP_EC_PLAIN},
    {"INSHIFTER", "FSATY", "saturation_y", LP_EC_PLAIN},
    {"INSHIFTER", "FRNDMODEY", "round_mode_y", LP_EC_PLAIN},
    {"INSHIFTER", "FOBYTESY", "outbytes_y", LP_EC_PLAIN},
    {"CLIPRANGE", "CLIPMIN", "clipmin", LP_EC_SIGNED},
    {"CLIPRANGE", "CLIPMAX", "clipmax", LP_EC_SIGNED},
};

static const struct lp_ec_rule pool_rules[] = {
    {"CTRL", "ROUND", "rounding_o", LP_EC_PLAIN},        {"CTRL", "SAT", "saturation_o", LP_EC_PLAIN},
    {"CTRL", "OUTSHIFT", "shift_o", LP_EC_SIGNED},       {"CTRL", "DUALLINE", "dualLine", LP_EC_PLAIN},
    {"CTRL", "FBYTES", "inbytes_f", LP_EC_PLAIN},        {"CTRL", "FSHIFT", "shift_f", LP_EC_BIASED},
    {"CTRL", "FROUND", "rounding_f", LP_EC_PLAIN},       {"CTRL", "FSAT", "saturation_f", LP_EC_PLAIN},
    {"RNDCTRL", "FOBYTES", "outbytes_f", LP_EC_PLAIN},   {"RNDCTRL", "FRNDMODE", "round_mode_f", LP_EC_PLAIN},
    {"RNDCTRL", "OBYTES", "outbytes_o", LP_EC_PLAIN},    {"RNDCTRL", "ORNDMODE", "round_mode_o", LP_EC_BIT_0},
    {"RNDCTRL", "ORNDMODE", "relu_mode_o", LP_EC_BIT_1}, {"PDIMS", "WINX", "poolWinX", LP_EC_PLAIN},
    {"PDIMS", "WINY", "poolWinY", LP_EC_PLAIN},          {"PDIMS", "STRDX", "strideX", LP_EC_PLAIN},
    {"PDIMS", "STRDY", "strideY", LP_EC_PLAIN},          {"PDIMS", "TPAD", "topPad", LP_EC_PLAIN},
    {"PDIMS", "BPAD", "bottomPad", LP_EC_PLAIN},         {"PDIMS", "LPAD", "leftPad", LP_EC_PLAIN},
    {"PDIMS", "RPAD", "rightPad", LP_EC_PLAIN},          {"PDIMS", "BSIZE", "batchSize", LP_EC_PLAIN},
    {"FDIMS", "FEATY", "inputY", LP_EC_PLAIN},           {"OUTDIMS", "FEATX", "outputX", LP_EC_PLAIN},
    {"OUTDIMS", "FEATY", "outputY", LP_EC_PLAIN},        {"MULVAL", "MULVAL", "mulval", LP_EC_SIGNED},
    {"YCROP", "TCROP", "topCrop", LP_EC_PLAIN},          {"YCROP", "BCROP", "bottomCrop", LP_EC_PLAIN},
};

static const struct lp_ec_rule activ_rules[] = {
    {"CTRL", "FBYTES", "inbytes_f", LP_EC_PLAIN},      {"CTRL", "FSHIFT", "shift_f", LP_EC_BIASED},
    {"CTRL", "FROUND", "rounding_f", LP_EC_PLAIN},     {"CTRL", "FSAT", "saturation_f", LP_EC_PLAIN},
    {"CTRL", "FRNDMODE", "round_mode_f", LP_EC_PLAIN}, {"CTRL", "FOBYTES", "outbytes_f", LP_EC_PLAIN},
    {"CTRL", "ROUND", "rounding_o", LP_EC_PLAIN},      {"CTRL", "SAT", "saturation_o", LP_EC_PLAIN},
    {"CTRL", "OBYTES", "outbytes_o", LP_EC_PLAIN},     {"CTRL", "ORNDMODE", "round_mode_o", LP_EC_BIT_0},
    {"CTRL", "ORNDMODE", "relu_mode_o", LP_EC_BIT_1},  {"ACTIVPARAM", "PARAM", "parameter", LP_EC_PLAIN},
    {"ACTIVPARAM", "FUNC", "shift_norm", LP_EC_PLAIN}, {"ACTIVPARAM2", "PARAM2", "parameter_2", LP_EC_PLAIN},
    {"FUNC", "OUTSHIFT", "shift_o", LP_EC_SIGNED},     {"FUNC", "CSHIFT", "shift_c", LP_EC_PLAIN},
    {"FUNC", "BSHIFT", "shift_b", LP_EC_PLAIN},        {"FUNC", "SIGNEDOP", "signedop", LP_EC_PLAIN},
    {"FUNC", "BWIDTH", "bwidth", LP_EC_PLAIN},         {"FSUB", "FSUB", "fsub", LP_EC_SIGNED},
};

const struct lp_ec_rules lp_ec_rules_of[LP_NPU_UNIT_TYPES] = {
    [LP_NPU_STRENG] = {streng_rules, LP_COUNT(streng_rules)}, [LP_NPU_CONVACC] = {convacc_rules, LP_COUNT(convacc_rules)},
    [LP_NPU_ARITH] = {arith_rules, LP_COUNT(arith_rules)},    [LP_NPU_POOL] = {pool_rules, LP_COUNT(pool_rules)},
    [LP_NPU_ACTIV] = {activ_rules, LP_COUNT(activ_rules)},
};

const int32_t lp_ec_arith_codes[LP_NPU_ARITH_CLIP + 1] = {-1, 0, 1, 2, 7, 11, 15, 19, 23, 27, 31, 35, 39, 43, 47, 51, 55};
const int32_t lp_ec_pool_codes[LP_NPU_POOL_GAVG + 1] = {-1, 0, 1, 2, 8, 9, 10};

const struct lp_ec_port_range lp_ec_destinations[LP_EC_PORT_RANGES] = {{0, 10, 1, LP_NPU_STRENG},
                                                                       {10, 12, 3, LP_NPU_CONVACC},
                                                                       {26, 2, 1, LP_NPU_ACTIV},
                                                                       {28, 8, 2, LP_NPU_ARITH},
                                                                       {36, 2, 1, LP_NPU_POOL}};
const struct lp_ec_port_range lp_ec_sources[LP_EC_PORT_RANGES] = {{0, 10, 1, LP_NPU_STRENG},
                                                                  {10, 4, 1, LP_NPU_CONVACC},
                                                                  {16, 2, 1, LP_NPU_ACTIV},
                                                                  {18, 4, 1, LP_NPU_ARITH},
                                                                  {22, 2, 1, LP_NPU_POOL}};

const struct lp_ec_field *lp_ec_field_find(const struct lp_ec_register *reg, const char *name)
{
    for (const struct lp_ec_field *f = reg->fields; f != NULL && f->name != NULL; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

const struct lp_ec_register *lp_ec_register_find(uint32_t page, const char *name)
{
    for (size_t i = 0; i < lp_ec_pages[page].register_count; i++)
        if (strcmp(lp_ec_pages[page].registers[i].name, name) == 0)
            return &lp_ec_pages[page].registers[i];
    return NULL;
}
