#include <inttypes.h>
#include <stdio.h>

#include "neural-art/fields.h"
#include "simulator/neural-art/check.h"
#include "simulator/neural-art/units.h"

void lp_sim_refuse(struct lp_sim_checker *k, const char *field, int64_t found, const char *allowed)
{
    lp_sim_find(k->findings, LP_SIM_ERROR, k->place, field, allowed, "%" PRId64, found);
}

static void check_range(struct lp_sim_checker *k, const struct lp_npu_field *field, const void *unit)
{
    int count = field->kind == LP_NPU_FIELD_INT3 ? 3 : 1;
    for (int i = 0; i < count; i++) {
        int64_t value = lp_npu_field_get(field, unit, i);
        char allowed[64];
        snprintf(allowed, sizeof allowed, "%" PRId64 " to %" PRId64, field->min, field->max);
        if (value < field->min || value > field->max)
            lp_sim_refuse(k, field->name, value, allowed);
    }
}

bool lp_sim_check_fields(struct lp_sim_checker *k)
{
    uint32_t before = k->findings->error_count;
    for (int type = 0; type < LP_NPU_UNIT_TYPES; type++) {
        const struct lp_npu_unit_fields *table = &lp_npu_unit_fields[type];
        uint32_t used = 0;
        for (uint32_t i = 0; i < k->epoch->unit_count[type]; i++) {
            const void *unit = lp_npu_epoch_unit(k->epoch, (enum lp_npu_unit_type)type, i);
            int64_t number = lp_npu_field_get(&table->fields[0], unit, 0);
            k->place.unit_type = type;
            k->place.unit_index = (int32_t)number;
            for (size_t f = 0; f < table->field_count; f++)
                check_range(k, &table->fields[f], unit);
            if (number < 0 || number >= table->unit_count)
                continue;
            if (used >> number & 1)
                lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "unit", "one configuration of a unit in an epoch", "used twice");
            used |= 1u << number;
        }
    }
    return k->findings->error_count == before;
}

static int32_t sample_padding(const struct lp_npu_convacc *c, int32_t padding, int32_t kernel)
{
    if (c->deepmode || c->dss2mode || c->zfbias != 0)
        return 0;
    int32_t most = kernel - 1 < 2 ? kernel - 1 : 2;
    return padding < most ? padding : most;
}

static void check_convacc_frame(struct lp_sim_checker *k, const struct lp_npu_convacc *c)
{
    if (c->fWidth * c->batchDepth > UINT16_MAX)
        lp_sim_refuse(k, "fWidth * batchDepth", c->fWidth * c->batchDepth, "up to 65535");
    if (c->right_crop == 0 && c->fWidth > 1)
        lp_sim_refuse(k, "right_crop", 0, "the last kept column (0 has no proven meaning here)");
    else if (c->left_crop > c->right_crop || c->right_crop >= c->fWidth)
        lp_sim_refuse(k, "right_crop", c->right_crop, "left_crop to fWidth - 1");
    if (c->bot_crop == 0 && c->fHeight > 1)
        lp_sim_refuse(k, "bot_crop", 0, "the last kept line (0 has no proven meaning here)");
    else if (c->top_crop > c->bot_crop || c->bot_crop >= c->fHeight)
        lp_sim_refuse(k, "bot_crop", c->bot_crop, "top_crop to fHeight - 1");
    const int32_t pads[4] = {c->left_padding, c->right_padding, c->top_padding, c->bot_padding};
    for (int i = 0; i < 4; i++) {
        int32_t outer = pads[i] - sample_padding(c, pads[i], i < 2 ? c->kernelWidth : c->kernelHeight);
        int32_t outer_samples = i < 2 ? outer * c->batchDepth : outer;
        if (outer_samples > 255)
            lp_sim_refuse(k, "padding samples beyond the kernel's own", outer_samples, "up to 255");
    }
    if (lp_npu_convacc_out_width(c) == 0)
        lp_sim_refuse(k, "kernelWidth", c->kernelWidth, "up to the width of the cropped and padded frame");
    if (lp_npu_convacc_out_height(c) == 0)
        lp_sim_refuse(k, "kernelHeight", c->kernelHeight, "up to the height of the cropped and padded frame");
}

static void check_convacc_mode(struct lp_sim_checker *k, const struct lp_npu_convacc *c)
{
    if (c->vshift != 0)
        lp_sim_refuse(k, "vshift", c->vshift, "0 (no other value has a known meaning)");
    if (c->kt1_mode != 0)
        lp_sim_refuse(k, "kt1_mode", c->kt1_mode, "0 (its meaning is not known)");
    if (c->saturation_f != 0)
        lp_sim_refuse(k, "saturation_f", c->saturation_f, "0 (its width is not known)");
    if (c->shift_f < 0)
        lp_sim_refuse(k, "shift_f", c->shift_f, "0 to 31");
    if (c->deepmode && (c->kernelWidth != 1 || c->kernelHeight != 1))
        lp_sim_refuse(k, "kernelWidth * kernelHeight", c->kernelWidth * c->kernelHeight, "1 with deepmode");
    if (c->deepmode && c->dss2mode)
        lp_sim_refuse(k, "dss2mode", 1, "0 with deepmode");
    if (c->deepmode && c->inbytes_f == 2)
        lp_sim_refuse(k, "inbytes_f", 2, "3 (raw feed) or 1 (raster feed) with deepmode");
    if (c->dss2mode && c->batchDepth % 2 != 0)
        lp_sim_refuse(k, "batchDepth", c->batchDepth, "an even number with dss2mode");
    if (c->fstat && (c->deepmode || c->dss2mode))
        lp_sim_refuse(k, "fstat", 1, "0 with deepmode or dss2mode");
    if (c->fstat && c->fstatcnt == 0)
        lp_sim_refuse(k, "fstatcnt", 0, "1 or more with fstat");
}

void lp_sim_check_convacc(struct lp_sim_checker *k, const struct lp_npu_convacc *c)
{
    check_convacc_mode(k, c);
    check_convacc_frame(k, c);
    if (c->afilt_mode == LP_NPU_AFILT_PIXELDROP || c->afilt_mode == LP_NPU_AFILT_FRAMEDROP)
        lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "afilt_mode",
                    "NONE or FRAMEZERO (the meaning of the others is not known)", "%s",
                    lp_npu_field_find(LP_NPU_CONVACC, "afilt_mode")->names[c->afilt_mode]);
    if (c->afilt_mode == LP_NPU_AFILT_FRAMEZERO && c->afilt_tot == 0)
        lp_sim_refuse(k, "afilt_tot", 0, "1 or more with FRAMEZERO");
    if (c->kfilt_tot == 0)
        return;
    if (c->kfilt_tot % c->nKernels != 0)
        lp_sim_refuse(k, "kfilt_tot", c->kfilt_tot, "0 or a multiple of nKernels");
    else if (c->kfilt_first % c->nKernels != 0 || c->kfilt_first >= c->kfilt_tot)
        lp_sim_refuse(k, "kfilt_first", c->kfilt_first, "a multiple of nKernels below kfilt_tot");
    if (c->kfilt_last != c->kfilt_first + c->nKernels - 1)
        lp_sim_refuse(k, "kfilt_last", c->kfilt_last, "kfilt_first + nKernels - 1");
}

static void check_coefficients(struct lp_sim_checker *k, const struct lp_npu_arith *c)
{
    const uint32_t vectors[3] = {c->A_vector, c->B_vector, c->C_vector};
    bool wide_c = c->combinebc != 0;
    for (int i = 0; i < 3; i++) {
        int32_t bits = c->vec_precision[i];
        if (vectors[i] == 0)
            continue;
        if (i == 2 && wide_c && bits != 32)
            lp_sim_refuse(k, "vec_precision of C", bits, "32 with combinebc (16 has no proven meaning)");
        else if (!(i == 2 && wide_c) && bits != 8 && bits != 16)
            lp_sim_refuse(k, "vec_precision", bits, "8 or 16, 32 for C with combinebc");
    }
    bool walks = c->bcast != LP_NPU_BCAST_NONE && c->bcast != LP_NPU_BCAST_SCALAR;
    if (walks && (c->fWidth < 1 || c->fHeight < 1 || c->batchDepth < 1))
        lp_sim_refuse(k, "fWidth, fHeight or batchDepth", 0, "1 or more with this bcast");
    uint64_t count = lp_sim_arith_coefficient_count(c);
    if (count < 1 || count > LP_SIM_COEFFICIENTS)
        lp_sim_refuse(k, "number of coefficients", (int64_t)count, "1 to 512");
    if (c->bcast == LP_NPU_BCAST_CHAN && c->batchDepth > c->fChannels)
        lp_sim_refuse(k, "batchDepth", c->batchDepth, "up to fChannels with bcast CHAN");
}

void lp_sim_check_arith(struct lp_sim_checker *k, const struct lp_npu_arith *c)
{
    bool is_pairwise = c->operation == LP_NPU_ARITH_MUL || c->operation == LP_NPU_ARITH_MIN || c->operation == LP_NPU_ARITH_MAX;
    if (c->operation != LP_NPU_ARITH_AFFINE && !is_pairwise)
        lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "operation",
                    "AFFINE, MUL, MIN or MAX (the others have no known arithmetic)", "%s",
                    lp_npu_field_find(LP_NPU_ARITH, "operation")->names[c->operation]);
    if (is_pairwise && !c->dualinput)
        lp_sim_refuse(k, "dualinput", 0, "1 with MUL, MIN and MAX");
    if (c->dualinput && c->inbytes_y == 0)
        lp_sim_refuse(k, "inbytes_y", 0, "1 to 3 with dualinput");
    if (c->dualinput && c->outbytes_y == 0)
        lp_sim_refuse(k, "outbytes_y", 0, "1 to 3 with dualinput");
    if (!c->scalar)
        check_coefficients(k, c);
    if (!c->clipout)
        return;
    int32_t high = (1 << (8 * c->outbytes_o - 1)) - 1;
    if (!c->saturation_o)
        lp_sim_refuse(k, "saturation_o", 0, "1 with clipout (0 has no proven meaning)");
    if (c->clipmin > c->clipmax || c->clipmin < -high - 1)
        lp_sim_refuse(k, "clipmin", c->clipmin, "the smallest value of outbytes_o bytes to clipmax");
    if (c->clipmax > high)
        lp_sim_refuse(k, "clipmax", c->clipmax, "up to the largest value of outbytes_o bytes");
}

static void check_pool_window(struct lp_sim_checker *k, const struct lp_npu_pool *c)
{
    int32_t columns = c->rightCrop - c->leftCrop + 1, lines = c->bottomCrop - c->topCrop + 1;
    if (c->strideX < 1 || c->strideY < 1)
        lp_sim_refuse(k, "strideX or strideY", 0, "1 to 15");
    if (c->poolWinX < 1 || c->poolWinX > columns)
        lp_sim_refuse(k, "poolWinX", c->poolWinX, "1 up to the kept columns, at most 7");
    if (c->poolWinY < 1 || c->poolWinY > lines)
        lp_sim_refuse(k, "poolWinY", c->poolWinY, "1 up to the kept lines, at most 7");
    if (c->strideX < 1 || c->strideY < 1 || c->poolWinX < 1 || c->poolWinX > columns || c->poolWinY < 1 || c->poolWinY > lines)
        return;
    if (c->outputX != (columns - c->poolWinX) / c->strideX + 1 || c->outputY != (lines - c->poolWinY) / c->strideY + 1)
        lp_sim_find(k->findings, LP_SIM_WARNING, k->place, "outputX, outputY", "(kept - window) / stride + 1", "%d x %d",
                    c->outputX, c->outputY);
}

void lp_sim_check_pool(struct lp_sim_checker *k, const struct lp_npu_pool *c)
{
    bool is_global = c->operation == LP_NPU_POOL_GAVG;
    if (c->operation == LP_NPU_POOL_NONE || c->operation == LP_NPU_POOL_GMAX || c->operation == LP_NPU_POOL_GMIN)
        lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "operation", "MAX, MIN, AVG or GAVG (the others have no proven meaning)",
                    "%s", lp_npu_field_find(LP_NPU_POOL, "operation")->names[c->operation]);
    if (c->leftCrop > c->rightCrop || c->rightCrop >= c->inputX)
        lp_sim_refuse(k, "rightCrop", c->rightCrop, "leftCrop to inputX - 1");
    if (c->topCrop > c->bottomCrop || c->bottomCrop >= c->inputY)
        lp_sim_refuse(k, "bottomCrop", c->bottomCrop, "topCrop to inputY - 1");
    if (c->topPad || c->bottomPad || c->leftPad || c->rightPad || c->pad_val_en)
        lp_sim_refuse(k, "padding", c->topPad + c->bottomPad + c->leftPad + c->rightPad + c->pad_val_en,
                      "0 (pad with a convolution before the pooling)");
    if (c->inputX * c->batchSize > 4095)
        lp_sim_refuse(k, "inputX * batchSize", c->inputX * c->batchSize, "up to 4095");
    if ((c->operation == LP_NPU_POOL_MAX || c->operation == LP_NPU_POOL_MIN) && c->shift_o != 0)
        lp_sim_refuse(k, "shift_o", c->shift_o, "0 with MAX and MIN (others have no proven meaning)");
    if (!is_global)
        check_pool_window(k, c);
}

static void check_activ_tables(struct lp_sim_checker *k, const struct lp_npu_activ *c)
{
    if (c->inbytes_f != 1 || c->outbytes_f != 1)
        lp_sim_refuse(k, "inbytes_f, outbytes_f", c->inbytes_f, "1 with FUNC (wider inputs have no known meaning)");
    if (!c->signedop)
        lp_sim_refuse(k, "signedop", 0, "1 with FUNC");
    if (c->fsub < -128 || c->fsub > 127)
        lp_sim_refuse(k, "fsub", c->fsub, "-128 to 127 with FUNC");
    if (c->shift_c > 31)
        lp_sim_refuse(k, "shift_c", c->shift_c, "0 to 31");
    if (c->ROM0_vector == 0 || c->ROM0_nbytes < (1u << c->bwidth) || c->ROM0_nbytes > LP_SIM_ROM0_ENTRIES)
        lp_sim_refuse(k, "ROM0_nbytes", c->ROM0_nbytes, "2^bwidth to 128 bytes at ROM0_vector");
    if (c->ROM1_vector == 0 || c->ROM1_nbytes < 6 || c->ROM1_nbytes > 64 * 6)
        lp_sim_refuse(k, "ROM1_nbytes", c->ROM1_nbytes, "6 to 384 bytes at ROM1_vector");
}

void lp_sim_check_activ(struct lp_sim_checker *k, const struct lp_npu_activ *c)
{
    if (c->operation == LP_NPU_ACTIV_NONE)
        lp_sim_find(k->findings, LP_SIM_ERROR, k->place, "operation", "RELU, PRELU, TRELU, FUNC or LUT", "NONE");
    if (c->operation == LP_NPU_ACTIV_FUNC)
        check_activ_tables(k, c);
    if (c->operation == LP_NPU_ACTIV_LUT && c->LUT_vector == 0)
        lp_sim_refuse(k, "LUT_vector", 0, "the address of 256 bytes");
    if (c->operation == LP_NPU_ACTIV_PRELU || c->operation == LP_NPU_ACTIV_RELU || c->operation == LP_NPU_ACTIV_LUT)
        lp_sim_find(k->findings, LP_SIM_WARNING, k->place, "operation", "FUNC or TRELU, which executed programs use",
                    "%s: not proven", lp_npu_field_find(LP_NPU_ACTIV, "operation")->names[c->operation]);
}
