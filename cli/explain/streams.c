#include "cli/explain/streams.h"

#include "cli/explain/search.h"
#include "diagnose/vendor_layer.h"

enum { MOST_KERNELS = 64, MOST_BLOCK = 128, DEEP = 8, WORD_BYTES = 3 };

/* A stream of one operator: rows [row, row + rows) of its kernels, in groups of `kernels` over slices of `channels`. */
struct tiling {
    int32_t row, rows, kernels, channels;
    bool is_deep;
    bool is_diagonal; /* depthwise: `channels` inputs together, zeros beside the diagonal */
};

/* Takes a stream byte by byte: writes its beginning, or compares it with what an image holds. */
struct sink {
    uint8_t *write;        /* null: compare */
    const uint8_t *expect; /* null: write */
    size_t count, limit;
    bool is_done, is_different;
};

static void put(struct sink *s, int32_t value)
{
    if (s->is_done)
        return;
    if (s->write != NULL)
        s->write[s->count] = (uint8_t)value;
    else
        s->is_different = s->expect[s->count] != (uint8_t)value;
    s->count++;
    s->is_done = s->is_different || s->count == s->limit;
}

static int8_t weight(const struct lp_weighted_view *v, int32_t o, int32_t y, int32_t x, int32_t c)
{
    return v->weight[o * v->filter_stride + (int64_t)(y * v->kernel_w + x) * v->tap_stride + c];
}

static void put_deep_block(const struct lp_weighted_view *v, const struct tiling *t, int32_t o, int32_t kernels, int32_t c,
                           struct sink *out)
{
    for (int32_t h = 0; h < kernels && !out->is_done; h += DEEP)
        for (int32_t i = 0; i < t->channels && !out->is_done; i++)
            for (int32_t k = h; k < h + DEEP && k < kernels; k++)
                put(out, weight(v, o + k, 0, 0, c + i));
    for (int64_t bytes = (int64_t)kernels * t->channels; bytes % WORD_BYTES != 0; bytes++)
        put(out, 0);
}

static void put_block(const struct lp_weighted_view *v, const struct tiling *t, int32_t o, int32_t kernels, int32_t c,
                      struct sink *out)
{
    for (int32_t k = 0; k < kernels && !out->is_done; k++)
        for (int32_t y = t->row; y < t->row + t->rows; y++)
            for (int32_t x = 0; x < v->kernel_w; x++)
                for (int32_t i = 0; i < t->channels; i++)
                    if (t->is_diagonal)
                        put(out, i == k / v->group_c ? weight(v, o + k, y, x, 0) : 0);
                    else
                        put(out, weight(v, o + k, y, x, c + i));
}

static void put_stream(const struct lp_weighted_view *v, const struct tiling *t, struct sink *out)
{
    int32_t slices = t->is_diagonal ? 1 : v->filter_c / t->channels;
    for (int32_t o = 0; o < v->out_c && !out->is_done; o += t->kernels) {
        int32_t kernels = v->out_c - o < t->kernels ? v->out_c - o : t->kernels;
        for (int32_t s = 0; s < slices && !out->is_done; s++)
            (t->is_deep ? put_deep_block : put_block)(v, t, o, kernels, s * t->channels, out);
    }
}

static uint64_t stream_bytes(const struct lp_weighted_view *v, const struct tiling *t)
{
    uint64_t slices = t->is_diagonal ? 1 : (uint64_t)(v->filter_c / t->channels), sum = 0;
    for (int32_t o = 0; o < v->out_c; o += t->kernels) {
        int32_t kernels = v->out_c - o < t->kernels ? v->out_c - o : t->kernels;
        uint64_t block = (uint64_t)kernels * (uint64_t)t->rows * (uint64_t)v->kernel_w * (uint64_t)t->channels;
        sum += slices * (t->is_deep ? (block + WORD_BYTES - 1) / WORD_BYTES * WORD_BYTES : block);
    }
    return sum;
}

/* Zeros alone could lie anywhere: they are no kernel that can be told. */
static bool holds_stream(const struct lp_weighted_view *v, const struct tiling *t, const uint8_t *bytes, uint64_t size)
{
    bool has_value = false;
    struct sink compare = {.expect = bytes, .limit = (size_t)size};
    put_stream(v, t, &compare);
    for (uint64_t i = 0; i < size && !has_value && !compare.is_different; i++)
        has_value = bytes[i] != 0;
    return has_value;
}

/* *found when the stream of this tiling is in an image; it is a parameter then. */
static lp_status try_tiling(struct lp_search *s, const struct lp_weighted_view *v, const struct tiling *t, const char *layer,
                            bool *found)
{
    uint8_t first[LP_SEARCH_KEY_BYTES];
    uint64_t size = stream_bytes(v, t);
    bool has_key = size >= sizeof first;
    struct sink head = {.write = first, .limit = sizeof first};
    if (has_key)
        put_stream(v, t, &head);
    for (size_t i = has_key ? lp_search_first(s, lp_search_key(first)) : 0; i < s->place_count; i++) {
        const struct lp_search_place *place = &s->places[i];
        if (has_key && place->key != lp_search_key(first))
            break;
        const uint8_t *bytes = lp_search_free(s, place, size);
        if (bytes == NULL || !holds_stream(v, t, bytes, size))
            continue;
        *found = true;
        return lp_search_add(
            s, place,
            (struct lp_build_param){
                .name = layer,
                .layer = layer,
                .kind = LP_BUILD_KERNEL,
                .size_bytes = size,
                .rank = 4,
                .shape = {v->out_c, t->channels * (t->is_diagonal ? 1 : v->filter_c / t->channels), t->rows, v->kernel_w},
                .is_inflated = t->is_diagonal && t->channels > 1,
                .has_padding = true});
    }
    return LP_OK;
}

static lp_status find_diagonal(struct lp_search *s, const struct lp_weighted_view *v, int32_t row, int32_t rows,
                               const char *layer, bool *found)
{
    lp_status status = LP_OK;
    int32_t inputs = v->out_c / v->group_c;
    for (int32_t block = 1; block <= MOST_BLOCK && block <= inputs && !*found && status == LP_OK; block++)
        if (inputs % block == 0)
            status = try_tiling(s, v, &(struct tiling){row, rows, block * v->group_c, block, false, true}, layer, found);
    return status;
}

static lp_status find_slices(struct lp_search *s, const struct lp_weighted_view *v, int32_t row, int32_t rows, const char *layer,
                             bool *found)
{
    lp_status status = LP_OK;
    bool is_point = v->kernel_h * v->kernel_w == 1;
    for (int32_t channels = v->filter_c; channels > 0 && !*found && status == LP_OK; channels--) {
        if (v->filter_c % channels != 0)
            continue;
        for (int32_t kernels = 1; kernels <= MOST_KERNELS && kernels <= v->out_c && !*found && status == LP_OK; kernels++) {
            /* With all channels in one slice the groups do not show in a plain stream. */
            if (channels != v->filter_c || kernels == 1)
                status = try_tiling(s, v, &(struct tiling){row, rows, kernels, channels, false, false}, layer, found);
            if (status == LP_OK && is_point && !*found)
                status = try_tiling(s, v, &(struct tiling){row, rows, kernels, channels, true, false}, layer, found);
        }
    }
    return status;
}

/* Whole, or cut into groups of rows when units take no more at once; the parts lie anywhere. */
static lp_status find_kernel(struct lp_search *s, const struct lp_op *op, const char *layer)
{
    struct lp_weighted_view v;
    struct lp_channel_scales unused;
    lp_status status = lp_weighted_view_of(&s->session->arena, &s->session->diag, s->graph, op, LP_ROUNDING_SINGLE, &v, &unused);
    for (int32_t row = 0, step; status == LP_OK && row < v.kernel_h; row += step) {
        bool found = false;
        step = 1;
        for (int32_t rows = v.kernel_h - row; rows > 0 && !found && status == LP_OK; rows--) {
            status = op->kind == LP_OP_DEPTHWISE_CONV_2D ? find_diagonal(s, &v, row, rows, layer, &found)
                                                         : find_slices(s, &v, row, rows, layer, &found);
            step = found ? rows : 1;
        }
    }
    return status;
}

/* Larger kernels first: a small one might stand inside of a large one by chance. */
static bool next_of(const struct lp_graph *graph, int64_t *bound, uint32_t *op)
{
    int64_t best = -1;
    for (uint32_t i = 0; i < graph->op_count; i++) {
        if (!lp_vendor_layer_is_known(graph, &graph->ops[i]))
            continue;
        /* By size, then by place: the number of the operator makes each order its own. */
        int64_t order = lp_tensor_elements(lp_op_input(graph, &graph->ops[i], 1)) * graph->op_count + i;
        if (order < *bound && order > best) {
            best = order;
            *op = i;
        }
    }
    *bound = best;
    return best >= 0;
}

lp_status lp_streams_find(struct lp_session *session, const struct lp_graph *graph, struct lp_explain_folder *folder)
{
    struct lp_search s = {.session = session, .graph = graph, .folder = folder};
    lp_status status = lp_search_open(&s);
    /* Kernels of all layers first: vectors are short, and must not be found inside of one. */
    for (int vectors = 0; vectors <= 1; vectors++) {
        int64_t bound = INT64_MAX;
        for (uint32_t i; status == LP_OK && next_of(graph, &bound, &i);) {
            const struct lp_op *op = &graph->ops[i];
            const char *layer = lp_arena_printf(&session->arena, "operator_%u", (unsigned)op->source_index);
            status = layer == NULL  ? lp_no_memory(&session->diag)
                     : vectors == 1 ? lp_search_vectors(&s, op, layer)
                                    : find_kernel(&s, op, layer);
        }
    }
    return status == LP_OK ? lp_search_leftovers(&s) : status;
}
