#include "tests/support/neural_art_random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct generator {
    uint64_t state;
    struct lp_npu_epoch *epoch;
    uint32_t ram, flash;  /* next free offset */
    int32_t engines;      /* numbers given so far */
    uint32_t segments[2]; /* flash offsets of ROM0 tables, which must not name rows that do not exist */
};

/* What a unit gives: frames of height x width pixels of depth words. */
struct flow {
    struct lp_npu_port from;
    int32_t width, height, depth, frames, bytes;
};

static uint64_t next(struct generator *g)
{
    g->state ^= g->state << 13;
    g->state ^= g->state >> 7;
    g->state ^= g->state << 17;
    return g->state * UINT64_C(0x2545f4914f6cdd1d) >> 16;
}

static int32_t between(struct generator *g, int32_t low, int32_t high)
{
    return low + (int32_t)(next(g) % (uint64_t)(high - low + 1));
}

static bool chance(struct generator *g, int32_t percent)
{
    return between(g, 1, 100) <= percent;
}

static uint32_t take(uint32_t *offset, uint32_t bytes)
{
    uint32_t at = *offset;
    *offset = (at + bytes + 64 + 15) / 16 * 16;
    assert_true(*offset + 64 <= NA_RANDOM_POOL_BYTES);
    return at;
}

static void link_ports(struct generator *g, struct lp_npu_port from, int32_t type, int32_t index, int32_t port)
{
    struct lp_npu_epoch *e = g->epoch;
    e->routes[e->route_count++] = (struct lp_npu_route){
        .destination = {type, index, port}, .contexts = {{.enable = 1, .source = from}}, .context_count = 1};
}

static struct lp_npu_streng *add_engine(struct generator *g, int32_t dir, uint32_t base, int32_t bits)
{
    struct lp_npu_epoch *e = g->epoch;
    struct lp_npu_streng *s = &e->streng[e->unit_count[LP_NPU_STRENG]++];
    *s = (struct lp_npu_streng){
        .unit = g->engines++, .dir = dir, .raw = 1, .addr_base = base, .nbits_in = bits, .nbits_out = bits};
    return s;
}

static struct lp_npu_port port_of(const struct lp_npu_streng *s)
{
    return (struct lp_npu_port){LP_NPU_STRENG, s->unit, 0};
}

static void set_raw(struct lp_npu_streng *s, uint32_t offset, uint32_t frame_bytes, int32_t frames)
{
    s->offset_start = offset;
    s->offset_end = offset + frame_bytes;
    s->frame_offset = frame_bytes;
    s->frame_tot_cnt = (uint32_t)frames;
}

/* Features of `f->depth` samples a pixel, of `element` bytes each in memory, read raw or as a raster out of wider pixels. */
static void lay_frames(struct generator *g, struct lp_npu_streng *s, const struct flow *f, int32_t depth, int32_t element)
{
    uint32_t frame = (uint32_t)(f->width * f->height * depth * element), gap = (uint32_t)between(g, 0, 3) * (uint32_t)element;
    if (s->raw) {
        set_raw(s, take(&g->ram, frame * (uint32_t)f->frames), frame, f->frames);
        s->continuous = chance(g, 30);
        return;
    }
    uint32_t pixel = (uint32_t)(depth * element) * (uint32_t)f->frames + gap;
    s->offset_start = take(&g->ram, pixel * (uint32_t)(f->width * f->height) + (uint32_t)f->height * 8);
    s->fwidth = (uint32_t)f->width;
    s->fheight = (uint32_t)f->height;
    s->batch_depth = (uint32_t)depth;
    s->batch_offset = pixel;
    s->line_offset = chance(g, 40) ? pixel * (uint32_t)f->width + 8 : 0;
    s->frame_tot_cnt = (uint32_t)f->frames;
    if (chance(g, 50)) {
        s->frame_offset = (uint32_t)(depth * element);
    } else {
        s->frame_loop_cnt = 1;
        s->loop_offset = (uint32_t)(depth * element);
    }
}

/* ---- convolutions ---- */

static void random_output(struct generator *g, struct lp_npu_convacc *c)
{
    c->rounding_o = chance(g, 80);
    c->saturation_o = chance(g, 85);
    c->round_mode_o = chance(g, 85);
    c->relu_mode_o = chance(g, 10);
    c->outbytes_o = between(g, 1, 2);
    c->shift_o = between(g, -1, 9);
}

static void random_frame(struct generator *g, struct lp_npu_convacc *c)
{
    c->kernelWidth = c->deepmode ? 1 : between(g, 1, 3);
    c->kernelHeight = c->deepmode ? 1 : between(g, 1, 3);
    c->fWidth = between(g, c->kernelWidth, 9);
    c->fHeight = between(g, c->kernelHeight, 7);
    c->hstride = between(g, 0, 2);
    c->vstride = between(g, 0, 2);
    /* Depthwise line kernels of stride 2 hang the silicon: the check refuses them. */
    if ((c->kernelWidth == 1) != (c->kernelHeight == 1))
        c->hstride = c->vstride = 1;
    c->left_padding = between(g, 0, 2);
    c->right_padding = between(g, 0, 2);
    c->top_padding = between(g, 0, 2);
    c->bot_padding = between(g, 0, 2);
    c->right_crop = c->fWidth - 1;
    c->bot_crop = c->fHeight - 1;
    if (chance(g, 25) && c->fWidth - c->kernelWidth >= 2) {
        c->left_crop = 1;
        c->right_crop -= 1;
    }
    if (chance(g, 25) && c->fHeight - c->kernelHeight >= 2) {
        c->top_crop = 1;
        c->bot_crop -= between(g, 0, 1);
    }
}

static void random_convolution(struct generator *g, struct lp_npu_convacc *c)
{
    int32_t mode = between(g, 0, 5);
    *c = (struct lp_npu_convacc){.simd = 1, .inbytes_f = 1, .nKernels = between(g, 1, 18)};
    c->batchDepth = between(g, 1, 9);
    c->f_unsigned = chance(g, 40);
    c->k_unsigned = chance(g, 10);
    if (mode == 1) {
        c->simd = 2;
        c->inbytes_f = 2;
        c->fsub = between(g, -128, 127);
    } else if (mode == 2) {
        c->deepmode = 1;
        c->kseten = 3;
        c->inbytes_f = chance(g, 50) ? 3 : 1;
        c->batchDepth = between(g, 1, 40);
    } else if (mode == 3) {
        c->dss2mode = 1;
        c->batchDepth = 2 * between(g, 1, 3);
    } else if (mode == 4 && chance(g, 50)) {
        c->inbytes_f = 3;
    }
    random_frame(g, c);
    random_output(g, c);
    if (chance(g, 20))
        c->zfbias = between(g, -128, 127);
    if (mode == 5 && !c->deepmode) {
        c->fstat = 1;
        c->fstatcnt = between(g, 1, 3);
    }
}

/* An engine that feeds `frames` feature frames of the unit's packing. */
static void add_features(struct generator *g, const struct lp_npu_convacc *c, int32_t frames)
{
    struct flow f = {.width = c->fWidth, .height = c->fHeight, .depth = c->batchDepth, .frames = frames};
    struct lp_npu_streng *s = add_engine(g, 0, NA_RANDOM_RAM, 8);
    s->raw = chance(g, 50);
    if (c->deepmode) {
        s->nbits_in = s->nbits_out = 24;
        s->raw = c->inbytes_f == 3;
        if (s->raw) {
            uint32_t frame = (uint32_t)((c->fWidth * c->fHeight * c->batchDepth + 2) / 3 * 3);
            set_raw(s, take(&g->ram, frame * (uint32_t)frames), frame, frames);
        } else {
            lay_frames(g, s, &f, (c->batchDepth + 2) / 3, 3);
        }
    } else if (c->dss2mode) {
        s->nbits_in = s->nbits_out = 16;
        lay_frames(g, s, &f, c->batchDepth / 2, 2);
    } else if (c->inbytes_f == 2 && chance(g, 70)) {
        s->nbits_out = 16;
        s->align_right = 1;
        s->nbits_unsigned = chance(g, 20);
        lay_frames(g, s, &f, c->batchDepth, 1);
    } else {
        s->nbits_in = s->nbits_out = 8 * c->inbytes_f;
        lay_frames(g, s, &f, c->batchDepth, c->inbytes_f);
    }
    link_ports(g, port_of(s), LP_NPU_CONVACC, c->unit, 0);
}

static void add_kernels(struct generator *g, int32_t first_unit, int32_t units, int32_t frames)
{
    const struct lp_npu_convacc *c = &g->epoch->convacc[first_unit];
    uint32_t bytes = lp_npu_convacc_group_bytes(c);
    struct lp_npu_streng *s = add_engine(g, 0, NA_RANDOM_FLASH, c->deepmode ? 24 : 8);
    s->align_right = chance(g, 50);
    uint32_t at = take(&g->flash, bytes * (uint32_t)frames);
    if (chance(g, 50)) {
        set_raw(s, at, bytes * (uint32_t)frames, 1);
        s->continuous = 1;
    } else {
        set_raw(s, at, bytes, frames);
    }
    for (int32_t i = 0; i < units; i++)
        link_ports(g, port_of(s), LP_NPU_CONVACC, first_unit + i, 1);
}

static struct flow flow_of(const struct lp_npu_convacc *c, int32_t frames)
{
    return (struct flow){.from = {LP_NPU_CONVACC, c->unit, 0},
                         .width = (int32_t)lp_npu_convacc_out_width(c),
                         .height = (int32_t)lp_npu_convacc_out_height(c),
                         .depth = c->nKernels,
                         .frames = frames,
                         .bytes = c->outbytes_o};
}

static struct flow single_convolution(struct generator *g)
{
    struct lp_npu_convacc *c = &g->epoch->convacc[0];
    int32_t frames = between(g, 1, 4);
    random_convolution(g, c);
    g->epoch->unit_count[LP_NPU_CONVACC] = 1;
    add_features(g, c, frames);
    int32_t given = frames * (c->fstat ? c->fstatcnt : 1);
    add_kernels(g, 0, 1, given);
    return flow_of(c, given);
}

/* Members take one slice each and hand exact sums on. */
static struct flow pipe_of_convolutions(struct generator *g)
{
    struct lp_npu_convacc *c = g->epoch->convacc;
    int32_t members = between(g, 2, 4), frames = between(g, 1, 3);
    random_convolution(g, &c[0]);
    c[0].fstat = 0;
    c[0].nKernels = between(g, 1, 16);
    int32_t shift = between(g, 0, 6), bytes = c[0].outbytes_o;
    for (int32_t i = 0; i < members; i++) {
        if (i > 0)
            c[i] = c[0];
        c[i].unit = i;
        c[i].kfilt_tot = members * c[0].nKernels;
        c[i].kfilt_first = i * c[0].nKernels;
        c[i].kfilt_last = c[i].kfilt_first + c[0].nKernels - 1;
        c[i].accumulate = c[i].accumulate_first = i > 0;
        c[i].outbytes_o = i < members - 1 ? 3 : bytes;
        c[i].shift_o = i < members - 1 ? 0 : shift;
        c[i].relu_mode_o = 0;
        if (i > 0)
            link_ports(g, (struct lp_npu_port){LP_NPU_CONVACC, i - 1, 0}, LP_NPU_CONVACC, i, 2);
    }
    g->epoch->unit_count[LP_NPU_CONVACC] = (uint32_t)members;
    for (int32_t i = 0; i < members; i++)
        add_features(g, &c[i], frames);
    add_kernels(g, 0, members, frames);
    return flow_of(&c[members - 1], frames);
}

/* One unit sums `slices` slices, its 16-bit sums coming back directly or through memory; only the last frame goes on. */
static struct flow accumulating_convolution(struct generator *g, bool through_memory)
{
    struct lp_npu_epoch *e = g->epoch;
    struct lp_npu_convacc *c = &e->convacc[0];
    int32_t slices = between(g, 2, 4), groups = between(g, 1, 3), frames = slices * groups;
    random_convolution(g, c);
    c->fstat = 0;
    c->outbytes_o = 2;
    c->shift_o = between(g, 0, 8);
    c->shift_a = c->shift_o;
    c->accumulate = 1;
    c->accumulate_first = c->accumulate_gen_first = !through_memory;
    c->afilt_mode = LP_NPU_AFILT_FRAMEZERO;
    c->afilt_tot = slices;
    c->afilt_first = 1;
    c->afilt_last = slices - 1;
    e->unit_count[LP_NPU_CONVACC] = 1;
    add_features(g, c, frames);
    add_kernels(g, 0, 1, frames);
    struct flow f = flow_of(c, groups);
    if (through_memory) {
        uint32_t bytes = (uint32_t)(f.width * f.height * f.depth) * 2, at = take(&g->ram, bytes);
        struct lp_npu_streng *writer = add_engine(g, 1, NA_RANDOM_RAM, 16);
        set_raw(writer, at, bytes, frames);
        writer->frame_offset = 0;
        e->wait_mask |= 1u << writer->unit;
        link_ports(g, f.from, LP_NPU_STRENG, writer->unit, 0);
        struct lp_npu_streng *reader = add_engine(g, 0, NA_RANDOM_RAM, 16);
        set_raw(reader, at, bytes, frames);
        reader->frame_offset = 0;
        reader->align_right = 1;
        reader->sync_with_other = 1;
        reader->sync_dma = writer->unit;
        link_ports(g, port_of(reader), LP_NPU_CONVACC, 0, 2);
    } else {
        link_ports(g, f.from, LP_NPU_CONVACC, 0, 2);
    }
    return f;
}

/* Makes the last route pass only the last of every `slices` frames. */
static void keep_last(struct generator *g, int32_t slices)
{
    struct lp_npu_route *route = &g->epoch->routes[g->epoch->route_count - 1];
    route->context_count = 2;
    route->contexts[1] = route->contexts[0];
    route->contexts[0].enable = 0;
    route->contexts[0].frames = slices - 1;
    route->contexts[1].frames = 1;
}

/* ---- element units ---- */

static struct flow stored_tensor(struct generator *g)
{
    struct flow f = {
        .width = between(g, 1, 7), .height = between(g, 1, 6), .depth = between(g, 1, 8), .frames = between(g, 1, 3)};
    f.bytes = between(g, 1, 2);
    struct lp_npu_streng *s = add_engine(g, 0, NA_RANDOM_RAM, 8 * f.bytes);
    s->raw = chance(g, 50);
    s->align_right = chance(g, 60);
    lay_frames(g, s, &f, f.depth, f.bytes);
    f.from = port_of(s);
    return f;
}

static void add_second_input(struct generator *g, const struct flow *f, struct lp_npu_arith *a)
{
    uint32_t words = (uint32_t)(f->width * f->height * f->depth), cuts = chance(g, 50) ? (uint32_t)f->height : 1;
    a->dualinput = 1;
    a->inbytes_y = a->outbytes_y = between(g, 1, 2);
    struct lp_npu_streng *s = add_engine(g, 0, NA_RANDOM_RAM, 8 * a->inbytes_y);
    uint32_t frame = words / cuts * (uint32_t)a->inbytes_y;
    set_raw(s, take(&g->ram, frame * cuts * (uint32_t)f->frames), frame, (int32_t)cuts * f->frames);
    link_ports(g, port_of(s), LP_NPU_ARITH, a->unit, 1);
}

static void random_coefficients(struct generator *g, const struct flow *f, struct lp_npu_arith *a)
{
    a->bcast = between(g, LP_NPU_BCAST_NONE, LP_NPU_BCAST_SCALAR);
    a->fWidth = f->width;
    a->fHeight = f->height;
    a->batchDepth = f->depth;
    a->fChannels = f->depth * between(g, 1, 3);
    a->scalar = chance(g, 30);
    if (a->scalar)
        return;
    if (chance(g, 70)) {
        a->A_vector = NA_RANDOM_FLASH + take(&g->flash, 1024);
        a->vec_precision[0] = chance(g, 80) ? 16 : 8;
    }
    if (!a->combinebc && chance(g, 40)) {
        a->B_vector = NA_RANDOM_FLASH + take(&g->flash, 1024);
        a->vec_precision[1] = 16;
    }
    if (chance(g, 60)) {
        a->C_vector = NA_RANDOM_FLASH + take(&g->flash, 2048);
        a->vec_precision[2] = a->combinebc ? 32 : 16;
        a->C_scalar = chance(g, 20) ? -1 : 0;
    }
}

static void add_arith(struct generator *g, struct flow *f)
{
    struct lp_npu_epoch *e = g->epoch;
    struct lp_npu_arith *a = &e->arith[e->unit_count[LP_NPU_ARITH]];
    *a = (struct lp_npu_arith){.unit = (int32_t)e->unit_count[LP_NPU_ARITH]++, .operation = LP_NPU_ARITH_AFFINE};
    a->inbytes_x = f->bytes;
    a->outbytes_x = chance(g, 80) ? f->bytes : between(g, 1, 2);
    a->shift_x = chance(g, 15) ? between(g, 0, 3) : 0;
    a->rounding_x = chance(g, 50);
    a->saturation_x = chance(g, 50);
    a->round_mode_x = chance(g, 50);
    a->combinebc = chance(g, 50);
    a->Ax_shift = chance(g, 30) ? between(g, 0, 9) : 0;
    a->By_shift = chance(g, 30) ? between(g, 0, 9) : 0;
    a->C_shift = chance(g, 30) ? between(g, 0, 5) : 0;
    a->A_scalar = between(g, -32768, 32767);
    a->B_scalar = between(g, -32768, 32767);
    a->C_scalar = between(g, -32768, 32767);
    random_coefficients(g, f, a);
    if (chance(g, 35) && g->engines < 8) {
        add_second_input(g, f, a);
        if (chance(g, 40))
            a->operation = between(g, LP_NPU_ARITH_MIN, LP_NPU_ARITH_MUL);
    }
    a->rounding_o = chance(g, 80);
    a->saturation_o = chance(g, 80);
    a->round_mode_o = chance(g, 85);
    a->relu_mode_o = chance(g, 10);
    a->outbytes_o = between(g, 1, 2);
    a->shift_o = between(g, 0, 22);
    if (a->saturation_o && chance(g, 20)) {
        a->clipout = 1;
        a->clipmin = between(g, -128, 0);
        a->clipmax = between(g, 0, 127);
    }
    link_ports(g, f->from, LP_NPU_ARITH, a->unit, 0);
    f->from = (struct lp_npu_port){LP_NPU_ARITH, a->unit, 0};
    f->bytes = a->outbytes_o;
}

static void add_pool(struct generator *g, struct flow *f)
{
    struct lp_npu_epoch *e = g->epoch;
    if (f->depth > 15 || f->bytes != 1)
        return;
    struct lp_npu_pool *p = &e->pool[e->unit_count[LP_NPU_POOL]];
    *p = (struct lp_npu_pool){.unit = (int32_t)e->unit_count[LP_NPU_POOL]++, .inputX = f->width, .inputY = f->height};
    const int32_t operations[4] = {LP_NPU_POOL_MAX, LP_NPU_POOL_MIN, LP_NPU_POOL_AVG, LP_NPU_POOL_GAVG};
    p->operation = operations[between(g, 0, 3)];
    p->rightCrop = f->width - 1;
    p->bottomCrop = f->height - 1;
    p->leftCrop = f->width > 2 && chance(g, 30);
    p->topCrop = f->height > 2 && chance(g, 30);
    p->batchSize = f->depth;
    p->inbytes_f = p->outbytes_f = 1;
    p->outbytes_o = between(g, 1, 2);
    p->rounding_o = p->round_mode_o = 1;
    p->saturation_o = chance(g, 80);
    p->strideX = p->strideY = 1;
    int32_t columns = p->rightCrop - p->leftCrop + 1, lines = p->bottomCrop - p->topCrop + 1;
    if (p->operation >= LP_NPU_POOL_AVG) {
        p->mulval = between(g, -2000, 24000);
        p->shift_o = between(g, 8, 18);
    }
    f->width = f->height = 1;
    if (p->operation != LP_NPU_POOL_GAVG) {
        p->poolWinX = between(g, 1, columns < 7 ? columns : 7);
        p->poolWinY = between(g, 1, lines < 7 ? lines : 7);
        p->strideX = between(g, 1, 3);
        p->strideY = between(g, 1, 3);
        f->width = p->outputX = (columns - p->poolWinX) / p->strideX + 1;
        f->height = p->outputY = (lines - p->poolWinY) / p->strideY + 1;
    }
    link_ports(g, f->from, LP_NPU_POOL, p->unit, 0);
    f->from = (struct lp_npu_port){LP_NPU_POOL, p->unit, 0};
    f->bytes = p->outbytes_o;
}

static void add_activ(struct generator *g, struct flow *f)
{
    struct lp_npu_epoch *e = g->epoch;
    struct lp_npu_activ *a = &e->activ[e->unit_count[LP_NPU_ACTIV]];
    *a = (struct lp_npu_activ){.unit = (int32_t)e->unit_count[LP_NPU_ACTIV]++};
    a->operation = between(g, LP_NPU_ACTIV_RELU, LP_NPU_ACTIV_LUT);
    a->inbytes_f = a->outbytes_f = a->operation == LP_NPU_ACTIV_FUNC ? 1 : f->bytes;
    a->outbytes_o = between(g, 1, 2);
    a->rounding_o = a->round_mode_o = a->saturation_o = a->signedop = 1;
    a->shift_o = a->operation == LP_NPU_ACTIV_FUNC ? 15 : between(g, 0, 6);
    a->parameter = (uint32_t)between(g, 0, 65535);
    a->parameter_2 = (uint32_t)between(g, 0, 65535);
    a->bwidth = between(g, 1, 4);
    a->shift_norm = 8;
    a->shift_b = between(g, 2, 6);
    a->shift_c = between(g, 6, 12);
    a->fsub = chance(g, 20) ? between(g, -9, 9) : 0;
    g->segments[a->unit] = take(&g->flash, 16);
    a->ROM0_vector = NA_RANDOM_FLASH + g->segments[a->unit];
    a->ROM0_nbytes = 1u << a->bwidth;
    a->ROM1_vector = NA_RANDOM_FLASH + take(&g->flash, 72 * 6);
    a->ROM1_nbytes = 64 * 6;
    a->LUT_vector = NA_RANDOM_FLASH + take(&g->flash, 256);
    link_ports(g, f->from, LP_NPU_ACTIV, a->unit, 0);
    f->from = (struct lp_npu_port){LP_NPU_ACTIV, a->unit, 0};
    f->bytes = a->outbytes_o;
}

static void add_writer(struct generator *g, const struct flow *f)
{
    struct lp_npu_streng *s = add_engine(g, 1, NA_RANDOM_RAM, 8 * f->bytes);
    s->raw = chance(g, 50);
    lay_frames(g, s, f, f->depth, f->bytes);
    if (s->raw && chance(g, 30)) { /* the same bytes cut into more frames */
        s->frame_tot_cnt *= (uint32_t)f->height;
        s->offset_end = s->offset_start + (s->offset_end - s->offset_start) / (uint32_t)f->height;
        s->frame_offset /= (uint32_t)f->height;
    }
    g->epoch->wait_mask |= 1u << s->unit;
    link_ports(g, f->from, LP_NPU_STRENG, s->unit, 0);
}

static void random_epoch(struct generator *g)
{
    int32_t kind = between(g, 0, 9), slices = 0;
    struct flow f;
    if (kind <= 3) {
        f = single_convolution(g);
    } else if (kind <= 5) {
        f = pipe_of_convolutions(g);
    } else if (kind <= 7) {
        f = accumulating_convolution(g, kind == 7);
        slices = g->epoch->convacc[0].afilt_tot;
    } else {
        f = stored_tensor(g);
    }
    int32_t stages = between(g, slices > 0 || kind > 7 ? 1 : 0, 3);
    for (int32_t i = 0; i < stages; i++) {
        if (i == 0 && (slices > 0 || f.bytes > 1))
            add_arith(g, &f);
        else if (chance(g, 50))
            add_arith(g, &f);
        else if (chance(g, 60) && g->epoch->unit_count[LP_NPU_POOL] < 2)
            add_pool(g, &f);
        else if (g->epoch->unit_count[LP_NPU_ACTIV] < 2)
            add_activ(g, &f);
        if (i == 0 && slices > 0) {
            for (uint32_t r = 0; r < g->epoch->route_count; r++)
                if (g->epoch->routes[r].destination.type == LP_NPU_ARITH && g->epoch->routes[r].destination.port == 0) {
                    struct lp_npu_route last = g->epoch->routes[r];
                    g->epoch->routes[r] = g->epoch->routes[g->epoch->route_count - 1];
                    g->epoch->routes[g->epoch->route_count - 1] = last;
                }
            keep_last(g, slices);
        }
    }
    add_writer(g, &f);
}

static void add_image(struct generator *g, struct lp_arena *arena, struct lp_npu_image *image, uint32_t base, const char *file)
{
    uint32_t used = (base == NA_RANDOM_FLASH ? g->flash : g->ram) + 64;
    uint8_t *bytes = lp_arena_alloc(arena, used, 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < used; i++)
        bytes[i] = (uint8_t)next(g);
    for (uint32_t i = 0; i < 16 && base == NA_RANDOM_FLASH; i++) { /* segments[] are 0 when there is no such table */
        bytes[g->segments[0] + i] &= 0xf7;
        bytes[g->segments[1] + i] &= 0xf7;
    }
    *image = (struct lp_npu_image){.pool = file, .base = base, .size_bytes = used, .file = file, .bytes = bytes};
}

struct lp_npu_program *na_random_program(struct lp_arena *arena, uint64_t seed)
{
    struct generator g = {.state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1};
    struct lp_npu_program *p = LP_NEW(arena, struct lp_npu_program);
    struct lp_npu_epoch *e = LP_NEW(arena, struct lp_npu_epoch);
    assert_non_null(p);
    assert_non_null(e);
    e->id = 2;
    e->streng = LP_NEW_ARRAY(arena, LP_NPU_STRENG_UNITS, struct lp_npu_streng);
    e->convacc = LP_NEW_ARRAY(arena, LP_NPU_CONVACC_UNITS, struct lp_npu_convacc);
    e->arith = LP_NEW_ARRAY(arena, LP_NPU_ARITH_UNITS, struct lp_npu_arith);
    e->pool = LP_NEW_ARRAY(arena, LP_NPU_POOL_UNITS, struct lp_npu_pool);
    e->activ = LP_NEW_ARRAY(arena, LP_NPU_ACTIV_UNITS, struct lp_npu_activ);
    e->routes = LP_NEW_ARRAY(arena, 40, struct lp_npu_route);
    g.epoch = e;
    random_epoch(&g);
    p->name = "random";
    p->pools = LP_NEW_ARRAY(arena, 2, struct lp_npu_pool_memory);
    p->pools[0] = (struct lp_npu_pool_memory){
        .name = "ram", .base = NA_RANDOM_RAM, .size_bytes = NA_RANDOM_POOL_BYTES, .is_writable = true};
    p->pools[1] = (struct lp_npu_pool_memory){.name = "flash", .base = NA_RANDOM_FLASH, .size_bytes = NA_RANDOM_POOL_BYTES};
    p->pool_count = p->image_count = 2;
    p->images = LP_NEW_ARRAY(arena, 2, struct lp_npu_image);
    add_image(&g, arena, &p->images[0], NA_RANDOM_RAM, "ram.bin");
    add_image(&g, arena, &p->images[1], NA_RANDOM_FLASH, "flash.bin");
    p->epochs = e;
    p->epoch_count = 1;
    return p;
}
