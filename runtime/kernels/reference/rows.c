#include "runtime/kernels/kernels.h"

#include <stddef.h>
#include <string.h>

/* The two structures of a stage are one but for a name, so that a stage's geometry is read and changed in one way. */
_Static_assert(sizeof(struct lp_conv2d_s8) == sizeof(struct lp_depthwise_conv2d_s8), "stages differ");
#define SAME(member)                                                                                         \
    _Static_assert(offsetof(struct lp_conv2d_s8, member) == offsetof(struct lp_depthwise_conv2d_s8, member), \
                   "stages differ in " #member)
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
};

struct stage {
    lp_kernel *run;
    union args args;
    int32_t first; /* row of its map that its strip begins with; 0 for the last stage, which has the whole map */
    int32_t made;  /* rows up to here exist, or will never be needed */
};

static int32_t row_bytes(const struct stage *s)
{
    return s->args.conv.out_w * s->args.conv.out_c;
}

/* Rows [made, made + rows), from `in_h` rows of input. `top`: rows of padding above them. */
static lp_status run(struct stage *s, const int8_t *in, int32_t in_h, int32_t top, int32_t rows)
{
    union args args = s->args;
    args.conv.in = in;
    args.conv.in_h = in_h;
    args.conv.pad_top = (uint16_t)top;
    args.conv.out_h = rows;
    args.conv.out += (s->made - s->first) * row_bytes(s);
    s->made += rows;
    return s->run(&args);
}

/* Rows before `first` are not needed any more, whether they were made or not. */
static void drop_rows(struct stage *s, int32_t first)
{
    if (first < s->made)
        memmove(s->args.conv.out, s->args.conv.out + (first - s->first) * row_bytes(s),
                (size_t)((s->made - first) * row_bytes(s)));
    else
        s->made = first;
    s->first = first;
}

static int32_t at_least_0(int32_t row)
{
    return row > 0 ? row : 0;
}

/* Makes the rows of a stage up to `end`; as deep as there are stages. */
static lp_status make_rows(struct stage *stages, int32_t i, int32_t end)
{
    struct stage *s = &stages[i];
    const struct lp_conv2d_s8 *p = &s->args.conv;
    lp_status status = LP_OK;
    if (i == 0 && s->made < end) {
        const int32_t top = s->made * p->stride_h - p->pad_top, from = at_least_0(top);
        return run(s, p->in + from * p->in_w * p->in_c, p->in_h - from, from - top, end - s->made);
    }
    while (s->made < end && status == LP_OK) {
        struct stage *before = s - 1;
        const int32_t top = s->made * p->stride_h - p->pad_top, from = at_least_0(top);
        const int32_t last = top + (p->kernel_h - 1) * p->dilation_h + 1;
        if (from != before->first)
            drop_rows(before, from);
        status = make_rows(stages, i - 1, last < p->in_h ? last : p->in_h);
        if (status == LP_OK)
            status = run(s, p->in, before->made - before->first, from - top, 1);
    }
    return status;
}

lp_status lp_rows__reference(const void *args)
{
    const struct lp_rows *rows = args;
    struct stage stages[LP_ROWS_STAGES];
    for (int32_t i = 0; i < rows->count; i++) {
        stages[i].run = rows->stage[i].run;
        stages[i].first = stages[i].made = 0;
        memcpy(&stages[i].args, rows->stage[i].args, sizeof stages[i].args);
    }
    return make_rows(stages, rows->count - 1, stages[rows->count - 1].args.conv.out_h);
}
