#include "compiler/lower/cpu/channels.h"

#include "contract/packing.h"

static uint32_t align_for(const struct lp_lowering *l, uint32_t element_bytes)
{
    uint32_t blob = l->program->target->blob_align_bytes;
    return element_bytes > blob ? element_bytes : blob;
}

/* bias + in_offset * (sum of the filter), per channel. Neither this nor any partial sum can leave int32: the operator's
 * parameters were refused otherwise (lp_weighted_sums). */
static void fold(const int8_t *weights, const struct lp_filter_layout *f, int32_t in_offset, const int32_t *bias, int32_t *out)
{
    for (int32_t c = 0; c < f->channels; c++) {
        int64_t sum = 0;
        for (int32_t k = 0; k < f->taps; k++)
            sum += weights[(size_t)c * (size_t)f->channel_stride + (size_t)k * (size_t)f->tap_stride];
        out[c] = (int32_t)((bias == NULL ? 0 : bias[c]) + in_offset * sum);
    }
}

/* As the model has it when *in_offset is 0, else with in_offset * (sum of the filter) added. */
static lp_status bind_bias(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t field_offset, const struct lp_op *op,
                           const struct lp_filter_layout *f, int32_t *in_offset, int32_t *pad_value)
{
    const struct lp_tensor *weight = lp_op_input(l->graph, op, 1);
    const struct lp_tensor *bias = lp_op_input(l->graph, op, 2);
    if (*in_offset == 0)
        return bias == NULL ? LP_OK : lp_lower_read(l, epoch, field_offset, op->inputs[2]);
    int32_t *folded = LP_NEW_ARRAY(l->arena, (size_t)f->channels, int32_t);
    const char *name = lp_lower_item_name(l, "bias", op);
    if (folded == NULL || name == NULL)
        return lp_no_memory(l->diag);
    fold(weight->data, f, *in_offset, bias == NULL ? NULL : bias->data, folded);
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

static lp_status bind_scales(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t multiplier_offset, size_t shift_offset,
                             const struct lp_op *op, const struct lp_channel_scales *scales, uint8_t *per_channel)
{
    const char *multiplier_name = lp_lower_item_name(l, "multiplier", op);
    const char *shift_name = lp_lower_item_name(l, "shift", op);
    if (multiplier_name == NULL || shift_name == NULL)
        return lp_no_memory(l->diag);
    uint32_t count = all_alike(scales) ? 1 : scales->count;
    *per_channel = count > 1;
    struct lp_item item = {.cause = LP_CAUSE_SCALE_VECTORS,
                           .layer = (int32_t)op->source_index,
                           .name = multiplier_name,
                           .element = LP_ELEMENT_INT32,
                           .data = scales->multiplier,
                           .count = count,
                           .align_bytes = align_for(l, 4)};
    lp_status status = lp_lower_constant(l, epoch, multiplier_offset, item);
    item.name = shift_name;
    item.element = LP_ELEMENT_INT8;
    item.data = scales->shift;
    item.align_bytes = 1;
    return status == LP_OK ? lp_lower_constant(l, epoch, shift_offset, item) : status;
}

lp_status lp_lower_weighted(struct lp_lowering *l, struct lp_sw_epoch *epoch, const struct lp_op *op,
                            const struct lp_weighted_fields *fields, const struct lp_filter_layout *layout,
                            const struct lp_channel_scales *scales, int32_t *in_offset, int32_t *pad_value, uint8_t *per_channel)
{
    lp_status status = lp_lower_read(l, epoch, fields->in, op->inputs[0]);
    if (status == LP_OK)
        status = lp_lower_read(l, epoch, fields->weight, op->inputs[1]);
    if (status == LP_OK)
        status = bind_bias(l, epoch, fields->bias, op, layout, in_offset, pad_value);
    if (status == LP_OK)
        status = bind_scales(l, epoch, fields->multiplier, fields->shift, op, scales, per_channel);
    return status == LP_OK ? lp_lower_write(l, epoch, fields->out, op->outputs[0]) : status;
}

/* The item is one piece; the ledger takes out of it what the model file does not hold. */
static lp_status put_packed(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t field_offset, const struct lp_op *op,
                            const struct lp_pack *pack, const int8_t *bytes, size_t count)
{
    const int32_t layer = (int32_t)op->source_index;
    const size_t weights = (size_t)pack->channels * (size_t)(pack->taps != 0 ? pack->taps : pack->rows * pack->row_bytes);
    const size_t biases = 4 * (size_t)pack->channels;
    const size_t scales = pack->per_channel ? 5 * (size_t)pack->channels : 0;
    const bool has_bias = lp_op_input(l->graph, op, 2) != NULL;
    const struct {
        enum lp_cause cause;
        size_t bytes;
    } parts[] = {
        {LP_CAUSE_SCALE_VECTORS, scales},
        {LP_CAUSE_ZERO_POINT_TERMS, has_bias ? 0 : biases},
        {LP_CAUSE_LAYOUT_PADDING, count - weights - biases - scales},
    };
    const char *name = lp_lower_item_name(l, "packed", op);
    if (name == NULL)
        return lp_no_memory(l->diag);
    lp_status status = lp_lower_constant(l, epoch, field_offset,
                                         (struct lp_item){.cause = LP_CAUSE_MODEL_CONSTANTS,
                                                          .layer = layer,
                                                          .name = name,
                                                          .element = LP_ELEMENT_INT8,
                                                          .data = bytes,
                                                          .count = (uint32_t)count,
                                                          .align_bytes = align_for(l, 4)});
    for (size_t i = 0; i < LP_COUNT(parts) && status == LP_OK; i++)
        if (parts[i].bytes != 0)
            status = lp_section_claim(&l->program->weights, l->diag, parts[i].cause, LP_CAUSE_MODEL_CONSTANTS, layer,
                                      (int64_t)parts[i].bytes);
    return status;
}

static lp_status bind_packed(struct lp_lowering *l, struct lp_sw_epoch *epoch, size_t field_offset, const struct lp_op *op,
                             struct lp_pack *pack, int32_t in_offset)
{
    const struct lp_filter_layout layout = {pack->channels, pack->taps != 0 ? pack->taps : pack->rows * pack->row_bytes,
                                            pack->channel_stride, pack->tap_stride};
    const struct lp_tensor *bias = lp_op_input(l->graph, op, 2);
    lp_pack_constants *write = pack->taps != 0 ? lp_pack_blocks : lp_pack_groups;
    int32_t *folded = LP_NEW_ARRAY(l->arena, (size_t)pack->channels, int32_t);
    pack->weights = lp_op_input(l->graph, op, 1)->data;
    pack->bias = folded;
    if (folded == NULL)
        return lp_no_memory(l->diag);
    fold(pack->weights, &layout, in_offset, bias == NULL ? NULL : bias->data, folded);
    size_t count = write(pack, NULL);
    int8_t *bytes = LP_NEW_ARRAY(l->arena, count, int8_t);
    if (bytes == NULL)
        return lp_no_memory(l->diag);
    (void)write(pack, bytes);
    return put_packed(l, epoch, field_offset, op, pack, bytes, count);
}

lp_status lp_lower_packed(struct lp_lowering *l, struct lp_sw_epoch *epoch, const struct lp_op *op,
                          const struct lp_weighted_fields *fields, struct lp_pack *pack, const struct lp_channel_scales *scales,
                          int32_t *in_offset, int32_t *pad_value, uint8_t *per_channel)
{
    *per_channel = pack->taps != 0 || !all_alike(scales);
    pack->per_channel = *per_channel != 0;
    pack->rounding = (uint8_t)l->program->rounding;
    pack->multiplier = scales->multiplier;
    pack->shift = scales->shift;
    pack->is_single_scale = scales->count == 1;
    lp_status status = lp_lower_read(l, epoch, fields->in, op->inputs[0]);
    if (status == LP_OK)
        status = bind_packed(l, epoch, fields->weight, op, pack, *in_offset);
    if (status == LP_OK && !pack->per_channel)
        status = bind_scales(l, epoch, fields->multiplier, fields->shift, op, scales, per_channel);
    if (pad_value != NULL && *in_offset != 0)
        *pad_value = -*in_offset;
    *in_offset = 0;
    return status == LP_OK ? lp_lower_write(l, epoch, fields->out, op->outputs[0]) : status;
}
