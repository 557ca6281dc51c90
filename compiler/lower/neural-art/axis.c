#include "compiler/lower/neural-art/axis.h"

static int32_t divide_up(int32_t a, int32_t b)
{
    return (a + b - 1) / b;
}

static int32_t divide_down(int32_t a, int32_t b)
{
    return a >= 0 ? a / b : -divide_up(-a, b);
}

/* The taps of `whole` as balanced runs, so that no run is needlessly short. */
static void cut_taps(const struct lp_npu_axis_part *whole, int32_t most_taps, struct lp_npu_axis_tile *tile)
{
    int32_t runs = divide_up(whole->taps, most_taps);
    for (int32_t r = 0, done = 0; r < runs; r++) {
        int32_t taps = divide_up(whole->taps - done, runs - r);
        struct lp_npu_axis_part part = *whole;
        part.tap_first = whole->tap_first + done * whole->tap_step;
        part.taps = taps;
        part.lead = whole->lead + done;
        tile->parts[tile->part_count++] = part;
        done += taps;
    }
}

/* Lines offset, offset + step, ... of a map, `offset` possibly before or behind its start. */
static void set_sub_map(struct lp_npu_axis_part *part, const struct lp_npu_side *side, int32_t offset, int32_t step)
{
    part->lead = divide_down(offset, step);
    part->start = offset - part->lead * step;
    part->step = step;
    part->lines = part->start < side->in ? divide_up(side->in - part->start, step) : 0;
}

static void native_tile(const struct lp_npu_side *side, int32_t most_taps, struct lp_npu_axis *axis)
{
    const struct lp_npu_axis_part whole = {.tap_step = 1, .taps = side->kernel, .step = 1, .lines = side->in, .lead = -side->pad};
    axis->stride = side->stride;
    axis->tiles[0] = (struct lp_npu_axis_tile){.step = 1, .count = side->out, .parts = axis->tiles[0].parts};
    axis->tile_count = 1;
    cut_taps(&whole, most_taps, &axis->tiles[0]);
}

/* Taps t, t + stride, ... slide over the lines t - pad, t - pad + stride, ... */
static void stepped_tile(const struct lp_npu_side *side, int32_t most_taps, struct lp_npu_axis *axis)
{
    axis->tiles[0] = (struct lp_npu_axis_tile){.step = 1, .count = side->out, .parts = axis->tiles[0].parts};
    axis->tile_count = 1;
    for (int32_t t = 0; t < side->stride && t < side->kernel; t++) {
        struct lp_npu_axis_part whole = {
            .tap_first = t, .tap_step = side->stride, .taps = divide_up(side->kernel - t, side->stride)};
        set_sub_map(&whole, side, t - side->pad, side->stride);
        cut_taps(&whole, most_taps, &axis->tiles[0]);
    }
}

static void dilated_tiles(const struct lp_npu_side *side, int32_t most_taps, struct lp_npu_axis *axis)
{
    for (int32_t phase = 0; phase < side->dilation && phase < side->out; phase++) {
        struct lp_npu_axis_tile *tile = &axis->tiles[axis->tile_count++];
        struct lp_npu_axis_part whole = {.tap_step = 1, .taps = side->kernel};
        tile->first = phase;
        tile->step = side->dilation;
        tile->count = divide_up(side->out - phase, side->dilation);
        set_sub_map(&whole, side, phase - side->pad, side->dilation);
        cut_taps(&whole, most_taps, tile);
    }
}

/* Dilation and step at once: every tap for itself. */
static void single_taps(const struct lp_npu_side *side, struct lp_npu_axis *axis)
{
    axis->tiles[0] = (struct lp_npu_axis_tile){.step = 1, .count = side->out, .parts = axis->tiles[0].parts};
    axis->tile_count = 1;
    for (int32_t t = 0; t < side->kernel; t++) {
        struct lp_npu_axis_part whole = {.tap_first = t, .tap_step = 1, .taps = 1};
        set_sub_map(&whole, side, t * side->dilation - side->pad, side->stride);
        cut_taps(&whole, 1, &axis->tiles[0]);
    }
}

bool lp_npu_axis_plan(struct lp_arena *arena, const struct lp_npu_side *side, int32_t most_taps, bool is_native,
                      struct lp_npu_axis *out)
{
    int32_t dilation = side->kernel == 1 ? 1 : side->dilation;
    *out = (struct lp_npu_axis){.stride = 1};
    out->tiles = LP_NEW_ARRAY(arena, (size_t)dilation, struct lp_npu_axis_tile);
    for (int32_t t = 0; out->tiles != NULL && t < dilation; t++)
        if ((out->tiles[t].parts = LP_NEW_ARRAY(arena, (size_t)side->kernel, struct lp_npu_axis_part)) == NULL)
            return false;
    if (out->tiles == NULL)
        return false;
    if (is_native && dilation == 1)
        native_tile(side, most_taps, out);
    else if (dilation == 1)
        stepped_tile(side, most_taps, out);
    else if (side->stride == 1)
        dilated_tiles(side, most_taps, out);
    else
        single_taps(side, out);
    for (int32_t t = 0; t < out->tile_count; t++)
        if (out->tiles[t].part_count > out->most_parts)
            out->most_parts = out->tiles[t].part_count;
    return true;
}

struct lp_npu_span lp_npu_axis_span(const struct lp_npu_axis_part *part, int32_t stride, int32_t first, int32_t count)
{
    int32_t low = part->lead + first * stride;
    int32_t high = low + (count - 1) * stride + part->taps - 1;
    int32_t kept_low = low < 0 ? 0 : low;
    int32_t kept_high = high > part->lines - 1 ? part->lines - 1 : high;
    struct lp_npu_span span = {.start = part->start + kept_low * part->step};
    if (kept_high < kept_low)
        return span;
    span.lines = kept_high - kept_low + 1;
    span.pad_before = kept_low - low;
    span.pad_after = high - kept_high;
    return span;
}
