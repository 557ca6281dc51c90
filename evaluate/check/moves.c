/* Kernels that move elements. */
#include "evaluate/check/rules.h"

#include <math.h>

LP_CHECK_OF(lp_copy)
{
    lp_check_memory(c, "in", a->in, a->size_bytes, 1);
    lp_check_memory(c, "out", a->out, a->size_bytes, 1);
}

LP_CHECK_OF(lp_expect)
{
    lp_check_memory(c, "in", a->in, a->size_bytes, 1);
    lp_check_memory(c, "expected", a->expected, a->size_bytes, 1);
}

LP_CHECK_OF(lp_copy_rows)
{
    lp_check_range(c, "rows", a->rows, 1, LP_CHECK_MOST);
    lp_check_memory(c, "in", a->in, ((int64_t)a->rows - 1) * a->in_stride_bytes + a->in_offset_bytes + a->run_bytes, 1);
    lp_check_memory(c, "out", a->out, ((int64_t)a->rows - 1) * a->out_stride_bytes + a->out_offset_bytes + a->run_bytes, 1);
    lp_check_work(c, a->rows, a->run_bytes);
}

/* Strides may be negative. Returns where the last byte ends; the first must not lie below 0. */
static int64_t check_moves(struct lp_kernel_checking *c, const char *what, const struct lp_move *a, const int32_t *strides,
                           uint32_t offset)
{
    int64_t first = offset, end = (int64_t)offset + a->run_bytes;
    for (uint32_t i = 0; i < a->rank; i++) {
        int64_t reach = ((int64_t)a->dims[i] - 1) * strides[i];
        first += reach < 0 ? reach : 0;
        end += reach > 0 ? reach : 0;
        lp_check_range(c, what, first, 0, UINT32_MAX);
        lp_check_range(c, what, end, 0, UINT32_MAX);
        if (c->why[0] != '\0')
            return 0;
    }
    return end;
}

LP_CHECK_OF(lp_move)
{
    lp_check_range(c, "rank", a->rank, 0, LP_MOVE_RANK);
    if (c->why[0] != '\0')
        return;
    int64_t runs = lp_check_dims(c, "dims", a->dims, a->rank);
    lp_check_memory(c, "in", a->in, check_moves(c, "the first or last byte of in", a, a->in_stride_bytes, a->in_offset_bytes), 1);
    lp_check_memory(c, "out", a->out,
                    check_moves(c, "the first or last byte of out", a, a->out_stride_bytes, a->out_offset_bytes), 1);
    lp_check_work(c, runs, a->run_bytes);
}

LP_CHECK_OF(lp_gather)
{
    lp_check_memory(c, "in", a->in, LP_CHECK_PRODUCT(c, "in", a->batches, a->outer, a->axis, a->run_bytes), 1);
    lp_check_memory(c, "indices", a->indices, LP_CHECK_PRODUCT(c, "indices", a->batches, a->count), sizeof *a->indices);
    lp_check_memory(c, "out", a->out, LP_CHECK_PRODUCT(c, "out", a->batches, a->outer, a->count, a->run_bytes), 1);
}

/* Elements of a tensor with a border, each dimension of at least one element inside; *inside without the border. */
static int64_t check_border(struct lp_kernel_checking *c, const int32_t *dims, const int32_t *before, const int32_t *after,
                            uint32_t rank, int64_t *inside)
{
    int64_t all = 1;
    *inside = lp_check_dims(c, "in_dims", dims, rank);
    for (uint32_t i = 0; i < rank; i++) {
        lp_check_range(c, "before", before[i], 0, LP_CHECK_MOST);
        lp_check_range(c, "after", after[i], 0, LP_CHECK_MOST);
        all = LP_CHECK_PRODUCT(c, "out", all, (int64_t)before[i] + dims[i] + after[i]);
    }
    return all;
}

LP_CHECK_OF(lp_pad)
{
    int64_t inside = 0;
    lp_check_range(c, "rank", a->rank, 1, LP_PAD_RANK);
    lp_check_range(c, "element_bytes", a->element_bytes, 1, 4);
    if (c->why[0] != '\0')
        return;
    int64_t all = check_border(c, a->in_dims, a->before, a->after, a->rank, &inside);
    lp_check_memory(c, "in", a->in, inside, a->element_bytes);
    lp_check_memory(c, "out", a->out, all, a->element_bytes);
}

LP_CHECK_OF(lp_mirror_pad)
{
    int64_t inside = 0;
    lp_check_range(c, "rank", a->rank, 1, LP_MIRROR_PAD_RANK);
    if (c->why[0] != '\0')
        return;
    int64_t all = check_border(c, a->in_dims, a->before, a->after, a->rank, &inside);
    for (uint32_t i = 0; i < a->rank; i++) {
        int64_t most = a->is_symmetric ? a->in_dims[i] : (int64_t)a->in_dims[i] - 1;
        lp_check_range(c, "before", a->before[i], 0, most);
        lp_check_range(c, "after", a->after[i], 0, most);
    }
    lp_check_memory(c, "in", a->in, inside, a->run_bytes);
    lp_check_memory(c, "out", a->out, all, a->run_bytes);
}

/* Positions are float32 and become int32. */
static void check_positions(struct lp_kernel_checking *c, const char *what, float scale, float offset, int32_t size)
{
    const float last = ((float)size + offset) * scale;
    lp_check_range(c, what, isfinite(last) && scale >= 0.0f && offset >= 0.0f && last < (float)LP_CHECK_MOST, 1, 1);
}

LP_CHECK_OF(lp_resize_nearest)
{
    lp_check_memory(c, "in", a->in, LP_CHECK_PRODUCT(c, "in", a->batches, a->in_h, a->in_w, a->run_bytes), 1);
    lp_check_memory(c, "out", a->out, LP_CHECK_PRODUCT(c, "out", a->batches, a->out_h, a->out_w, a->run_bytes), 1);
    check_positions(c, "whether scale_h and offset give rows of the map", a->scale_h, a->offset, a->out_h);
    check_positions(c, "whether scale_w and offset give columns of the map", a->scale_w, a->offset, a->out_w);
}

/* In 1/1024. The scales are rounded: the last position may lie beyond the map, by less than one for each output. */
static void check_places(struct lp_kernel_checking *c, const char *what, int64_t in, int64_t out, int64_t scale, int64_t offset)
{
    enum { ONE = 1 << 10, MOST = 1 << 20 };
    lp_check_range(c, what, in, 1, MOST);
    lp_check_range(c, what, out, 1, MOST);
    lp_check_range(c, what, scale, 0, INT32_MAX);
    lp_check_range(c, what, offset, -ONE, MOST * (int64_t)ONE);
    lp_check_range(c, what, (out - 1) * scale + offset, -ONE, in * ONE + out);
}

LP_CHECK_OF(lp_resize_bilinear_s8)
{
    lp_check_memory(c, "in", a->in, LP_CHECK_PRODUCT(c, "in", a->batches, a->in_h, a->in_w, a->channels), 1);
    lp_check_memory(c, "out", a->out, LP_CHECK_PRODUCT(c, "out", a->batches, a->out_h, a->out_w, a->channels), 1);
    check_places(c, "the rows of the map", a->in_h, a->out_h, a->scale_h, a->offset_h);
    check_places(c, "the columns of the map", a->in_w, a->out_w, a->scale_w, a->offset_w);
    lp_check_rounding(c, a->rounding);
}

LP_CHECK_OF(lp_space_batch)
{
    int64_t whole = LP_CHECK_PRODUCT(c, "the whole map", a->batches, a->whole_h, a->whole_w, a->run_bytes);
    int64_t parts = LP_CHECK_PRODUCT(c, "the parts", a->block_h, a->block_w, a->batches, a->part_h, a->part_w, a->run_bytes);
    bool is_whole_first = c->symbol[3] == 's'; /* SPACE_TO_BATCH_ND; the other one reads the parts */
    lp_check_memory(c, "in", a->in, is_whole_first ? whole : parts, 1);
    lp_check_memory(c, "out", a->out, is_whole_first ? parts : whole, 1);
    lp_check_range(c, "element_bytes", a->element_bytes, 1, 4);
    lp_check_range(c, "top", a->top, 0, LP_CHECK_MOST);
    lp_check_range(c, "left", a->left, 0, LP_CHECK_MOST);
}
