#include "neural-art/program.h"

#include "neural-art/fields.h"

void *lp_npu_epoch_unit(const struct lp_npu_epoch *epoch, enum lp_npu_unit_type type, uint32_t position)
{
    switch (type) {
    case LP_NPU_STRENG: return &epoch->streng[position];
    case LP_NPU_CONVACC: return &epoch->convacc[position];
    case LP_NPU_ARITH: return &epoch->arith[position];
    case LP_NPU_POOL: return &epoch->pool[position];
    default: return &epoch->activ[position];
    }
}

void *lp_npu_epoch_find(const struct lp_npu_epoch *epoch, enum lp_npu_unit_type type, int32_t index)
{
    for (uint32_t i = 0; i < epoch->unit_count[type]; i++) {
        void *unit = lp_npu_epoch_unit(epoch, type, i);
        if (lp_npu_field_get(&lp_npu_unit_fields[type].fields[0], unit, 0) == index)
            return unit;
    }
    return NULL;
}

uint32_t lp_npu_streng_element_bytes(const struct lp_npu_streng *s)
{
    return (uint32_t)(s->dir ? s->nbits_out : s->nbits_in) / 8;
}

uint64_t lp_npu_streng_frame_elements(const struct lp_npu_streng *s)
{
    if (!s->raw)
        return (uint64_t)s->fwidth * s->fheight * s->batch_depth;
    if (s->frame_count != 0)
        return s->frame_count;
    return s->offset_end > s->offset_start ? (s->offset_end - s->offset_start) / lp_npu_streng_element_bytes(s) : 0;
}

uint64_t lp_npu_streng_frame_address(const struct lp_npu_streng *s, uint64_t frame)
{
    uint64_t start = (uint64_t)s->addr_base + s->offset_start;
    if (s->raw && s->continuous)
        return start + frame * lp_npu_streng_frame_elements(s) * lp_npu_streng_element_bytes(s);
    if (s->frame_loop_cnt == 0)
        return start + frame * s->frame_offset;
    return start + frame % s->frame_loop_cnt * s->frame_offset + frame / s->frame_loop_cnt * s->loop_offset;
}

static uint64_t line_pitch(const struct lp_npu_streng *s)
{
    return s->line_offset != 0 ? s->line_offset : (uint64_t)s->fwidth * s->batch_offset;
}

uint64_t lp_npu_streng_frame_span(const struct lp_npu_streng *s)
{
    uint64_t elements = lp_npu_streng_frame_elements(s);
    if (elements == 0)
        return 0;
    if (s->raw)
        return elements * lp_npu_streng_element_bytes(s);
    return (uint64_t)(s->fheight - 1) * line_pitch(s) + (uint64_t)(s->fwidth - 1) * s->batch_offset +
           (uint64_t)s->batch_depth * lp_npu_streng_element_bytes(s);
}

static uint32_t out_size(int32_t crop_first, int32_t crop_last, int32_t pad, int32_t kernel, int32_t stride)
{
    int32_t size = crop_last - crop_first + 1 + pad;
    if (crop_last < crop_first || size < kernel)
        return 0;
    return (uint32_t)((size - kernel) / (stride > 0 ? stride : 1) + 1);
}

uint32_t lp_npu_convacc_out_height(const struct lp_npu_convacc *c)
{
    return out_size(c->top_crop, c->bot_crop, c->top_padding + c->bot_padding, c->kernelHeight, c->vstride);
}

uint32_t lp_npu_convacc_out_width(const struct lp_npu_convacc *c)
{
    return out_size(c->left_crop, c->right_crop, c->left_padding + c->right_padding, c->kernelWidth, c->hstride);
}

uint32_t lp_npu_convacc_block_bytes(const struct lp_npu_convacc *c)
{
    uint32_t bytes = (uint32_t)(c->nKernels * c->batchDepth);
    if (c->deepmode)
        return (bytes + 2) / 3 * 3;
    return bytes * (uint32_t)(c->kernelWidth * c->kernelHeight);
}

uint32_t lp_npu_convacc_group_bytes(const struct lp_npu_convacc *c)
{
    uint32_t members = c->kfilt_tot > 0 ? (uint32_t)(c->kfilt_tot / c->nKernels) : 1;
    return members * lp_npu_convacc_block_bytes(c);
}
