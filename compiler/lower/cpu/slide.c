#include "compiler/lower/cpu/slide.h"

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* First byte that the windows from output pixel (y, x) of a map to the end of its row need. Rows and columns outside the map
 * are padding, which is not read. */
static int64_t first_read(const struct lp_slide *s, int64_t map, int32_t y, int32_t x)
{
    int64_t row = larger((int64_t)y * s->stride_h - s->pad_top, 0);
    int64_t column = larger((int64_t)x * s->stride_w - s->pad_left, 0);
    return ((map * s->in_h + row) * s->in_w + column) * s->in_pixel_bytes;
}

/* Rows that follow may reach back above those of this row: their first pixel says how far. */
static int64_t first_read_later(const struct lp_slide *s, int64_t map, int32_t y)
{
    if (y + 1 < s->out_h)
        return first_read(s, map, y + 1, 0);
    return map + 1 < s->batches ? first_read(s, map + 1, 0, 0) : INT64_MAX;
}

enum { TURNS = 8 };

/* Where along one dimension what is written and what is read change their pace: between two of these both grow evenly, so that
 * their distance is largest at one of them, however large the map is. */
static uint32_t find_turns(int32_t count, int32_t stride, int32_t pad, int32_t at_once, int32_t *turns)
{
    const int64_t last_clamped = pad / stride;
    const int64_t all[TURNS] = {
        0,         last_clamped - 1, last_clamped, last_clamped + 1, count - (int64_t)at_once, count - (int64_t)at_once + 1,
        count - 2, count - 1};
    uint32_t found = 0;
    for (uint32_t i = 0; i < TURNS; i++)
        if (all[i] >= 0 && all[i] < count)
            turns[found++] = (int32_t)all[i];
    return found;
}

static int64_t gap_of_row(const struct lp_slide *s, int64_t map, int32_t y)
{
    int32_t turns[TURNS];
    const uint32_t count = find_turns(s->out_w, s->stride_w, s->pad_left, s->pixels_at_once, turns);
    const int64_t later = first_read_later(s, map, y);
    int64_t gap = 0;
    for (uint32_t i = 0; i < count; i++) {
        int32_t x = turns[i];
        int64_t end = s->out_w - x < s->pixels_at_once ? s->out_w : x + s->pixels_at_once;
        int64_t written = ((map * s->out_h + y) * s->out_w + end) * s->out_pixel_bytes;
        int64_t read = first_read(s, map, y, x);
        gap = larger(gap, written - (read < later ? read : later));
    }
    return gap;
}

int64_t lp_slide_gap_bytes(const struct lp_slide *s)
{
    int32_t maps[TURNS], rows[TURNS];
    const uint32_t map_count = find_turns(s->batches, 1, 0, 1, maps);
    const uint32_t row_count = find_turns(s->out_h, s->stride_h, s->pad_top, 1, rows);
    int64_t gap = 0;
    for (uint32_t m = 0; m < map_count; m++)
        for (uint32_t r = 0; r < row_count; r++)
            gap = larger(gap, gap_of_row(s, maps[m], rows[r]));
    return gap;
}

void lp_lower_slide(struct lp_lowering *l, const struct lp_sw_epoch *epoch, int32_t tensor, const struct lp_slide *slide)
{
    int64_t gap = lp_slide_gap_bytes(slide);
    int64_t out_bytes = (int64_t)slide->batches * slide->out_h * slide->out_w * slide->out_pixel_bytes;
    if (gap < out_bytes)
        lp_lower_overlap(l, epoch, tensor, (uint32_t)gap);
}
