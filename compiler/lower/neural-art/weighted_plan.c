/* Chooses slices, frames and mode of a convolution: enumerates what the proven limits leave, and estimates cycles and bytes. */
#include <math.h>
#include <string.h>

#include "compiler/lower/neural-art/weighted.h"
#include "compiler/semantics/semantics.h"

enum {
    MOST_LINES = 3,
    MOST_COLUMNS = 7, /* of a kernel part */
    MOST_PADDING = 8,
    MOST_KERNEL = 64,
    MOST_DILATION = 16,
    EPOCH_CYCLES = 1900,
    MOST_FRAME_COUNT = 255,       /* that a switch context counts */
    MOST_COUNTED_EPOCHS = 1 << 14 /* of a tiling that has too many: a hostile map would take hours */
};

static const double SELF_PENALTY = 1.1;

/* Sizes of executed programs, by mode; see NEURAL-ART's envelope in evidence.c, which judges the result. */
struct limits {
    int32_t depth, kernels; /* of 1x1 kernels */
    int32_t window_depth, window_kernels;
    int32_t weights_of_kernel, weights_of_window; /* taps * depth (* kernels) */
    int32_t weights_1x1;
    int32_t row; /* columns * depth */
};
static const struct limits limits_of[LP_NPU_MODES] = {
    [LP_NPU_SIGNED] = {24, 24, 24, 8, 72, 576, 576, 1920},
    [LP_NPU_DEEP] = {128, 24, 0, 0, 0, 0, 3072, 4608},
    [LP_NPU_WIDE] = {24, 24, 8, 4, 72, 288, 576, 1920},
};

static int32_t divide_up(int32_t a, int32_t b)
{
    return (a + b - 1) / b;
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t most_taps_of(const struct lp_npu_axis *axis)
{
    int32_t most = 0;
    for (int32_t t = 0; t < axis->tile_count; t++)
        for (int32_t i = 0; i < axis->tiles[t].part_count; i++)
            most = axis->tiles[t].parts[i].taps > most ? axis->tiles[t].parts[i].taps : most;
    return most;
}

/* Some window reaches beyond the map. */
static bool has_padding(const struct lp_weighted_view *v)
{
    return v->pad_top > 0 || v->pad_left > 0 ||
           (int64_t)(v->out_h - 1) * v->stride_h + (int64_t)(v->kernel_h - 1) * v->dilation_h - v->pad_top >= v->in_h ||
           (int64_t)(v->out_w - 1) * v->stride_w + (int64_t)(v->kernel_w - 1) * v->dilation_w - v->pad_left >= v->in_w;
}

static bool is_dense(const struct lp_weighted_view *v)
{
    return v->group_c == v->out_c;
}

/* ---- the window ---- */

static bool plan_axes(struct lp_npu_weighted *p)
{
    const struct lp_weighted_view *v = p->view;
    struct lp_arena *arena = p->w->l->arena;
    struct lp_npu_side y = {v->in_h,     p->lines.count, v->kernel_h,
                            v->stride_h, v->dilation_h,  v->pad_top - p->lines.first * v->stride_h};
    struct lp_npu_side x = {v->in_w,     p->columns.count, v->kernel_w,
                            v->stride_w, v->dilation_w,    v->pad_left - p->columns.first * v->stride_w};
    /* One result: whatever the step is. */
    y.stride = y.out == 1 ? 1 : y.stride;
    x.stride = x.out == 1 ? 1 : x.stride;
    bool is_window = y.kernel > 1 && x.kernel > 1 && y.dilation == 1 && x.dilation == 1;
    bool is_square = y.kernel == 3 && x.kernel == 3;
    /* Depthwise windows of step 2 other than 3x3, and those of one line, are avoided: such a form hung a board. */
    bool is_native = y.stride == 2 && x.stride == 2 && is_window && (is_square || is_dense(v));
    bool is_planned = lp_npu_axis_plan(arena, &y, MOST_LINES, is_native || y.stride == 1, &p->y) &&
                      lp_npu_axis_plan(arena, &x, MOST_COLUMNS, is_native || x.stride == 1, &p->x);
    for (int32_t t = 0; is_planned && t < p->y.tile_count; t++)
        p->y.tiles[t].first += p->lines.first;
    for (int32_t t = 0; is_planned && t < p->x.tile_count; t++)
        p->x.tiles[t].first += p->columns.first;
    return is_planned;
}

/* ---- pieces ---- */

struct walk {
    struct lp_npu_weighted *p;
    struct lp_npu_part *parts; /* room for all of a piece */
    lp_status (*visit)(void *user, const struct lp_npu_piece *piece);
    void *user;
};

static void gather_parts(struct walk *k, struct lp_npu_piece *piece)
{
    const struct lp_npu_weighted *p = k->p;
    int32_t filter = p->view->filter_c, depth = p->tiling.depth;
    piece->parts = k->parts;
    piece->part_count = 0;
    for (int32_t iy = 0; iy < piece->y->part_count; iy++)
        for (int32_t ix = 0; ix < piece->x->part_count; ix++) {
            struct lp_npu_part part = {.y = &piece->y->parts[iy], .x = &piece->x->parts[ix]};
            part.rows = lp_npu_axis_span(part.y, p->y.stride, 0, piece->y->count);
            part.columns = lp_npu_axis_span(part.x, p->x.stride, piece->x_first, piece->x_count);
            if (part.rows.lines == 0 || part.columns.lines == 0)
                continue; /* sees only padding, which adds nothing */
            for (int32_t first = 0; first < filter; first += depth) {
                part.first = first;
                part.depth = smaller(depth, filter - first);
                k->parts[piece->part_count++] = part;
            }
        }
}

/* Frames of one size for all channels of a run, overlapping where they must. False: there is no such step. */
static bool set_frames(struct lp_npu_piece *piece, int32_t kernels, int32_t channels)
{
    int32_t frames = divide_up(channels, kernels);
    piece->channels = channels;
    piece->kernels = smaller(kernels, channels);
    piece->frames = frames;
    piece->step = frames == 1 ? piece->kernels : (channels - kernels) / (frames - 1);
    return frames == 1 || ((channels - kernels) % (frames - 1) == 0 && frames * kernels <= LP_NPU_MOST_CHANNELS);
}

/* Runs of channels that fit one table of coefficients; when frames can't overlap evenly, a shorter run for what is left. */
static lp_status walk_channels(struct walk *k, struct lp_npu_piece *piece)
{
    const struct lp_weighted_view *v = k->p->view;
    int32_t kernels = k->p->tiling.kernels;
    int32_t unit = is_dense(v) ? kernels : v->group_c; /* runs begin at multiples of it */
    int32_t most = LP_NPU_MOST_CHANNELS / unit * unit;
    lp_status status = LP_OK;
    for (int32_t channel = 0; channel < v->out_c && status == LP_OK; channel += piece->channels) {
        int32_t left = v->out_c - channel;
        piece->channel = channel;
        bool even = is_dense(v) && set_frames(piece, kernels, smaller(left, LP_NPU_MOST_CHANNELS));
        if (!even)
            (void)set_frames(piece, kernels, left < unit ? left : smaller(most, left / unit * unit));
        status = k->visit(k->user, piece);
    }
    return status;
}

static int32_t widest_strip(const struct lp_npu_weighted *p)
{
    int32_t widest = limits_of[p->tiling.mode].row / p->tiling.depth;
    return (widest - most_taps_of(&p->x)) / p->x.stride + 1;
}

/* Strips of columns that are narrow enough for the unit. */
static lp_status walk_strips(struct walk *k, struct lp_npu_piece *piece)
{
    const struct lp_npu_weighted *p = k->p;
    int32_t most = widest_strip(p);
    lp_status status = LP_OK;
    for (int32_t x = 0; x < piece->x->count && status == LP_OK; x += piece->x_count) {
        piece->x_first = x;
        piece->x_count = smaller(most, piece->x->count - x);
        gather_parts(k, piece);
        status = walk_channels(k, piece);
    }
    return status;
}

lp_status lp_npu_weighted_pieces(struct lp_npu_weighted *p, lp_status (*visit)(void *user, const struct lp_npu_piece *piece),
                                 void *user)
{
    size_t most = (size_t)p->y.most_parts * (size_t)p->x.most_parts * (size_t)divide_up(p->view->filter_c, p->tiling.depth);
    if (most > p->part_capacity) {
        p->part_capacity = 2 * most;
        p->parts = LP_NEW_ARRAY(p->w->l->arena, p->part_capacity, struct lp_npu_part);
    }
    struct walk k = {p, p->parts, visit, user};
    lp_status status = k.parts == NULL ? lp_no_memory(p->w->l->diag) : LP_OK;
    for (int32_t n = 0; n < p->batches && status == LP_OK; n++)
        for (int32_t ty = 0; ty < p->y.tile_count && status == LP_OK; ty++)
            for (int32_t tx = 0; tx < p->x.tile_count && status == LP_OK; tx++) {
                struct lp_npu_piece piece = {.batch = n, .y = &p->y.tiles[ty], .x = &p->x.tiles[tx]};
                status = walk_strips(&k, &piece);
            }
    return status;
}

/* ---- estimates ---- */

struct estimate {
    const struct lp_npu_weighted *p;
    int64_t cycles, bytes, epochs;
    int64_t units; /* convolution units of all epochs, each with its engines */
    int32_t most_padding, most_parts, fewest_parts;
    double most_cost; /* what the best so far costs: more is of no interest */
};

static int64_t most_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int32_t words_of_depth(enum lp_npu_mode mode, int32_t depth)
{
    return mode == LP_NPU_DEEP ? divide_up(depth, 3) : depth;
}

static int64_t feature_words(enum lp_npu_mode mode, const struct lp_npu_part *part)
{
    return (int64_t)part->rows.lines * part->columns.lines * words_of_depth(mode, part->depth);
}

static int64_t part_bytes(const struct lp_npu_weighted *p, const struct lp_npu_part *part, int32_t kernels)
{
    return lp_npu_block_bytes(p->tiling.mode, part->y->taps * part->x->taps, part->depth, kernels);
}

static void estimate_padding(struct estimate *e, const struct lp_npu_part *part)
{
    const int32_t pads[4] = {part->rows.pad_before, part->rows.pad_after, part->columns.pad_before, part->columns.pad_after};
    for (int i = 0; i < 4; i++)
        e->most_padding = pads[i] > e->most_padding ? pads[i] : e->most_padding;
}

/* All that lies in flash: constants, and the tables that describe epochs and units, about as large as emission makes them. */
static double stored_bytes(const struct estimate *e)
{
    enum { BYTES_OF_EPOCH = 300, BYTES_OF_UNIT = 140 };
    return (double)(e->bytes + BYTES_OF_EPOCH * e->epochs + BYTES_OF_UNIT * e->units);
}

static double cost_of(const struct lp_npu_weighted *p, const struct estimate *e)
{
    switch (p->w->l->options->goal) {
    case LP_GOAL_SIZE: return (double)e->cycles * 1e-6 + stored_bytes(e);
    case LP_GOAL_SPEED: return (double)e->cycles + (double)e->bytes * 1e-6;
    default: return (double)e->cycles + (double)e->bytes;
    }
}

/* LP_DOES_NOT_FIT: this tiling costs more than another one already, or has far too many epochs; the rest need not be looked at. */
static lp_status estimate_piece(void *user, const struct lp_npu_piece *piece)
{
    struct estimate *e = user;
    const struct lp_npu_weighted *p = e->p;
    int64_t frames = piece->frames, kernel_words = 0;
    int64_t out = frames * piece->kernels * piece->y->count * piece->x_count, busiest = out;
    int32_t lanes = p->tiling.mode == LP_NPU_DEEP ? 3 : 1;
    e->most_parts = piece->part_count > e->most_parts ? piece->part_count : e->most_parts;
    e->fewest_parts = piece->part_count < e->fewest_parts ? piece->part_count : e->fewest_parts;
    for (int32_t i = 0; i < piece->part_count; i++) {
        const struct lp_npu_part *part = &piece->parts[i];
        bool begins = p->tiling.adding == LP_NPU_PIPES ? i % LP_NPU_PIPE_UNITS == 0 : i == 0;
        if (begins && i > 0) {
            e->cycles += EPOCH_CYCLES + busiest;
            e->epochs++;
            busiest = out;
            kernel_words = 0;
        }
        estimate_padding(e, part);
        kernel_words += frames * part_bytes(p, part, piece->kernels) / lanes;
        e->bytes += frames * part_bytes(p, part, piece->kernels);
        int64_t features = frames * feature_words(p->tiling.mode, part);
        if (p->tiling.adding == LP_NPU_SELF)
            features *= piece->part_count;
        busiest = most_of(busiest, most_of(features, kernel_words));
    }
    if (p->tiling.adding == LP_NPU_SELF)
        busiest = most_of(busiest, out * piece->part_count);
    e->cycles += EPOCH_CYCLES + busiest;
    e->epochs++;
    e->units += p->tiling.adding == LP_NPU_SELF ? 1 : piece->part_count;
    return cost_of(p, e) < e->most_cost && e->epochs <= MOST_COUNTED_EPOCHS ? LP_OK : LP_DOES_NOT_FIT;
}

/* ---- candidates ---- */

struct lp_npu_candidate {
    struct lp_npu_tiling tiling;
    double least; /* that it costs */
};

struct search {
    struct lp_npu_weighted *p;
    struct estimate best;
    struct lp_npu_tiling best_tiling;
    double best_cost, limit; /* no tiling that costs more than the limit is the best */
    bool found;
    bool feeds_pool;         /* pooling alone reads the result: it can take frames as they come when they do not overlap */
    struct estimate nearest; /* of those that failed, for the message */
    bool failed_by_epochs;
};

/* What a tiling of 1x1 kernels costs at least. Most tilings are beaten by that alone, without a walk over their pieces. */
static double least_cost(const struct lp_npu_weighted *p)
{
    const struct lp_weighted_view *v = p->view;
    const struct lp_npu_tiling *t = &p->tiling;
    int64_t maps = 0, slices = divide_up(v->filter_c, t->depth), lanes = t->mode == LP_NPU_DEEP ? 3 : 1;
    for (int32_t i = 0; i < p->x.tile_count; i++)
        maps += divide_up(p->x.tiles[i].count, widest_strip(p));
    maps *= (int64_t)p->y.tile_count * p->batches;
    int64_t pieces = maps * divide_up(v->out_c, LP_NPU_MOST_CHANNELS);
    /* All slices pass one unit, or up to PIPE_UNITS of them units side by side. */
    int64_t in_row = t->adding == LP_NPU_SELF ? slices : (slices + LP_NPU_PIPE_UNITS - 1) / LP_NPU_PIPE_UNITS;
    int64_t depth = slices == 1 ? v->filter_c : t->depth, last = v->filter_c - (slices - 1) * depth;
    int64_t words = (in_row - 1) * words_of_depth(t->mode, (int32_t)depth) + words_of_depth(t->mode, (int32_t)last);
    int64_t features = (int64_t)p->batches * p->lines.count * p->columns.count * divide_up(v->out_c, t->kernels) * words;
    struct estimate e = {.bytes = maps * v->filter_c * v->out_c,
                         .epochs = t->adding == LP_NPU_SELF ? pieces : pieces * in_row,
                         .units = t->adding == LP_NPU_SELF ? pieces : pieces * slices};
    e.cycles = e.epochs * EPOCH_CYCLES + most_of(features, e.bytes / lanes);
    return cost_of(p, &e);
}

static bool has_window(const struct lp_npu_weighted *p)
{
    return most_taps_of(&p->y) * most_taps_of(&p->x) > 1;
}

static lp_status add_candidate(struct search *s, struct lp_npu_tiling tiling)
{
    struct lp_npu_candidates *all = &s->p->w->candidates;
    if (all->count == all->room) {
        const uint32_t room = all->room == 0 ? 256 : 2 * all->room;
        struct lp_npu_candidate *of = LP_NEW_ARRAY(s->p->w->l->arena, room, struct lp_npu_candidate);
        if (of == NULL)
            return lp_no_memory(s->p->w->l->diag);
        if (all->count != 0)
            memcpy(of, all->of, all->count * sizeof *of);
        all->of = of;
        all->room = room;
    }
    s->p->tiling = tiling;
    const double least = has_window(s->p) ? 0.0 : least_cost(s->p) * (tiling.adding == LP_NPU_SELF ? SELF_PENALTY : 1.0);
    all->of[all->count++] = (struct lp_npu_candidate){tiling, least};
    return LP_OK;
}

static lp_status try_candidate(struct search *s, const struct lp_npu_candidate *candidate)
{
    struct lp_npu_weighted *p = s->p;
    const struct lp_npu_tiling tiling = candidate->tiling;
    struct estimate e = {.p = p, .fewest_parts = INT32_MAX, .most_cost = s->found ? s->best_cost : nextafter(s->limit, INFINITY)};
    if (candidate->least > s->limit || (s->found && candidate->least >= s->best_cost))
        return LP_OK;
    p->tiling = tiling;
    lp_status status = lp_npu_weighted_pieces(p, estimate_piece, &e);
    if (status == LP_DOES_NOT_FIT && e.epochs > MOST_COUNTED_EPOCHS) {
        s->failed_by_epochs = true;
        s->nearest = e;
    }
    if (status != LP_OK)
        return status == LP_DOES_NOT_FIT ? LP_OK : status;
    bool pads = e.most_padding > MOST_PADDING || e.fewest_parts == 0, many = e.epochs > LP_NPU_MOST_EPOCHS;
    if (tiling.adding == LP_NPU_SELF && (e.most_parts < 2 || e.most_parts > MOST_FRAME_COUNT))
        return LP_OK;
    if (pads || many) {
        s->failed_by_epochs = s->failed_by_epochs || many;
        s->nearest = e;
        return LP_OK;
    }
    /* Every slice fed back is rounded once more: worth a little time to avoid. */
    double cost = cost_of(p, &e) * (tiling.adding == LP_NPU_SELF ? SELF_PENALTY : 1.0);
    const struct lp_weighted_view *v = p->view;
    if (s->feeds_pool && v->out_c % tiling.kernels != 0)
        cost += EPOCH_CYCLES + (double)v->out_c * p->lines.count * p->columns.count;
    if (s->found && cost >= s->best_cost)
        return LP_OK;
    s->found = true;
    s->best = e;
    s->best_cost = cost;
    s->best_tiling = tiling;
    return LP_OK;
}

static bool fits(const struct lp_npu_weighted *p, const struct limits *l, int32_t depth, int32_t kernels)
{
    int32_t taps = most_taps_of(&p->y) * most_taps_of(&p->x);
    if (l->row / depth < most_taps_of(&p->x))
        return false;
    if (taps == 1)
        return depth <= l->depth && kernels <= l->kernels && depth * kernels <= l->weights_1x1;
    return depth <= l->window_depth && kernels <= l->window_kernels && taps * depth <= l->weights_of_kernel &&
           taps * depth * kernels <= l->weights_of_window;
}

/* Slices of equal depth, the deepest, and, of frames, those that overlap evenly. */
static bool is_worth_trying(int32_t whole, int32_t part)
{
    return whole % part == 0 || divide_up(whole, part) < divide_up(whole, part - 1);
}

/* Every tiling of a mode that the limits leave. */
static lp_status add_mode(struct search *s, enum lp_npu_mode mode)
{
    const struct lp_weighted_view *v = s->p->view;
    const struct limits *l = &limits_of[mode];
    int32_t outputs = is_dense(v) ? v->out_c : v->group_c;
    lp_status status = LP_OK;
    int32_t most_kernels = s->feeds_pool ? smaller(l->kernels, LP_NPU_POOL_DEPTH) : l->kernels;
    for (int32_t kernels = smaller(most_kernels, outputs); kernels >= 1 && status == LP_OK; kernels--) {
        struct lp_npu_piece piece;
        bool even = is_dense(v) && outputs <= LP_NPU_MOST_CHANNELS && set_frames(&piece, kernels, outputs);
        if ((!even && !is_worth_trying(outputs, kernels)) || (!is_dense(v) && outputs % kernels != 0))
            continue;
        for (int32_t depth = smaller(l->depth, v->filter_c); depth >= 1 && status == LP_OK; depth--) {
            if (!is_worth_trying(v->filter_c, depth) || !fits(s->p, l, depth, kernels))
                continue;
            status = add_candidate(s, (struct lp_npu_tiling){mode, LP_NPU_PIPES, depth, kernels});
            bool can_feed_back = !s->p->is_cut && is_dense(v) && v->filter_c % depth == 0 &&
                                 s->p->y.most_parts * s->p->x.most_parts == 1;
            if (status == LP_OK && can_feed_back)
                status = add_candidate(s, (struct lp_npu_tiling){mode, LP_NPU_SELF, depth, kernels});
        }
    }
    return status;
}

/* Every tiling of every mode that computes what is asked for. */
static lp_status find_candidates(struct search *s)
{
    const struct lp_npu_weighted *p = s->p;
    bool pads = has_padding(p->view);
    bool is_single = !has_window(p) && p->y.most_parts * p->x.most_parts == 1;
    lp_status status = LP_OK;
    p->w->candidates.count = 0;
    if (!pads || p->view->in_zero == 0)
        status = add_mode(s, LP_NPU_SIGNED);
    if (status == LP_OK && !pads && is_single && is_dense(p->view))
        status = add_mode(s, LP_NPU_DEEP);
    if (status == LP_OK && pads && p->view->in_zero != 0)
        status = add_mode(s, LP_NPU_WIDE);
    return status;
}

/* The tiling that promises most is estimated first: what it costs beats most of the others by their bounds. */
static lp_status find_limit(struct search *s)
{
    const struct lp_npu_candidates *all = &s->p->w->candidates;
    const struct lp_npu_candidate *promising = all->of;
    s->limit = INFINITY;
    for (uint32_t i = 1; i < all->count; i++)
        if (all->of[i].least < promising->least)
            promising = &all->of[i];
    lp_status status = all->count == 0 || has_window(s->p) ? LP_OK : try_candidate(s, promising);
    if (s->found)
        s->limit = s->best_cost;
    s->found = false; /* of several that cost the same, the first one is taken */
    s->failed_by_epochs = false;
    return status;
}

static lp_status search(struct search *s)
{
    lp_status status = find_candidates(s);
    if (status == LP_OK)
        status = find_limit(s);
    for (uint32_t i = 0; i < s->p->w->candidates.count && status == LP_OK; i++)
        status = try_candidate(s, &s->p->w->candidates.of[i]);
    return status;
}

static lp_status refuse_search(const struct search *s, struct lp_refusal *no)
{
    struct lp_lowering *l = s->p->w->l;
    if (s->failed_by_epochs)
        return lp_npu_refuse(
            l, no, LP_NPU_RULE_TILES,
            lp_arena_printf(l->arena, "%s%lld epochs", s->nearest.epochs > MOST_COUNTED_EPOCHS ? "at least " : "",
                            (long long)s->nearest.epochs),
            s->p->op->kind == LP_OP_MEAN ? "a smaller batch" : "fewer channels, a smaller kernel, dilation or batch");
    return lp_npu_refuse(l, no, LP_NPU_RULE_PADDING,
                         s->nearest.fewest_parts == 0 ? "results that see nothing but padding"
                                                      : lp_arena_printf(l->arena, "%d", (int)s->nearest.most_padding),
                         "a PAD operator before this one, and VALID padding");
}

static lp_status check_window(struct lp_npu_weighted *p, struct lp_refusal *no)
{
    const struct lp_weighted_view *v = p->view;
    struct lp_lowering *l = p->w->l;
    if (v->kernel_h > MOST_KERNEL || v->kernel_w > MOST_KERNEL)
        return lp_npu_refuse(l, no, LP_NPU_RULE_KERNEL, lp_arena_printf(l->arena, "%dx%d", (int)v->kernel_h, (int)v->kernel_w),
                             lp_arena_printf(l->arena, "at most %d lines and columns", MOST_KERNEL));
    if ((v->kernel_h > 1 && v->dilation_h > MOST_DILATION) || (v->kernel_w > 1 && v->dilation_w > MOST_DILATION))
        return lp_npu_refuse(l, no, LP_NPU_RULE_DILATION,
                             lp_arena_printf(l->arena, "%dx%d", (int)v->dilation_h, (int)v->dilation_w),
                             lp_arena_printf(l->arena, "a dilation of at most %d", MOST_DILATION));
    return LP_OK;
}

lp_status lp_npu_weighted_plan(struct lp_npu_weighted *p, struct lp_refusal *no)
{
    struct search s = {.p = p};
    lp_status status = check_window(p, no);
    if (status != LP_OK || no->rule != NULL)
        return status;
    if (!is_dense(p->view) && p->view->group_c > LP_NPU_MOST_CHANNELS)
        return lp_npu_refuse(p->w->l, no, LP_NPU_RULE_TILES,
                             lp_arena_printf(p->w->l->arena, "%d results for one group of channels", (int)p->view->group_c),
                             "at most 512 results a group");
    if (!plan_axes(p))
        return lp_no_memory(p->w->l->diag);
    const struct lp_op *reader = lp_npu_sole_reader(p->w, p->op->outputs[0]);
    s.feeds_pool = reader != NULL && lp_npu_is_pool(reader->kind);
    status = search(&s);
    if (status != LP_OK)
        return status;
    if (!s.found)
        return refuse_search(&s, no);
    p->tiling = s.best_tiling;
    p->cycles = s.best.cycles;
    p->epochs = s.best.epochs;
    p->stored_bytes = s.best.bytes;
    return LP_OK;
}
