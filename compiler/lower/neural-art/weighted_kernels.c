/* Kernels in the order in which the unit reads them. */
#include "compiler/lower/neural-art/weighted.h"

enum { DEEP_RUN = 8, DEEP_LANES = 3 };

uint32_t lp_npu_block_bytes(enum lp_npu_mode mode, int32_t taps, int32_t depth, int32_t kernels)
{
    uint32_t bytes = (uint32_t)(taps * depth * kernels);
    return mode == LP_NPU_DEEP ? (bytes + DEEP_LANES - 1) / DEEP_LANES * DEEP_LANES : bytes;
}

struct block {
    const struct lp_weighted_view *view;
    const struct lp_npu_part *part;
    int32_t channel, kernels; /* of the frame */
};

static int8_t weight_of(const struct block *b, int32_t kernel, int32_t y, int32_t x, int32_t i)
{
    const struct lp_weighted_view *v = b->view;
    int64_t row = b->part->y->tap_first + (int64_t)y * b->part->y->tap_step;
    int64_t column = b->part->x->tap_first + (int64_t)x * b->part->x->tap_step;
    return v
        ->weight[(b->channel + kernel) * v->filter_stride + (row * v->kernel_w + column) * v->tap_stride + b->part->first + i];
}

/* Kernel by kernel, line by line, column by column, channel by channel. */
static uint8_t *put_plain(const struct block *b, uint8_t *to)
{
    for (int32_t k = 0; k < b->kernels; k++)
        for (int32_t y = 0; y < b->part->y->taps; y++)
            for (int32_t x = 0; x < b->part->x->taps; x++)
                for (int32_t i = 0; i < b->part->depth; i++)
                    *to++ = (uint8_t)weight_of(b, k, y, x, i);
    return to;
}

/* Runs of eight kernels, channel by channel, kernel by kernel. The caller's memory is zero: the fill needs no writing. */
static uint8_t *put_deep(const struct block *b, uint8_t *to)
{
    uint8_t *end = to + lp_npu_block_bytes(LP_NPU_DEEP, 1, b->part->depth, b->kernels);
    for (int32_t run = 0; run < b->kernels; run += DEEP_RUN)
        for (int32_t i = 0; i < b->part->depth; i++)
            for (int32_t k = run; k < run + DEEP_RUN && k < b->kernels; k++)
                *to++ = (uint8_t)weight_of(b, k, 0, 0, i);
    return end;
}

uint8_t *lp_npu_weighted_kernels(const struct lp_npu_weighted *p, const struct lp_npu_piece *piece,
                                 const struct lp_npu_part *parts, int32_t count, uint32_t *size_bytes, uint32_t *padding_bytes)
{
    uint32_t frame_bytes = 0, weights = 0;
    int32_t frames = piece->frames;
    for (int32_t i = 0; i < count; i++) {
        int32_t taps = parts[i].y->taps * parts[i].x->taps;
        frame_bytes += lp_npu_block_bytes(p->tiling.mode, taps, parts[i].depth, piece->kernels);
        weights += (uint32_t)(taps * parts[i].depth * piece->kernels);
    }
    *size_bytes = frame_bytes * (uint32_t)frames;
    *padding_bytes = (frame_bytes - weights) * (uint32_t)frames;
    uint8_t *bytes = LP_NEW_ARRAY(p->w->l->arena, *size_bytes, uint8_t);
    uint8_t *to = bytes;
    for (int32_t f = 0; bytes != NULL && f < frames; f++)
        for (int32_t i = 0; i < count; i++) {
            const struct block b = {p->view, &parts[i], piece->channel + f * piece->step, piece->kernels};
            to = p->tiling.mode == LP_NPU_DEEP ? put_deep(&b, to) : put_plain(&b, to);
        }
    return bytes;
}
