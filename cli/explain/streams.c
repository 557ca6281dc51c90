#include "cli/explain/streams.h"

#include "diagnose/vendor_layer.h"

#include <stdlib.h>
#include <string.h>

enum {
    START_ALIGNMENT = 16,
    KEY_BYTES = 8,
    MOST_KERNELS = 24,
    MOST_CHANNELS = 128,
    ROWS_AT_ONCE = 3,
    DEEP = 8,
    WORD_BYTES = 3,
    PARAMS_OF_LAYER = 24
};

/* Every place of an image where a parameter may start, sorted by what stands there. */
struct start {
    uint64_t key;
    uint32_t image;
    uint64_t offset;
};

struct search {
    struct lp_session *session;
    struct lp_explain_folder *folder;
    struct start *starts;
    size_t start_count;
    uint32_t param_capacity;
};

/* A stream of one operator: rows [row, row + rows) of its kernels, in groups of `kernels` over slices of `channels`. */
struct tiling {
    int32_t row, rows, kernels, channels;
    bool is_deep;
    int32_t block; /* depthwise: so many channels together, zeros beside the diagonal; 0: not depthwise */
};

struct bytes {
    uint8_t *data;
    size_t count, limit;
};

static void emit(struct bytes *b, int32_t value)
{
    if (b->count < b->limit)
        b->data[b->count] = (uint8_t)value;
    b->count++;
}

static int8_t weight(const struct lp_weighted_view *v, int32_t o, int32_t y, int32_t x, int32_t c)
{
    return v->weight[o * v->filter_stride + (int64_t)(y * v->kernel_w + x) * v->tap_stride + c];
}

static void emit_block(const struct lp_weighted_view *v, const struct tiling *t, int32_t o, int32_t kernels, int32_t c,
                       struct bytes *b)
{
    size_t start = b->count;
    if (t->is_deep) {
        for (int32_t h = 0; h < kernels; h += DEEP)
            for (int32_t i = 0; i < t->channels; i++)
                for (int32_t k = h; k < h + DEEP && k < kernels; k++)
                    emit(b, weight(v, o + k, 0, 0, c + i));
        while ((b->count - start) % WORD_BYTES != 0)
            emit(b, 0);
        return;
    }
    for (int32_t k = 0; k < kernels; k++)
        for (int32_t y = t->row; y < t->row + t->rows; y++)
            for (int32_t x = 0; x < v->kernel_w; x++)
                for (int32_t i = 0; i < t->channels; i++)
                    emit(b, t->block == 0 ? weight(v, o + k, y, x, c + i) : i == k ? weight(v, o + k, y, x, 0) : 0);
}

/* The stream, or as much of it as `b` has room for; b->count is the whole length when everything was asked for. */
static void emit_stream(const struct lp_weighted_view *v, const struct tiling *t, struct bytes *b)
{
    for (int32_t o = 0; o < v->out_c && b->count < b->limit; o += t->kernels) {
        int32_t kernels = v->out_c - o < t->kernels ? v->out_c - o : t->kernels;
        int32_t slices = t->block != 0 ? 1 : v->filter_c / t->channels;
        for (int32_t s = 0; s < slices && b->count < b->limit; s++)
            emit_block(v, t, o, kernels, s * t->channels, b);
    }
}

static size_t stream_bytes(const struct lp_weighted_view *v, const struct tiling *t)
{
    size_t slices = t->block != 0 ? 1 : (size_t)(v->filter_c / t->channels), sum = 0;
    for (int32_t o = 0; o < v->out_c; o += t->kernels) {
        int32_t kernels = v->out_c - o < t->kernels ? v->out_c - o : t->kernels;
        size_t block = (size_t)kernels * (size_t)t->rows * (size_t)v->kernel_w * (size_t)t->channels;
        sum += slices * (t->is_deep ? (block + WORD_BYTES - 1) / WORD_BYTES * WORD_BYTES : block);
    }
    return sum;
}

static uint64_t key_of(const uint8_t *data)
{
    uint64_t key;
    memcpy(&key, data, sizeof key);
    return key;
}

static int by_key(const void *a, const void *b)
{
    const struct start *p = a, *q = b;
    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return p->image != q->image ? (p->image < q->image ? -1 : 1) : p->offset < q->offset ? -1 : p->offset > q->offset;
}

static bool is_taken(const struct search *s, uint64_t address, uint64_t size_bytes)
{
    const struct lp_build *b = &s->folder->build;
    for (uint32_t i = 0; i < b->param_count; i++)
        if (address < b->params[i].address + b->params[i].size_bytes && b->params[i].address < address + size_bytes)
            return true;
    return false;
}

/* The first place that holds these bytes and nobody has taken; false: there is none. */
static bool find_bytes(const struct search *s, const uint8_t *data, size_t count, uint64_t *address, int32_t *pool)
{
    size_t low = 0, high = s->start_count;
    if (count < KEY_BYTES)
        return false;
    uint64_t key = key_of(data);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->starts[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < s->start_count && s->starts[low].key == key; low++) {
        const struct lp_build_image *image = &s->folder->images[s->starts[low].image];
        uint64_t offset = s->starts[low].offset;
        if (count > image->size_bytes - offset || memcmp(image->bytes + offset, data, count) != 0 ||
            is_taken(s, image->address + offset, count))
            continue;
        *address = image->address + offset;
        *pool = image->pool;
        return true;
    }
    return false;
}

static lp_status add_param(struct search *s, struct lp_build_param param)
{
    struct lp_build *b = &s->folder->build;
    if (b->param_count == s->param_capacity)
        return lp_error(&s->session->diag, LP_INTERNAL, "more parameters were found than the model has");
    b->params[b->param_count++] = param;
    return LP_OK;
}

static lp_status try_vector(struct search *s, const char *layer, enum lp_build_kind kind, const void *data, size_t count)
{
    struct lp_build_param param = {.name = layer, .layer = layer, .kind = kind, .size_bytes = count};
    return find_bytes(s, data, count, &param.address, &param.pool) ? add_param(s, param) : LP_OK;
}

/* Both forms, with the shift that the compiler's rule gives. */
static lp_status find_vectors(struct search *s, const struct lp_graph *graph, const struct lp_op *op, const char *layer)
{
    lp_status status = LP_OK;
    bool has_factor = false, has_constant = false;
    for (int form = 0; form < LP_VENDOR_FORMS && status == LP_OK; form++) {
        struct lp_vendor_layer v;
        uint32_t before = s->folder->build.param_count;
        status = lp_vendor_layer_make(&s->session->arena, &s->session->diag, graph, op, (enum lp_vendor_form)form,
                                      LP_VENDOR_NET_SUM, -1, &v);
        if (status == LP_OK && !has_factor)
            status = try_vector(s, layer, LP_BUILD_SCALE, v.factor, 2 * (size_t)v.view.out_c);
        has_factor = has_factor || s->folder->build.param_count != before;
        before = s->folder->build.param_count;
        if (status == LP_OK && !has_constant)
            status = try_vector(s, layer, LP_BUILD_BIAS, v.constant, 4 * (size_t)v.view.out_c);
        has_constant = has_constant || s->folder->build.param_count != before;
    }
    return status;
}

/* True when the stream of this tiling is in an image; it is a parameter then. */
static lp_status try_tiling(struct search *s, const struct lp_weighted_view *v, const struct tiling *t, const char *layer,
                            bool *found)
{
    uint8_t first[START_ALIGNMENT] = {0};
    struct bytes head = {first, 0, sizeof first};
    size_t size = stream_bytes(v, t);
    struct lp_build_param param = {.name = layer, .layer = layer, .kind = LP_BUILD_KERNEL, .size_bytes = size, .rank = 4};
    emit_stream(v, t, &head);
    if (size < KEY_BYTES || !find_bytes(s, first, size < sizeof first ? size : sizeof first, &param.address, &param.pool))
        return LP_OK;
    struct bytes whole = {LP_NEW_ARRAY(&s->session->arena, size, uint8_t), 0, size};
    if (whole.data == NULL)
        return lp_no_memory(&s->session->diag);
    emit_stream(v, t, &whole);
    *found = find_bytes(s, whole.data, size, &param.address, &param.pool);
    param.shape[0] = v->out_c;
    param.shape[1] = t->block != 0 ? t->block : v->filter_c;
    param.shape[2] = t->rows;
    param.shape[3] = v->kernel_w;
    param.is_inflated = t->block > 1;
    param.has_padding = true;
    return *found ? add_param(s, param) : LP_OK;
}

static lp_status find_rows(struct search *s, const struct lp_weighted_view *v, bool is_depthwise, int32_t row, int32_t rows,
                           const char *layer, bool *found)
{
    lp_status status = LP_OK;
    bool is_point = v->kernel_h * v->kernel_w == 1;
    for (int32_t block = 1; is_depthwise && block <= 2 * DEEP && !*found && status == LP_OK; block++)
        if (v->out_c % block == 0)
            status = try_tiling(s, v, &(struct tiling){row, rows, block, block, false, block}, layer, found);
    for (int32_t channels = v->filter_c; !is_depthwise && channels > 0 && !*found && status == LP_OK; channels--) {
        if (v->filter_c % channels != 0)
            continue;
        /* With all channels in one slice the groups do not show in a plain stream. */
        for (int32_t kernels = 1; kernels <= MOST_KERNELS && kernels <= v->out_c && !*found && status == LP_OK; kernels++) {
            if (channels != v->filter_c || kernels == 1)
                status = try_tiling(s, v, &(struct tiling){row, rows, kernels, channels, false, 0}, layer, found);
            if (status == LP_OK && is_point && !*found && channels <= MOST_CHANNELS)
                status = try_tiling(s, v, &(struct tiling){row, rows, kernels, channels, true, 0}, layer, found);
        }
    }
    return status;
}

/* Whole, or cut into groups of rows when units take no more at once. */
static lp_status find_kernel(struct search *s, const struct lp_weighted_view *v, bool is_depthwise, const char *layer)
{
    bool found = false;
    lp_status status = find_rows(s, v, is_depthwise, 0, v->kernel_h, layer, &found);
    for (int32_t row = 0; row < v->kernel_h && v->kernel_h > ROWS_AT_ONCE && !found && status == LP_OK; row += ROWS_AT_ONCE) {
        int32_t rows = v->kernel_h - row < ROWS_AT_ONCE ? v->kernel_h - row : ROWS_AT_ONCE;
        bool is_part = false;
        status = find_rows(s, v, is_depthwise, row, rows, layer, &is_part);
    }
    return status;
}

static lp_status index_images(struct search *s)
{
    size_t count = 0;
    for (uint32_t i = 0; i < s->folder->image_count; i++)
        count += (size_t)(s->folder->images[i].size_bytes / START_ALIGNMENT) + 1;
    s->starts = LP_NEW_ARRAY(&s->session->arena, count, struct start);
    if (s->starts == NULL)
        return lp_no_memory(&s->session->diag);
    for (uint32_t i = 0; i < s->folder->image_count; i++) {
        const struct lp_build_image *image = &s->folder->images[i];
        for (uint64_t at = 0; at + KEY_BYTES <= image->size_bytes; at += START_ALIGNMENT)
            s->starts[s->start_count++] = (struct start){key_of(image->bytes + at), i, at};
    }
    qsort(s->starts, s->start_count, sizeof *s->starts, by_key);
    return LP_OK;
}

/* What stands before the first parameter and behind the last of an image is nobody's. */
static lp_status add_rest(struct search *s, const struct lp_build_image *image)
{
    const struct lp_build *b = &s->folder->build;
    uint64_t first = image->address + image->size_bytes, last = image->address;
    for (uint32_t i = 0; i < b->param_count; i++) {
        const struct lp_build_param *p = &b->params[i];
        if (p->pool != image->pool)
            continue;
        first = p->address < first ? p->address : first;
        last = p->address + p->size_bytes > last ? p->address + p->size_bytes : last;
    }
    struct lp_build_param rest = {.name = "rest", .layer = "the image", .kind = LP_BUILD_UNKNOWN, .pool = image->pool};
    rest.address = image->address;
    rest.size_bytes = first - image->address;
    lp_status status = rest.size_bytes == 0 ? LP_OK : add_param(s, rest);
    rest.address = last;
    rest.size_bytes = image->address + image->size_bytes - last;
    return status != LP_OK || rest.size_bytes == 0 || last == image->address ? status : add_param(s, rest);
}

lp_status lp_streams_find(struct lp_session *session, const struct lp_graph *graph, struct lp_explain_folder *folder)
{
    struct search s = {
        .session = session, .folder = folder, .param_capacity = graph->op_count * PARAMS_OF_LAYER + 2 * folder->image_count};
    struct lp_build *b = &folder->build;
    b->params = LP_NEW_ARRAY(&session->arena, s.param_capacity, struct lp_build_param);
    b->param_count = 0;
    b->params_from = "the images, found by content";
    lp_status status = b->params == NULL ? lp_no_memory(&session->diag) : index_images(&s);
    /* Kernels of all layers first: vectors are short, and must not be found inside of one. */
    for (int vectors = 0; vectors <= 1; vectors++)
        for (uint32_t i = 0; i < graph->op_count && status == LP_OK; i++) {
            const struct lp_op *op = &graph->ops[i];
            struct lp_weighted_view v;
            struct lp_channel_scales unused;
            const char *layer = lp_arena_printf(&session->arena, "operator_%u", (unsigned)op->source_index);
            if (!lp_vendor_layer_is_known(graph, op))
                continue;
            status = layer == NULL ? lp_no_memory(&session->diag)
                     : vectors == 1
                         ? find_vectors(&s, graph, op, layer)
                         : lp_weighted_view_of(&session->arena, &session->diag, graph, op, LP_ROUNDING_SINGLE, &v, &unused);
            if (status == LP_OK && vectors == 0)
                status = find_kernel(&s, &v, op->kind == LP_OP_DEPTHWISE_CONV_2D, layer);
        }
    for (uint32_t i = 0; i < folder->image_count && status == LP_OK; i++)
        status = add_rest(&s, &folder->images[i]);
    return status;
}
