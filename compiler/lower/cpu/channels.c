#include "compiler/lower/cpu/channels.h"

#include <stdlib.h>

static uint32_t align_for(const struct lp_lowering *l, uint32_t element_bytes)
{
    uint32_t blob = l->program->target->blob_align_bytes;
    return element_bytes > blob ? element_bytes : blob;
}

/* The new bias of one channel; false when a partial sum could leave int32. */
static bool fold_channel(const int8_t *weights, const struct lp_filter_layout *f, int32_t channel, int32_t in_offset, int32_t bias, int32_t *out)
{
    int64_t sum = 0;
    int64_t magnitude = 0;
    for (int32_t k = 0; k < f->taps; k++) {
        int8_t w = weights[(size_t)channel * (size_t)f->channel_stride + (size_t)k * (size_t)f->tap_stride];
        sum += w;
        magnitude += abs(w);
    }
    int64_t folded = bias + in_offset * sum;
    if (llabs(folded) + 128 * magnitude > INT32_MAX)
        return false;
    *out = (int32_t)folded;
    return true;
}

static bool fold_all(const int8_t *weights, const struct lp_filter_layout *f, int32_t in_offset, const int32_t *bias, int32_t *out)
{
    for (int32_t c = 0; c < f->channels; c++)
        if (!fold_channel(weights, f, c, in_offset, bias == NULL ? 0 : bias[c], &out[c]))
            return false;
    return true;
}

lp_status lp_lower_bias(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t field_offset, const struct lp_op *op,
                        const struct lp_filter_layout *f, int32_t *in_offset, int32_t *pad_value)
{
    const struct lp_tensor *weight = lp_op_input(l->graph, op, 1);
    const struct lp_tensor *bias = lp_op_input(l->graph, op, 2);
    if ((bias != NULL && bias->data == NULL) || weight->data == NULL || *in_offset == 0)
        return bias == NULL ? LP_OK : lp_lower_read(l, epoch, field_offset, op->inputs[2]);
    int32_t *folded = LP_NEW_ARRAY(l->arena, (size_t)f->channels, int32_t);
    const char *name = lp_lower_item_name(l, "bias", op);
    if (folded == NULL || name == NULL)
        return lp_no_memory(l->diag);
    if (!fold_all(weight->data, f, *in_offset, bias == NULL ? NULL : bias->data, folded))
        return bias == NULL ? LP_OK : lp_lower_read(l, epoch, field_offset, op->inputs[2]);
    if (pad_value != NULL)
        *pad_value = -*in_offset;
    *in_offset = 0;
    return lp_lower_constant(l, epoch, field_offset,
                             (struct lp_item){.cause = bias == NULL ? LP_CAUSE_ZERO_POINT_TERMS : LP_CAUSE_MODEL_CONSTANTS,
                                              .layer = (int32_t)op->source_index,
                                              .name = name,
                                              .element = LP_ELEMENT_INT32,
                                              .data = folded,
                                              .count = (uint32_t)f->channels,
                                              .align_bytes = align_for(l, 4)});
}

static bool all_alike(const struct lp_channel_scales *scales)
{
    for (uint32_t c = 1; c < scales->count; c++)
        if (scales->multiplier[c] != scales->multiplier[0] || scales->shift[c] != scales->shift[0])
            return false;
    return true;
}

lp_status lp_lower_scales(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t multiplier_offset, size_t shift_offset,
                          const struct lp_op *op, const struct lp_channel_scales *scales, uint8_t *per_channel)
{
    const char *multiplier_name = lp_lower_item_name(l, "multiplier", op);
    const char *shift_name = lp_lower_item_name(l, "shift", op);
    if (multiplier_name == NULL || shift_name == NULL)
        return lp_no_memory(l->diag);
    uint32_t count = all_alike(scales) ? 1 : scales->count;
    *per_channel = count > 1;
    struct lp_item item = {.cause = LP_CAUSE_SCALE_VECTORS, .layer = (int32_t)op->source_index, .name = multiplier_name, .element = LP_ELEMENT_INT32,
                           .data = scales->multiplier, .count = count, .align_bytes = align_for(l, 4)};
    lp_status status = lp_lower_constant(l, epoch, multiplier_offset, item);
    item.name = shift_name;
    item.element = LP_ELEMENT_INT8;
    item.data = scales->shift;
    item.align_bytes = 1;
    return status == LP_OK ? lp_lower_constant(l, epoch, shift_offset, item) : status;
}
