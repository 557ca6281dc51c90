#include "runtime/kernels/kernels.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The structures of convolutions are one but for a name, so that their geometry is read and changed in one way. */
_Static_assert(sizeof(struct lp_conv2d_s8) == sizeof(struct lp_depthwise_conv2d_s8), "convolutions differ");
#define SAME(member)                                                                                         \
    _Static_assert(offsetof(struct lp_conv2d_s8, member) == offsetof(struct lp_depthwise_conv2d_s8, member), \
                   "convolutions differ in " #member)
SAME(in);
SAME(out);
SAME(in_h);
SAME(in_w);
SAME(in_c);
SAME(out_h);
SAME(out_w);
SAME(out_c);
SAME(kernel_h);
SAME(stride_h);
SAME(dilation_h);
SAME(pad_top);

union args {
    struct lp_conv2d_s8 conv;
    struct lp_depthwise_conv2d_s8 depthwise;
    struct lp_pool_s8 pool;
};

struct stage {
    lp_kernel *run;
    union args args;
    bool is_pool;
    struct lp_rows_shape shape;
    const int8_t *in;
    int8_t *out;
    int32_t first; /* row of its map that its strip begins with; 0 for the last stage, which has the whole map */
    int32_t made;  /* rows up to here exist, or will never be needed */
};

static void open_stage(struct stage *s, const struct lp_epoch *epoch, bool is_pool)
{
    s->run = epoch->run;
    s->is_pool = is_pool;
    s->shape = lp_rows_shape_of(epoch->args, is_pool);
    s->first = s->made = 0;
    memcpy(&s->args, epoch->args, is_pool ? sizeof s->args.pool : sizeof s->args.conv);
    s->in = is_pool ? s->args.pool.in : s->args.conv.in;
    s->out = is_pool ? s->args.pool.out : s->args.conv.out;
}

/* Rows [made, made + rows), from `in_h` rows of input. `top`: rows of padding above them. */
static lp_status run(struct stage *s, const int8_t *in, int32_t in_h, int32_t top, int32_t rows)
{
    union args args = s->args;
    int8_t *out = s->out + (s->made - s->first) * s->shape.out_row_bytes;
    if (s->is_pool) {
        args.pool.in = in;
        args.pool.out = out;
        args.pool.in_h = in_h;
        args.pool.out_h = rows;
        args.pool.pad_top = (uint16_t)top;
    } else {
        args.conv.in = in;
        args.conv.out = out;
        args.conv.in_h = in_h;
        args.conv.out_h = rows;
        args.conv.pad_top = (uint16_t)top;
    }
    s->made += rows;
    return s->run(&args);
}

/* Rows before `first` are not needed any more, whether they were made or not. */
static void drop_rows(struct stage *s, int32_t first)
{
    if (first < s->made)
        memmove(s->out, s->out + (first - s->first) * s->shape.out_row_bytes,
                (size_t)((s->made - first) * s->shape.out_row_bytes));
    else
        s->made = first;
    s->first = first;
}

/* Makes the rows of a stage up to `end`; as deep as there are stages. */
static lp_status make_rows(struct stage *stages, int32_t i, int32_t end)
{
    struct stage *s = &stages[i], *before = s - 1;
    const struct lp_rows_shape *shape = &s->shape;
    lp_status status = LP_OK;
    while (s->made < end && status == LP_OK) {
        const int32_t top = s->made * shape->stride - shape->pad_top, last = top + shape->reach;
        const int32_t from = top > 0 ? top : 0;
        if (i == 0)
            return run(s, s->in + from * shape->in_row_bytes, shape->in_h - from, from - top, end - s->made);
        if (from != before->first)
            drop_rows(before, from);
        status = make_rows(stages, i - 1, last < shape->in_h ? last : shape->in_h);
        if (status == LP_OK)
            status = run(s, s->in, before->made - before->first, from - top, 1);
    }
    return status;
}

lp_status lp_rows__reference(const void *args)
{
    const struct lp_rows *rows = args;
    struct stage stages[LP_ROWS_STAGES];
    for (int32_t i = 0; i < rows->count; i++)
        open_stage(&stages[i], &rows->stage[i], (rows->pools >> i & 1) != 0);
    return make_rows(stages, rows->count - 1, stages[rows->count - 1].shape.out_h);
}
