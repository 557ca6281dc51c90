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

int64_t lp_slide_gap_bytes(const struct lp_slide *s)
{
    int64_t gap = 0;
    for (int64_t map = 0; map < s->batches; map++)
        for (int32_t y = 0; y < s->out_h; y++) {
            int64_t later = first_read_later(s, map, y);
            for (int32_t x = 0; x < s->out_w; x++) {
                int64_t end = s->out_w - x < s->pixels_at_once ? s->out_w : x + s->pixels_at_once;
                int64_t written = ((map * s->out_h + y) * s->out_w + end) * s->out_pixel_bytes;
                int64_t read = first_read(s, map, y, x);
                gap = larger(gap, written - (read < later ? read : later));
            }
        }
    return gap;
}

void lp_lower_slide(struct lp_lowering *l, const struct lp_sw_epoch *epoch, int32_t tensor, const struct lp_slide *slide)
{
    int64_t gap = lp_slide_gap_bytes(slide);
    int64_t out_bytes = (int64_t)slide->batches * slide->out_h * slide->out_w * slide->out_pixel_bytes;
    if (gap < out_bytes)
        lp_lower_overlap(l, epoch, tensor, (uint32_t)gap);
}
