#include "tests/support/neural_art_blob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const type_names[LP_NPU_UNIT_TYPES] = {"STRENG", "CONVACC", "ARITH", "POOL", "ACTIV"};

struct writer {
    struct lp_text *out;
    struct lp_sim_ram *ram;
    const char *type;
    int32_t unit;
};

/* The low bits of `value` that the field has room for. */
static void set(const struct writer *w, const char *place, int bits, int64_t value)
{
    uint32_t mask = bits == 32 ? UINT32_MAX : (1u << bits) - 1;
    lp_text_printf(w->out, "write %s%d.%s 0x%x\n", w->type, w->unit, place, (uint32_t)value & mask);
}

static uint32_t fetch(const struct writer *w, uint32_t address, uint32_t index, uint32_t bytes)
{
    uint8_t data[4] = {0};
    assert_int_equal(lp_sim_ram_get(w->ram, address + (uint64_t)index * bytes, data, bytes), LP_OK);
    return data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
}

/* ---- units ---- */

static void streng_lanes(const struct writer *w, const struct lp_npu_streng *s)
{
    int carried = s->nbits_in < s->nbits_out ? s->nbits_in : s->nbits_out, lanes[3] = {0, 0, 0};
    int stream = s->dir ? s->nbits_in : s->nbits_out, memory = s->dir ? s->nbits_out : s->nbits_in;
    int count = carried / 8, top = s->align_right || memory > stream ? count : stream / 8;
    for (int i = 0; i < count; i++)
        lanes[top - 1 - i] = 8;
    set(w, "CTRL.SIZE0", 4, lanes[0]);
    set(w, "CTRL.SIZE1", 4, lanes[1]);
    set(w, "CTRL.SIZE2", 4, lanes[2]);
    if (memory > stream)
        set(w, s->mem_lsb ? "STRD.FGAP" : "STRD.BGAP", 6, memory - stream);
}

static void write_streng(const struct writer *w, const struct lp_npu_streng *s)
{
    set(w, "CTRL.DIR", 1, s->dir);
    set(w, "CTRL.RAW", 1, s->raw);
    set(w, "CTRL.RAW_OUT", 1, s->raw_out);
    set(w, "CTRL.CONT", 1, s->continuous);
    set(w, "CTRL.SINGLE", 1, s->frame_tot_cnt == 1);
    set(w, "CTRL.LSBMODE", 1, s->align_right);
    set(w, "CTRL.SIGNEXT", 1, s->align_right && !s->nbits_unsigned);
    streng_lanes(w, s);
    set(w, "ADDR", 32, (int64_t)s->addr_base + s->offset_start);
    if (s->raw) {
        set(w, "FSIZE", 32, (int64_t)lp_npu_streng_frame_elements(s));
    } else {
        int64_t line = s->line_offset != 0 ? s->line_offset : (int64_t)s->fwidth * s->batch_offset;
        set(w, "FSIZE", 32, (int64_t)s->fheight << 16 | s->fwidth);
        set(w, "DEPTH", 32, (int64_t)(s->batch_offset & 0xffff) << 16 | s->batch_depth);
        set(w, "LIMITEN.DOFF_MSB", 16, s->batch_offset >> 16);
        set(w, "STRD.LOFF", 16, line);
        set(w, "CID_CACHE.LOFF_MSB", 16, line >> 16);
    }
    set(w, "FOFFSET", 32, s->frame_offset);
    set(w, "FRAME_RPT", 32, s->frame_loop_cnt);
    set(w, "FRPTOFF", 32, s->loop_offset);
    set(w, "LIMITEN.FRAMELIMIT", 1, 1);
    set(w, "LIMIT", 32, s->frame_tot_cnt);
    if (s->offset_limit != 0) {
        set(w, "LIMITEN.ADDRLIMIT", 1, 1);
        set(w, "LIMITADDR", 32, (int64_t)s->addr_base + s->offset_limit - 1);
    }
    set(w, "EVENT.EN_ILLCFG", 1, 1);
    set(w, "EVENT.FRMTRG_EN", 1, s->dir == 0 && s->sync_with_other);
    set(w, "EVENT.FRMTRG_SRC", 5, s->sync_with_other ? s->sync_dma : 0);
}

static int inner_padding(const struct lp_npu_convacc *c, int padding, int kernel)
{
    int most = kernel - 1 < 2 ? kernel - 1 : 2;
    return c->deepmode || c->dss2mode || c->zfbias ? 0 : padding < most ? padding : most;
}

static void convacc_frame(const struct writer *w, const struct lp_npu_convacc *c)
{
    static const char *const inside[4] = {"SAMPLE.LPAD", "SAMPLE.RPAD", "SAMPLE.TPAD", "SAMPLE.BPAD"};
    static const char *const outside[4] = {"ZFRAME.LEFT", "ZFRAME.RIGHT", "ZFRAME.TOP", "ZFRAME.BOTTOM"};
    const int pads[4] = {c->left_padding, c->right_padding, c->top_padding, c->bot_padding}, depth = c->batchDepth;
    for (int i = 0; i < 4; i++) {
        int inner = inner_padding(c, pads[i], i < 2 ? c->kernelWidth : c->kernelHeight);
        set(w, inside[i], 2, inner);
        set(w, outside[i], 8, (pads[i] - inner) * (i < 2 ? depth : 1));
    }
    set(w, "FFORMAT", 32, (int64_t)c->fHeight << 16 | c->fWidth * depth);
    set(w, "KFORMAT", 32, (int64_t)c->nKernels << 24 | depth << 16 | c->kernelHeight << 8 | c->kernelWidth);
    set(w, "SAMPLE.HSTRD", 3, c->hstride);
    set(w, "SAMPLE.VSTRD", 3, c->vstride);
    set(w, "SAMPLE.FSTATCNT", 16, c->fstat ? c->fstatcnt : 0);
    set(w, "FHCROP.LEFT", 16, c->left_crop * depth);
    set(w, "FHCROP.RIGHT", 16, c->right_crop > 0 ? c->right_crop * depth + depth - 1 : 0);
    set(w, "FVCROP.TOP", 16, c->top_crop);
    set(w, "FVCROP.BOTTOM", 16, c->bot_crop);
}

static void write_convacc(const struct writer *w, const struct lp_npu_convacc *c)
{
    set(w, "CTRL.NOSUM", 1, !c->accumulate);
    set(w, "CTRL.NO1SUM", 1, !c->accumulate_first);
    set(w, "CTRL.GEN1SUM", 1, c->accumulate_gen_first);
    set(w, "CTRL.AFILTMODE", 2, c->afilt_mode);
    set(w, "CTRL.SIMD", 2, c->simd);
    set(w, "CTRL.KSETEN", 2, c->kseten);
    set(w, "CTRL.FUNSIGNED", 1, c->f_unsigned);
    set(w, "CTRL.KUNSIGNED", 1, c->k_unsigned);
    set(w, "CTRL.FSTAT", 1, c->fstat);
    set(w, "CTRL.DEEPMODE", 1, c->deepmode);
    set(w, "CTRL.DSS2MODE", 1, c->dss2mode);
    if (c->afilt_mode != LP_NPU_AFILT_NONE)
        set(w, "AFILT", 32, (int64_t)c->afilt_last << 16 | c->afilt_first << 8 | c->afilt_tot);
    if (c->kfilt_tot > 0)
        set(w, "KFILT", 32, (int64_t)c->kfilt_last << 16 | c->kfilt_first << 8 | c->kfilt_tot);
    set(w, "DFORMAT.FROUND", 1, c->rounding_f);
    set(w, "DFORMAT.FSAT", 1, c->saturation_f);
    set(w, "DFORMAT.FRNDMODE", 2, c->round_mode_f);
    set(w, "DFORMAT.FBYTES", 2, c->inbytes_f);
    set(w, "DFORMAT.FSHIFT", 6, c->shift_f + 16);
    set(w, "DFORMAT.ROUND", 1, c->rounding_o);
    set(w, "DFORMAT.SAT", 1, c->saturation_o);
    set(w, "DFORMAT.ORNDMODE", 2, c->relu_mode_o << 1 | c->round_mode_o);
    set(w, "DFORMAT.OBYTES", 2, c->outbytes_o);
    set(w, "DFORMAT.OUTSHIFT", 6, c->shift_o);
    set(w, "DFORMAT.RAW", 1, c->raw_o);
    set(w, "DFORMAT.INSHIFT", 6, c->shift_a);
    convacc_frame(w, c);
    if (c->fsub != 0)
        set(w, "FSUB.FSUB", 24, c->fsub);
    set(w, "ZFBIAS.ZFBIAS", 16, c->zfbias);
}

/* The counters, and how many coefficients they reach. */
static int64_t arith_counters(const struct writer *w, const struct lp_npu_arith *c)
{
    int64_t map = (int64_t)c->fWidth * c->fHeight, depth = c->batchDepth;
    int64_t run = c->bcast == LP_NPU_BCAST_HEIGHT ? c->fWidth * depth : depth;
    int64_t entries = c->bcast == LP_NPU_BCAST_HEIGHT ? c->fHeight : c->bcast == LP_NPU_BCAST_WIDTH ? c->fWidth : map;
    bool stands = c->bcast == LP_NPU_BCAST_NONE || c->bcast == LP_NPU_BCAST_SCALAR;
    set(w, "INCOFFSET.VAL", 9, stands ? 0 : 1);
    if (stands)
        return 1;
    if (c->bcast == LP_NPU_BCAST_CHAN) {
        set(w, "CTRL.CNT2", 1, 1);
        set(w, "CTRL.CNT3", 1, 1);
        set(w, "RSTCNT1.RSTCNT", 27, depth - 1);
        set(w, "RSTCNT2.RSTCNT", 27, map * depth - 1);
        set(w, "RSTCNT3.RSTCNT", 27, map * c->fChannels - 1);
        set(w, "ADDROFFSET.OFFSET1", 9, -(depth - 1));
        set(w, "ADDROFFSET.OFFSET2", 9, 1);
        set(w, "ADDROFFSET.OFFSET3", 9, -(int64_t)(c->fChannels - 1));
        return c->fChannels;
    }
    set(w, "INCCNT.INCVAL", 27, run - 1);
    set(w, "RSTCNT1.RSTCNT", 27, run * entries - 1);
    set(w, "ADDROFFSET.OFFSET1", 9, -(entries - 1));
    return entries;
}

static void arith_coefficients(const struct writer *w, const struct lp_npu_arith *c)
{
    int64_t entries = arith_counters(w, c);
    const uint32_t vectors[3] = {c->A_vector, c->B_vector, c->C_vector};
    const int32_t scalars[3] = {c->A_scalar, c->B_scalar, c->C_scalar};
    set(w, "CTRL.CNT1", 1, 1);
    set(w, "TRANSLATEADDR.EN", 1, 1);
    for (uint32_t i = 0; i < entries; i++) {
        uint32_t value[3], row = i;
        for (int j = 0; j < 3; j++) {
            uint32_t bytes = (uint32_t)c->vec_precision[j] / 8;
            value[j] = vectors[j] == 0 ? (uint32_t)scalars[j] : fetch(w, vectors[j], i, bytes);
            if (vectors[j] != 0 && bytes == 1)
                value[j] = (uint32_t)(int32_t)(int8_t)value[j];
        }
        if (vectors[2] != 0 && c->C_scalar == -1)
            value[2] = 0u - value[2];
        if (c->combinebc && vectors[2] != 0)
            value[1] = value[2] >> 16;
        if (i == 384)
            set(w, "TRANSLATEADDR.EN", 1, 0);
        if (i >= 384)
            row -= 128;
        lp_text_printf(w->out, "fill ARITH%d.+0x%x 0x%x 0x%x\n", w->unit, 0x400 + 8 * row, (value[0] & 0xffff) | value[1] << 16,
                       value[2] & 0xffff);
    }
}

static void write_arith(const struct writer *w, const struct lp_npu_arith *c)
{
    static const int operations[] = {0, 0, 1, 2, 7};
    assert_in_range(c->operation, LP_NPU_ARITH_AFFINE, LP_NPU_ARITH_MUL);
    set(w, "CTRL.OP", 6, operations[c->operation]);
    set(w, "CTRL.ROUND", 1, c->rounding_o);
    set(w, "CTRL.SAT", 1, c->saturation_o);
    set(w, "CTRL.ORNDMODE", 2, c->relu_mode_o << 1 | c->round_mode_o);
    set(w, "CTRL.OBYTES", 2, c->outbytes_o);
    set(w, "CTRL.COEFFA", 1, !c->scalar);
    set(w, "CTRL.COEFFB", 1, !c->scalar);
    set(w, "CTRL.COEFFC", 1, !c->scalar);
    set(w, "CTRL.DUALIN", 1, c->dualinput);
    set(w, "CTRL.COMBINEBC", 1, c->combinebc);
    set(w, "CTRL.CLIPOUT", 1, c->clipout);
    set(w, "INSHIFTER.FBYTESX", 2, c->inbytes_x);
    set(w, "INSHIFTER.FSHIFTX", 6, c->shift_x + 16);
    set(w, "INSHIFTER.FROUNDX", 1, c->rounding_x);
    set(w, "INSHIFTER.FSATX", 1, c->saturation_x);
    set(w, "INSHIFTER.FRNDMODEX", 2, c->round_mode_x);
    set(w, "INSHIFTER.FOBYTESX", 2, c->outbytes_x);
    set(w, "INSHIFTER.FBYTESY", 2, c->inbytes_y);
    set(w, "INSHIFTER.FSHIFTY", 6, c->shift_y + 16);
    set(w, "INSHIFTER.FROUNDY", 1, c->rounding_y);
    set(w, "INSHIFTER.FSATY", 1, c->saturation_y);
    set(w, "INSHIFTER.FRNDMODEY", 2, c->round_mode_y);
    set(w, "INSHIFTER.FOBYTESY", 2, c->outbytes_y);
    set(w, "SHIFT.AX", 5, c->Ax_shift);
    set(w, "SHIFT.BY", 5, c->By_shift);
    set(w, "SHIFT.C", 5, c->C_shift);
    set(w, "SHIFT.RES", 6, c->shift_o);
    set(w, "COEFFAC.A", 16, c->A_scalar);
    set(w, "COEFFAC.C", 16, c->C_scalar);
    set(w, "COEFFB.B", 16, c->B_scalar);
    set(w, "CLIPRANGE.CLIPMIN", 16, c->clipmin);
    set(w, "CLIPRANGE.CLIPMAX", 16, c->clipmax);
    if (!c->scalar)
        arith_coefficients(w, c);
}

static void write_pool(const struct writer *w, const struct lp_npu_pool *c)
{
    static const int operations[] = {0, 0, 1, 2, 8, 9, 10};
    int depth = c->batchSize;
    set(w, "CTRL.TYPE", 4, operations[c->operation]);
    set(w, "CTRL.ROUND", 1, c->rounding_o);
    set(w, "CTRL.SAT", 1, c->saturation_o);
    set(w, "CTRL.OUTSHIFT", 6, c->shift_o);
    set(w, "CTRL.FBYTES", 2, c->inbytes_f);
    set(w, "CTRL.FSHIFT", 6, c->shift_f + 16);
    set(w, "CTRL.FROUND", 1, c->rounding_f);
    set(w, "CTRL.FSAT", 1, c->saturation_f);
    set(w, "CTRL.DUALLINE", 1, c->dualLine);
    set(w, "CTRL.CROPEN", 1, 1);
    set(w, "RNDCTRL.FOBYTES", 2, c->outbytes_f);
    set(w, "RNDCTRL.FRNDMODE", 2, c->round_mode_f);
    set(w, "RNDCTRL.OBYTES", 2, c->outbytes_o);
    set(w, "RNDCTRL.ORNDMODE", 2, c->relu_mode_o << 1 | c->round_mode_o);
    set(w, "PDIMS.WINX", 3, c->poolWinX);
    set(w, "PDIMS.WINY", 3, c->poolWinY);
    set(w, "PDIMS.STRDX", 4, c->strideX);
    set(w, "PDIMS.STRDY", 4, c->strideY);
    set(w, "PDIMS.BSIZE", 4, depth);
    set(w, "FDIMS.FEATX", 12, c->inputX * depth);
    set(w, "FDIMS.FEATY", 12, c->inputY);
    set(w, "OUTDIMS.FEATX", 12, c->outputX);
    set(w, "OUTDIMS.FEATY", 12, c->outputY);
    set(w, "MULVAL.MULVAL", 16, c->mulval);
    set(w, "XCROP.LCROP", 12, c->leftCrop * depth);
    set(w, "XCROP.RCROP", 12, c->rightCrop * depth + depth - 1);
    set(w, "YCROP.TCROP", 12, c->topCrop);
    set(w, "YCROP.BCROP", 12, c->bottomCrop);
}

static void write_activ(const struct writer *w, const struct lp_npu_activ *c)
{
    set(w, "CTRL.TYPE", 2, c->operation - 1);
    set(w, "CTRL.FBYTES", 2, c->inbytes_f);
    set(w, "CTRL.FSHIFT", 6, c->shift_f + 16);
    set(w, "CTRL.FROUND", 1, c->rounding_f);
    set(w, "CTRL.FSAT", 1, c->saturation_f);
    set(w, "CTRL.FRNDMODE", 2, c->round_mode_f);
    set(w, "CTRL.FOBYTES", 2, c->outbytes_f);
    set(w, "CTRL.ROUND", 1, c->rounding_o);
    set(w, "CTRL.SAT", 1, c->saturation_o);
    set(w, "CTRL.OBYTES", 2, c->outbytes_o);
    set(w, "CTRL.ORNDMODE", 2, c->relu_mode_o << 1 | c->round_mode_o);
    set(w, "ACTIVPARAM.PARAM", 16, c->parameter);
    set(w, "ACTIVPARAM2.PARAM2", 16, c->parameter_2);
    set(w, "ACTIVPARAM.FUNC", 4, c->shift_norm);
    set(w, "FUNC.SIGNEDOP", 1, c->signedop);
    set(w, "FUNC.OUTSHIFT", 6, c->shift_o);
    set(w, "FUNC.BSHIFT", 5, c->shift_b);
    set(w, "FUNC.CSHIFT", 6, c->shift_c);
    set(w, "FUNC.BWIDTH", 3, c->bwidth);
    set(w, "FSUB.FSUB", 24, c->fsub);
    for (uint32_t i = 0; c->operation == LP_NPU_ACTIV_FUNC && i < c->ROM0_nbytes; i++)
        lp_text_printf(w->out, "feed ACTIV%d.+0x%x 0x%x\n", w->unit, 0x400 + 4 * i, fetch(w, c->ROM0_vector, i, 1));
    for (uint32_t i = 0; c->operation == LP_NPU_ACTIV_FUNC && i < c->ROM1_nbytes / 6; i++)
        lp_text_printf(w->out, "fill ACTIV%d.+0x%x 0x%x 0x%x\n", w->unit, 0x800 + 8 * i,
                       fetch(w, c->ROM1_vector, 3 * i, 2) | fetch(w, c->ROM1_vector, 3 * i + 1, 2) << 16,
                       fetch(w, c->ROM1_vector, 3 * i + 2, 2));
}

/* ---- the epoch ---- */

static uint32_t link_of(const struct lp_npu_port *source)
{
    static const uint32_t first[LP_NPU_UNIT_TYPES] = {
        [LP_NPU_STRENG] = 0, [LP_NPU_CONVACC] = 10, [LP_NPU_ACTIV] = 16, [LP_NPU_ARITH] = 18, [LP_NPU_POOL] = 22};
    return first[source->type] + (uint32_t)source->index;
}

static void write_route(struct lp_text *out, const struct lp_npu_route *route)
{
    const struct lp_npu_port *to = &route->destination;
    uint32_t word = 0;
    for (uint32_t i = 0; i < route->context_count; i++) {
        const struct lp_npu_context *c = &route->contexts[i];
        uint32_t link = c->enable ? link_of(&c->source) : 0;
        word |= (uint32_t)c->enable << (16 * i) | link << (16 * i + 1) | (uint32_t)c->frames << (16 * i + 8);
    }
    lp_text_printf(out, "write STRSWITCH.DST%s%d", type_names[to->type], to->index);
    if (to->type == LP_NPU_CONVACC || to->type == LP_NPU_ARITH)
        lp_text_printf(out, "%d", to->port);
    lp_text_printf(out, " 0x%x\n", word);
}

static void write_unit(const struct writer *w, int type, const void *unit)
{
    switch (type) {
    case LP_NPU_STRENG: write_streng(w, unit); return;
    case LP_NPU_CONVACC: write_convacc(w, unit); return;
    case LP_NPU_ARITH: write_arith(w, unit); return;
    case LP_NPU_POOL: write_pool(w, unit); return;
    default: write_activ(w, unit); return;
    }
}

static void clear_unit(const struct writer *w)
{
    static const char *const bits[2] = {"CLR", "CONFCLR"};
    lp_text_printf(w->out, "set %s%d.CTRL.EN 0\n", w->type, w->unit);
    for (int i = 0; i < 2; i++)
        lp_text_printf(w->out, "set %s%d.CTRL.%s 1\npoll %s%d.CTRL.%s 0 timeout 100\n", w->type, w->unit, bits[i], w->type,
                       w->unit, bits[i]);
}

void na_blob_epoch(const struct lp_npu_epoch *epoch, struct lp_sim_ram *ram, struct lp_text *out)
{
    enum { CONFIGURE, START, STOP, PASSES };
    lp_text_printf(out, "label %d\nwrite CLKCTRL.BGATES 0x7ffffff\n", epoch->id);
    for (int pass = 0; pass < PASSES; pass++) {
        for (int type = 0; type < LP_NPU_UNIT_TYPES; type++)
            for (uint32_t i = 0; i < epoch->unit_count[type]; i++) {
                const void *unit = lp_npu_epoch_unit(epoch, (enum lp_npu_unit_type)type, i);
                const struct writer w = {out, ram, type_names[type], *(const int32_t *)unit};
                if (pass == CONFIGURE)
                    write_unit(&w, type, unit);
                else if (pass == START)
                    lp_text_printf(out, "set %s%d.CTRL.EN 1\n", w.type, w.unit);
                else
                    clear_unit(&w);
            }
        if (pass == CONFIGURE)
            lp_text_printf(
                out, "write STRSWITCH.CTRL 0x40000002\npoll STRSWITCH.CTRL.CONFCLR 0 timeout 100\nset STRSWITCH.CTRL.EN 1\n");
        for (uint32_t i = 0; pass == CONFIGURE && i < epoch->route_count; i++)
            write_route(out, &epoch->routes[i]);
        for (int32_t i = 0; pass == START && i < LP_NPU_STRENG_UNITS; i++)
            if (epoch->wait_mask >> i & 1)
                lp_text_printf(out, "poll STRENG%d.CTRL.RUNNING 0 timeout 100\n", i);
    }
}
