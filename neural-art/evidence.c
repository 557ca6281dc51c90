#include "neural-art/evidence.h"

#include <stdlib.h>

#include "neural-art/fields.h"

const char *lp_npu_evidence_name(enum lp_npu_evidence evidence)
{
    static const char *const names[] = {"board", "executed", "seen", "read", "guessed"};
    return names[evidence];
}

const char *lp_npu_evidence_class(enum lp_npu_evidence evidence)
{
    return evidence <= LP_NPU_EXECUTED ? "exact" : lp_npu_evidence_is_proven(evidence) ? "envelope" : "unproven";
}

bool lp_npu_evidence_is_proven(enum lp_npu_evidence evidence)
{
    return evidence <= LP_NPU_SEEN;
}

static enum lp_npu_evidence weaker(enum lp_npu_evidence a, enum lp_npu_evidence b)
{
    return a > b ? a : b;
}

enum mode { SIMD1, SIMD2, DEEP, DSS2 };

/* Convolutions of executed programs: batchDepth x nKernels that occurred for a mode, kernel and stride. */
static const struct proven {
    enum mode mode;
    int32_t width, height, stride;
    const char *sizes;
} executed[] = {
    {DEEP, 1, 1, 1,
     "128x16 32x16 64x16 96x24 96x16 120x20 128x24 80x16 76x16 68x16 84x16 80x24 116x24 100x24 68x24 82x8 72x24 72x16 96x20 "
     "64x24 "
     "48x14 48x16 120x24 64x12 64x3 128x5 128x1 32x2"},
    {SIMD1, 1, 1, 1, "16x16 24x24 1x1 24x16 16x3 22x2 22x16 24x6 16x1 24x1 2x16 20x16 24x13 16x12 8x16 8x8 16x24 16x2"},
    {SIMD1, 3, 3, 1, "8x8 1x1 4x4 2x2 3x3 6x8"},
    {SIMD1, 3, 3, 2, "8x8 1x1 3x8 3x6"},
    {SIMD1, 5, 2, 2, "3x8"},
    {SIMD1, 5, 3, 2, "3x8"},
    {SIMD2, 1, 1, 1,
     "16x24 24x24 16x16 14x16 20x24 24x20 20x22 22x24 16x20 16x1 16x18 18x21 21x24 16x19 16x17 24x8 24x17 24x14 8x24 8x8 20x20 "
     "20x8"},
    {SIMD2, 3, 3, 1, "4x4 2x2 8x4 2x4"},
    {SIMD2, 3, 3, 2, "3x4"},
    {SIMD2, 7, 3, 2, "1x2 3x4"},
    {SIMD2, 7, 1, 2, "1x2 3x4"},
    {DSS2, 3, 3, 2, "2x2 4x4"},
};

static enum mode mode_of(const struct lp_npu_convacc *c)
{
    if (c->deepmode)
        return DEEP;
    return c->dss2mode ? DSS2 : c->simd == 2 ? SIMD2 : SIMD1;
}

static bool lists(const char *sizes, int32_t depth, int32_t kernels)
{
    for (const char *at = sizes; *at != '\0';) {
        char *end;
        long first = strtol(at, &end, 10), second = strtol(end + 1, &end, 10);
        if (first == depth && second == kernels)
            return true;
        at = *end == ' ' ? end + 1 : end;
    }
    return false;
}

static int32_t stride_of(const struct lp_npu_convacc *c)
{
    int32_t horizontal = c->hstride > 0 ? c->hstride : 1, vertical = c->vstride > 0 ? c->vstride : 1;
    return horizontal == vertical ? horizontal : -1;
}

/* The largest sizes of compiled programs, as a rule per mode. */
static bool within_seen_sizes(const struct lp_npu_convacc *c)
{
    int32_t taps = c->kernelWidth * c->kernelHeight * c->batchDepth;
    bool is_1x1 = c->kernelWidth == 1 && c->kernelHeight == 1;
    bool frame = c->fWidth * c->batchDepth <= (c->deepmode ? 4608 : 1920);
    if (!frame || c->kernelHeight > 3 || c->kernelWidth > 7 || stride_of(c) < 1 || stride_of(c) > 2 || c->nKernels > 24)
        return false;
    switch (mode_of(c)) {
    case DEEP: return c->batchDepth <= 128 && c->batchDepth * c->nKernels <= 3072;
    case DSS2: return c->batchDepth == c->nKernels && (c->batchDepth == 2 || c->batchDepth == 4);
    case SIMD2:
        return is_1x1 ? taps * c->nKernels <= 576 && c->batchDepth <= 24
                      : taps * c->nKernels <= 288 && c->batchDepth <= 8 && c->nKernels <= 4;
    default: return taps <= 72 && taps * c->nKernels <= 576 && c->batchDepth <= 24 && (is_1x1 || c->nKernels <= 8);
    }
}

static enum lp_npu_evidence of_convacc(const struct lp_npu_convacc *c)
{
    if (c->relu_mode_o || c->k_unsigned || c->shift_f != 0 || !c->rounding_o || !c->round_mode_o || !c->saturation_o)
        return LP_NPU_GUESSED;
    enum mode mode = mode_of(c);
    int32_t stride = stride_of(c);
    /* The recorded boards ran 1x1 and 3x3 convolutions of three channels and single-channel ones, in groups of 4 and 8. */
    bool on_board = (mode == SIMD1 || mode == SIMD2) && stride == 1 && !c->accumulate && c->kfilt_tot == 0 && !c->fstat &&
                    c->kernelWidth == c->kernelHeight && (c->kernelWidth == 1 || c->kernelWidth == 3) &&
                    ((c->batchDepth == 3 && (c->nKernels == 4 || c->nKernels == 8)) || (c->batchDepth == 1 && c->nKernels == 1));
    if (on_board)
        return LP_NPU_PROVED_ON_BOARD;
    for (size_t i = 0; i < LP_COUNT(executed); i++) {
        const struct proven *p = &executed[i];
        if (p->mode == mode && p->width == c->kernelWidth && p->height == c->kernelHeight && p->stride == stride &&
            lists(p->sizes, c->batchDepth, c->nKernels))
            return LP_NPU_EXECUTED;
    }
    return within_seen_sizes(c) ? LP_NPU_SEEN : LP_NPU_GUESSED;
}

static enum lp_npu_evidence of_arith(const struct lp_npu_arith *a)
{
    if (a->relu_mode_o || (a->C_scalar == -1 && a->vec_precision[2] != 0) || (a->rounding_o && !a->round_mode_o))
        return LP_NPU_READ;
    if (a->shift_x != 0 || (a->dualinput && a->shift_y != 0))
        return LP_NPU_READ;
    if (a->operation == LP_NPU_ARITH_MIN || a->operation == LP_NPU_ARITH_MAX)
        return LP_NPU_READ;
    bool walks = !a->scalar && a->bcast != LP_NPU_BCAST_CHAN && a->bcast != LP_NPU_BCAST_SCALAR && a->bcast != LP_NPU_BCAST_NONE;
    if (walks)
        return LP_NPU_READ;
    bool has_vectors = a->vec_precision[0] != 0 || a->vec_precision[1] != 0 || a->vec_precision[2] != 0;
    if (a->clipout || (a->dualinput && !a->scalar && has_vectors))
        return LP_NPU_SEEN;
    if (a->operation == LP_NPU_ARITH_AFFINE && !a->dualinput && a->rounding_o && a->saturation_o)
        return LP_NPU_PROVED_ON_BOARD;
    return LP_NPU_EXECUTED;
}

/* Maps whose average executed programs take. */
static bool average_was_seen(const struct lp_npu_pool *p)
{
    static const int32_t maps[][2] = {{3, 3}, {4, 4}, {4, 8}, {7, 3}, {7, 7}, {8, 16}, {16, 32}, {32, 64}};
    for (size_t i = 0; i < LP_COUNT(maps); i++)
        if ((p->inputX == maps[i][0] && p->inputY == maps[i][1]) || (p->inputX == maps[i][1] && p->inputY == maps[i][0]))
            return true;
    return false;
}

static enum lp_npu_evidence of_pool(const struct lp_npu_pool *p)
{
    bool is_square = p->poolWinX == p->poolWinY && p->strideX == p->strideY;
    if (p->relu_mode_o || p->shift_f != 0 || !p->round_mode_o)
        return LP_NPU_GUESSED;
    if (p->operation == LP_NPU_POOL_GAVG)
        return p->inputX == p->inputY && (p->inputX == 32 || p->inputX == 64) ? LP_NPU_PROVED_ON_BOARD
               : average_was_seen(p)                                          ? LP_NPU_EXECUTED
               : p->inputX <= 64 && p->inputY <= 64                           ? LP_NPU_SEEN
                                                                              : LP_NPU_GUESSED;
    if (p->operation == LP_NPU_POOL_MAX && is_square && p->poolWinX == 2 && p->strideX == 2)
        return LP_NPU_PROVED_ON_BOARD;
    if (p->operation == LP_NPU_POOL_MAX && is_square && p->poolWinX == 3 && p->strideX <= 2)
        return LP_NPU_EXECUTED;
    if (p->operation == LP_NPU_POOL_AVG && is_square && p->poolWinX == 2 && p->strideX == 2)
        return LP_NPU_EXECUTED;
    return p->operation == LP_NPU_POOL_MIN ? LP_NPU_READ : LP_NPU_GUESSED;
}

static enum lp_npu_evidence of_activ(const struct lp_npu_activ *a)
{
    if (a->operation == LP_NPU_ACTIV_FUNC)
        return a->shift_norm == 8 && a->shift_o == 15 && a->fsub == 0 ? LP_NPU_EXECUTED : LP_NPU_GUESSED;
    if (a->operation == LP_NPU_ACTIV_TRELU)
        return (a->parameter & 0xffff) == 65408 && (a->parameter_2 & 0xffff) == 65408 ? LP_NPU_EXECUTED : LP_NPU_GUESSED;
    return LP_NPU_GUESSED;
}

static enum lp_npu_evidence of_streng(const struct lp_npu_streng *s)
{
    if (s->dir == 1 && s->nbits_out == 24) /* sums of 24 bits pass between units; storing them is a width of this engine */
        return LP_NPU_SEEN;
    if (s->nbits_in == s->nbits_out)
        return LP_NPU_PROVED_ON_BOARD;
    return s->dir == 0 && s->nbits_in == 8 && s->nbits_out == 16 && s->align_right ? LP_NPU_EXECUTED : LP_NPU_READ;
}

enum lp_npu_evidence lp_npu_evidence_of_unit(enum lp_npu_unit_type type, const void *unit)
{
    switch (type) {
    case LP_NPU_STRENG: return of_streng(unit);
    case LP_NPU_CONVACC: return of_convacc(unit);
    case LP_NPU_ARITH: return of_arith(unit);
    case LP_NPU_POOL: return of_pool(unit);
    default: return of_activ(unit);
    }
}

/* Links of executed programs: which destinations each type of source reaches. */
static bool link_was_seen(const struct lp_npu_port *from, const struct lp_npu_port *to)
{
    switch (from->type) {
    case LP_NPU_STRENG: return true;
    case LP_NPU_CONVACC:
        return to->type == LP_NPU_STRENG || to->type == LP_NPU_ARITH || to->type == LP_NPU_POOL ||
               (to->type == LP_NPU_CONVACC && to->port == 2);
    case LP_NPU_ARITH: return !(to->type == LP_NPU_CONVACC && to->port != 0);
    case LP_NPU_POOL: return to->type == LP_NPU_STRENG || to->type == LP_NPU_POOL || (to->type == LP_NPU_ARITH && to->port == 0);
    default: return to->type == LP_NPU_STRENG || (to->type == LP_NPU_ARITH && to->port == 0);
    }
}

enum lp_npu_evidence lp_npu_evidence_of_route(const struct lp_npu_route *route)
{
    const struct lp_npu_context *c = route->contexts;
    const struct lp_npu_port *from = &c[0].source, *to = &route->destination;
    if (!link_was_seen(from, to))
        return LP_NPU_GUESSED;
    bool is_plain = route->context_count < 2 || c[0].frames == 0;
    if (from->type == LP_NPU_ARITH && to->type == LP_NPU_CONVACC)
        return !is_plain && c[0].enable && !c[1].enable && c[1].frames == 255 ? LP_NPU_EXECUTED : LP_NPU_GUESSED;
    if (is_plain)
        return LP_NPU_EXECUTED;
    return !c[0].enable && c[1].enable && c[1].frames == 1 ? LP_NPU_EXECUTED : LP_NPU_GUESSED;
}

enum lp_npu_evidence lp_npu_evidence_of_epoch(const struct lp_npu_epoch *epoch)
{
    enum lp_npu_evidence weakest = LP_NPU_PROVED_ON_BOARD;
    for (int type = 0; type < LP_NPU_UNIT_TYPES; type++)
        for (uint32_t i = 0; i < epoch->unit_count[type]; i++)
            weakest = weaker(weakest, lp_npu_evidence_of_unit((enum lp_npu_unit_type)type,
                                                              lp_npu_epoch_unit(epoch, (enum lp_npu_unit_type)type, i)));
    for (uint32_t i = 0; i < epoch->route_count; i++)
        weakest = weaker(weakest, lp_npu_evidence_of_route(&epoch->routes[i]));
    return weakest;
}

enum lp_npu_evidence lp_npu_evidence_of_program(const struct lp_npu_program *program)
{
    enum lp_npu_evidence weakest = LP_NPU_PROVED_ON_BOARD;
    for (uint32_t i = 0; i < program->epoch_count; i++)
        weakest = weaker(weakest, lp_npu_evidence_of_epoch(&program->epochs[i]));
    return weakest;
}
