/* PAD and PADV2: a border of rows and columns by a convolution unit (NEURAL-ART.md 12.7), one of channels by engines that repeat
 * its value. */
#include "compiler/lower/neural-art/border.h"

#include "compiler/semantics/semantics.h"

#include <string.h>

enum { PLAIN = 0, SEEN_BIAS = INT8_MIN, LARGEST_STEP = 255, PADDED_RANK = 3 };

/* An identity of `depth` channels, read again for every frame. */
static struct lp_npu_port feed_identity(struct lp_npu_build *b, const struct lp_op *op, int32_t depth, int64_t frames)
{
    int8_t *ones = LP_NEW_ARRAY(b->l->arena, (size_t)(depth * depth), int8_t);
    if (ones == NULL && b->status == LP_OK)
        b->status = lp_no_memory(b->l->diag);
    for (int32_t i = 0; ones != NULL && i < depth; i++)
        ones[i * depth + i] = 1;
    const struct lp_item item = {.cause = LP_CAUSE_PAD_KERNELS,
                                 .layer = (int32_t)op->source_index,
                                 .name = lp_lower_item_name(b->l, "identity", op),
                                 .element = LP_ELEMENT_INT8,
                                 .data = ones,
                                 .count = (uint32_t)(depth * depth)};
    struct lp_npu_streng *in = lp_npu_engine(b, 0, lp_npu_parameters(b, item), 0);
    lp_npu_engine_raw(in, item.count, 1, (uint32_t)frames);
    in->frame_loop_cnt = 1;
    in->align_right = 1;
    return lp_npu_port(LP_NPU_STRENG, in, 0);
}

static struct lp_npu_convacc *add_unit(struct lp_npu_build *b, const struct lp_npu_map *map, const struct lp_npu_border *border,
                                       int32_t depth)
{
    struct lp_npu_convacc *c = lp_npu_convacc(b);
    c->simd = c->inbytes_f = c->outbytes_o = 1;
    c->rounding_o = c->saturation_o = c->round_mode_o = 1;
    c->kernelWidth = c->kernelHeight = c->hstride = c->vstride = 1;
    c->nKernels = c->batchDepth = depth;
    c->fWidth = map->width;
    c->fHeight = map->height;
    c->right_crop = map->width - 1;
    c->bot_crop = map->height - 1;
    c->left_padding = border->left;
    c->right_padding = border->right;
    c->top_padding = border->top;
    c->bot_padding = border->bottom;
    return c;
}

struct lp_npu_stream lp_npu_feed_bordered(struct lp_npu_work *w, struct lp_npu_build *b, const struct lp_op *op,
                                          const struct lp_npu_map *map, const struct lp_npu_border *border, int32_t depth)
{
    struct lp_npu_stream stream = lp_npu_feed(b, op->inputs[0], map, depth);
    struct lp_npu_convacc *c = add_unit(b, map, border, depth);
    const struct lp_npu_port source = stream.port;
    bool is_shifted = border->value != PLAIN && border->value != SEEN_BIAS;
    lp_npu_route(b, source, lp_npu_port(LP_NPU_CONVACC, c, 0));
    lp_npu_route(b, feed_identity(b, op, depth, stream.frames), lp_npu_port(LP_NPU_CONVACC, c, 1));
    stream.port = lp_npu_port(LP_NPU_CONVACC, c, 0);
    stream.width += border->left + border->right;
    stream.height += border->top + border->bottom;
    lp_npu_busy(b, (int64_t)stream.width * stream.height * map->channels);
    if (!is_shifted) {
        c->zfbias = border->value;
        return stream;
    }
    /* Padding is the value 0 of what is left when the border's value is subtracted; ARITH adds it again. */
    struct lp_npu_streng *in = lp_npu_epoch_unit(&b->hw->epoch, LP_NPU_STRENG, (uint32_t)source.index);
    in->align_right = 1;
    in->nbits_out = 16;
    c->simd = c->inbytes_f = c->outbytes_o = 2;
    c->fsub = border->value;
    struct lp_npu_requant *q = lp_npu_one_requant(w, 1.0, border->value, LARGEST_STEP);
    if (q == NULL) {
        b->status = b->status == LP_OK ? lp_no_memory(b->l->diag) : b->status;
        return stream;
    }
    return lp_npu_add_requant(b, op, &stream, 2, q, INT8_MIN, INT8_MAX);
}

/* Rows, columns, and channels before and behind; false: other dimensions have a border too. */
static bool read_border(const struct lp_graph *g, const struct lp_op *op, struct lp_npu_border *border, int32_t channels[2])
{
    const struct lp_tensor *in = lp_op_input(g, op, 0), *pads = lp_op_input(g, op, 1);
    int32_t sides[2 * PADDED_RANK] = {0};
    for (uint32_t i = 0; i < 2u * in->rank; i++) {
        int32_t lines = lp_tensor_number(pads, i);
        uint32_t from_end = in->rank - 1 - i / 2;
        if (from_end < PADDED_RANK)
            sides[2 * from_end + i % 2] = lines;
        else if (lines != 0 || in->dims[i / 2] != 1)
            return false;
    }
    border->left = sides[2];
    border->right = sides[3];
    border->top = sides[4];
    border->bottom = sides[5];
    channels[0] = sides[0];
    channels[1] = sides[1];
    return true;
}

static struct lp_npu_target target_at(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_map *map, int32_t first)
{
    return (struct lp_npu_target){.memory = lp_npu_write_tensor(b, op->outputs[0]),
                                  .channels = map->channels,
                                  .map_width = map->width,
                                  .first_channel = first,
                                  .step_y = 1,
                                  .step_x = 1};
}

void lp_npu_fill(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_target *target, int32_t width,
                 int32_t height, int32_t channels, int32_t value)
{
    int8_t *pixel = LP_NEW_ARRAY(b->l->arena, (size_t)channels, int8_t);
    if (pixel == NULL) {
        b->status = b->status == LP_OK ? lp_no_memory(b->l->diag) : b->status;
        return;
    }
    memset(pixel, value, (size_t)channels);
    const struct lp_item item = {.cause = LP_CAUSE_PAD_KERNELS,
                                 .layer = (int32_t)op->source_index,
                                 .name = lp_lower_item_name(b->l, "border", op),
                                 .element = LP_ELEMENT_INT8,
                                 .data = pixel,
                                 .count = (uint32_t)channels};
    struct lp_npu_streng *in = lp_npu_engine(b, 0, lp_npu_parameters(b, item), 0);
    lp_npu_engine_raw(in, item.count, 1, (uint32_t)width * (uint32_t)height);
    in->frame_loop_cnt = 1;
    const struct lp_npu_stream stream = {
        .port = lp_npu_port(LP_NPU_STRENG, in, 0), .width = width, .height = height, .depth = channels, .frames = 1};
    lp_npu_store(b, &stream, target);
    lp_npu_busy(b, (int64_t)width * height * channels);
}

void lp_npu_surround(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_stream *inner,
                     const struct lp_npu_target *whole, const struct lp_npu_border *border)
{
    const int32_t height = inner->height, width = inner->width, all = width + border->left + border->right;
    const struct {
        int32_t y, x, height, width;
    } strips[] = {{0, 0, border->top, all},
                  {border->top + height, 0, border->bottom, all},
                  {border->top, 0, height, border->left},
                  {border->top, border->left + width, height, border->right}};
    struct lp_npu_target target = *whole;
    target.y += border->top;
    target.x += border->left;
    lp_npu_store(b, inner, &target);
    for (size_t i = 0; i < LP_COUNT(strips); i++) {
        target.y = whole->y + strips[i].y;
        target.x = whole->x + strips[i].x;
        if (strips[i].height > 0 && strips[i].width > 0)
            lp_npu_fill(b, op, &target, strips[i].width, strips[i].height, inner->depth, border->value);
    }
}

static void fill_channels(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_map *map, int32_t first,
                          int32_t channels, int32_t value)
{
    const struct lp_npu_target target = target_at(b, op, map, first);
    lp_npu_fill(b, op, &target, map->width, map->height, channels, value);
}

/* The map, with its rows and columns, between channels that engines fill. */
static lp_status end_between(struct lp_npu_build *b, const struct lp_op *op, const struct lp_npu_stream *stream,
                             const int32_t channels[2], int32_t value)
{
    const struct lp_npu_map to = lp_npu_map_of(lp_op_output(b->l->graph, op, 0));
    const struct lp_npu_target target = target_at(b, op, &to, channels[0]);
    lp_npu_store(b, stream, &target);
    if (channels[0] > 0)
        fill_channels(b, op, &to, 0, channels[0], value);
    if (channels[1] > 0)
        fill_channels(b, op, &to, to.channels - channels[1], channels[1], value);
    return lp_npu_end(b, op, 0);
}

static int32_t widest(const struct lp_npu_border *b)
{
    int32_t rows = b->top > b->bottom ? b->top : b->bottom, columns = b->left > b->right ? b->left : b->right;
    return rows > columns ? rows : columns;
}

/* Too wide a border, or too long lines, for the convolution unit. */
static lp_status lower_wide(struct lp_npu_work *w, const struct lp_op *op, const struct lp_npu_map *map,
                            const struct lp_npu_border *border)
{
    struct lp_npu_build *b = NULL;
    lp_status status = lp_npu_begin(w->l, op, &b);
    if (status != LP_OK)
        return status;
    const struct lp_npu_stream stream = lp_npu_feed(b, op->inputs[0], map, map->channels);
    struct lp_npu_target target = lp_npu_target_of(w, b, op->outputs[0]);
    target.map_width = map->width + border->left + border->right;
    lp_npu_surround(b, op, &stream, &target, border);
    return lp_npu_end(b, op, 0);
}

lp_status lp_npu_lower_pad(struct lp_npu_work *w, const struct lp_op *op, struct lp_refusal *no)
{
    struct lp_lowering *l = w->l;
    const struct lp_npu_map map = lp_npu_map_of(lp_op_input(l->graph, op, 0));
    struct lp_npu_border border = {0};
    int32_t channels[2];
    struct lp_npu_build *b = NULL;
    struct lp_pad args;
    lp_status status = lp_npu_need_int8(w, op, no);
    if (status == LP_OK && no->rule == NULL)
        status = lp_pad_params(l->graph, op, l->diag, &args);
    if (status != LP_OK || no->rule != NULL)
        return status;
    border.value = (int8_t)args.value;
    if (!read_border(l->graph, op, &border, channels))
        return lp_npu_refuse(l, no, LP_NPU_RULE_BORDER, "a border of other dimensions",
                             "a border of rows, columns or channels of one map");
    const bool is_wide = widest(&border) > LP_NPU_WIDEST_BORDER || (map.width > LP_NPU_LONGEST_ROW && widest(&border) > 0);
    if (is_wide && channels[0] + channels[1] > 0)
        return lp_npu_refuse(
            l, no, LP_NPU_RULE_BORDER,
            lp_arena_printf(l->arena, "%ld lines around %ld columns, and channels", (long)widest(&border), (long)map.width),
            "at most 8 lines around at most 1,920 columns beside a border of channels");
    if (is_wide)
        return lower_wide(w, op, &map, &border);
    status = lp_npu_begin(l, op, &b);
    if (status != LP_OK)
        return status;
    const struct lp_npu_stream stream = widest(&border) > 0 ? lp_npu_feed_bordered(w, b, op, &map, &border, 1)
                                                            : lp_npu_feed(b, op->inputs[0], &map, map.channels);
    if (channels[0] + channels[1] > 0)
        return end_between(b, op, &stream, channels, border.value);
    return lp_npu_result(w, b, op, &stream);
}
