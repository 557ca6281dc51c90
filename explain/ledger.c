#include "explain/ledger.h"

#include <stdlib.h>
#include <string.h>

enum { WORD_BYTES = 3, LEAST_COPY_BYTES = 16 };

struct accounting {
    struct lp_arena *arena;
    struct lp_diag *diag;
    const struct lp_build *build;
    const struct lp_build_image *images;
    uint32_t image_count, row_capacity;
    int64_t alignment; /* of what starts behind a gap */
    struct lp_build_ledger *out;
};

static lp_status add(struct accounting *a, const char *layer, bool is_explained, enum lp_cause cause, int64_t bytes)
{
    struct lp_build_ledger *l = a->out;
    if (bytes == 0)
        return LP_OK;
    l->explained_bytes += is_explained ? bytes : 0;
    for (uint32_t i = l->row_count; i-- > 0;)
        if (l->rows[i].layer == layer && l->rows[i].is_explained == is_explained && l->rows[i].cause == cause) {
            l->rows[i].bytes += bytes;
            return LP_OK;
        }
    if (l->row_count == a->row_capacity)
        return lp_error(a->diag, LP_INTERNAL, "the ledger has no room for another row");
    l->rows[l->row_count++] = (struct lp_build_row){layer, is_explained, cause, bytes};
    return LP_OK;
}

static struct lp_build_layer *layer_of(struct accounting *a, const char *name)
{
    struct lp_build_ledger *l = a->out;
    for (uint32_t i = 0; i < l->layer_count; i++)
        if (strcmp(l->layers[i].name, name) == 0)
            return &l->layers[i];
    l->layers[l->layer_count] = (struct lp_build_layer){.name = name, .block = 1};
    return &l->layers[l->layer_count++];
}

static int64_t elements_of(const struct lp_build_param *p)
{
    int64_t elements = p->rank == 0 ? 0 : 1;
    for (uint32_t i = 0; i < p->rank; i++) {
        if (p->shape[i] <= 0 || elements > INT32_MAX / p->shape[i])
            return 0;
        elements *= p->shape[i];
    }
    return elements;
}

static const uint8_t *bytes_of(const struct accounting *a, const struct lp_build_param *p)
{
    for (uint32_t i = 0; i < a->image_count; i++) {
        const struct lp_build_image *image = &a->images[i];
        if (p->address >= image->address && p->address - image->address <= image->size_bytes &&
            p->size_bytes <= image->size_bytes - (p->address - image->address))
            return image->bytes + (p->address - image->address);
    }
    return NULL;
}

static int64_t up_to_word(int64_t bytes)
{
    return (bytes + WORD_BYTES - 1) / WORD_BYTES * WORD_BYTES;
}

/* Kernel k of a block-diagonal depthwise convolution has values for channel k mod block only. */
static bool is_block_diagonal(const uint8_t *bytes, int64_t outputs, int64_t taps, int64_t block)
{
    bool has_value = false;
    for (int64_t k = 0; k < outputs; k++)
        for (int64_t t = 0; t < taps; t++)
            for (int64_t c = 0; c < block; c++) {
                uint8_t value = bytes[(k * taps + t) * block + c];
                if (c != k % block && value != 0)
                    return false;
                has_value = has_value || value != 0;
            }
    return has_value;
}

static bool all_ones(const uint8_t *bytes, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        if (bytes[i] != 1)
            return false;
    return count != 0;
}

/* Channels of one block when the kernel's shape is [out, in, height, width], or [out, height, width, in]. */
static int64_t block_of_shape(const struct lp_build_param *p, bool is_channel_last)
{
    int64_t block = is_channel_last ? p->shape[3] : p->shape[1];
    return block > 1 && p->shape[0] % block == 0 ? block : 1;
}

/* What the convolution unit is set to; 0: nobody says. */
static int64_t block_by_unit(const struct accounting *a, const struct lp_build_param *p)
{
    for (uint32_t i = 0; i < a->build->convolution_count; i++) {
        const struct lp_build_convolution *c = &a->build->convolutions[i];
        if (strcmp(c->layer, p->layer) == 0 && c->batchDepth > 0 &&
            elements_of(p) == p->shape[0] * c->kernelWidth * c->kernelHeight * c->batchDepth)
            return c->batchDepth;
    }
    return 0;
}

/* How many channels are stored together, with zeros around one of them: said by name and shape, or seen in the bytes. Both
 * orders of dimensions occur; where the shape leaves it open, the unit's setting decides, or the bytes do. */
static int64_t block_of(const struct accounting *a, const struct lp_build_param *p)
{
    const uint8_t *bytes = (uint64_t)elements_of(p) == p->size_bytes ? bytes_of(a, p) : NULL;
    int64_t by_unit = block_by_unit(a, p);
    if (p->rank != 4 || elements_of(p) == 0)
        return 1;
    for (int last = 0; last <= 1 && bytes != NULL; last++) {
        int64_t block = block_of_shape(p, last == 1), taps = elements_of(p) / p->shape[0] / block;
        if (block > 1 && taps > 1 && is_block_diagonal(bytes, p->shape[0], taps, block))
            return block;
    }
    if (!p->is_inflated)
        return 1;
    if (by_unit > 0)
        return by_unit;
    return block_of_shape(p, p->shape[2] != p->shape[3] && p->shape[1] == p->shape[2]);
}

/* Deep kernels come in frames of n kernels and b channels, each filled up to words of three bytes. */
static int64_t deep_padding_of(int64_t outputs, int64_t inputs, int64_t n, int64_t b)
{
    int64_t frame = n * b, last = outputs % n * b;
    return (outputs / n * (up_to_word(frame) - frame) + up_to_word(last) - last) * (inputs / b);
}

/* What some legal tiling adds, as long as it is at most `most` and more than `least`; 0: none does. Groups of equal size come
 * first, as the compiler prefers them. */
static int64_t deep_padding_between(int64_t outputs, int64_t inputs, int64_t least, int64_t most)
{
    enum { MOST_KERNELS = 24 };
    for (int is_uneven = 0; is_uneven <= 1; is_uneven++)
        for (int64_t n = MOST_KERNELS < outputs ? MOST_KERNELS : outputs; n > 0; n--)
            for (int64_t b = inputs; b > 0 && (outputs % n != 0) == is_uneven; b--) {
                int64_t padding = inputs % b == 0 ? deep_padding_of(outputs, inputs, n, b) : 0;
                if (padding > least && padding <= most)
                    return padding;
            }
    return 0;
}

static lp_status add_kernel(struct accounting *a, const struct lp_build_param *p, struct lp_build_layer *layer)
{
    int64_t elements = elements_of(p), size = (int64_t)p->size_bytes;
    const uint8_t *bytes = bytes_of(a, p);
    if (bytes != NULL && all_ones(bytes, p->size_bytes) && strstr(p->name, "weights") == NULL)
        return add(a, layer->name, true, LP_CAUSE_PAD_KERNELS, size);
    if (elements <= 0 || elements > size)
        return add(a, layer->name, false, LP_CAUSE_COUNT, size);
    int64_t block = block_of(a, p), taps = elements / p->shape[0] / block;
    layer->outputs = p->shape[0] > layer->outputs ? p->shape[0] : layer->outputs;
    layer->kernel_elements += elements / block;
    layer->block = block > layer->block ? block : layer->block;
    bool has_one_input = p->rank == 4 && (p->shape[1] == 1 || (p->shape[1] == p->shape[2] && p->shape[3] == 1));
    layer->is_depthwise = layer->is_depthwise || block > 1 || (has_one_input && taps > 1);
    lp_status status = add(a, layer->name, true, LP_CAUSE_MODEL_CONSTANTS, elements / block);
    if (status == LP_OK)
        status = add(a, layer->name, true, LP_CAUSE_DEPTHWISE_BLOCK_DIAGONAL, elements - elements / block);
    /* What a buffer of a kernel has more than elements are the zeros that fill its frames. */
    int64_t more = size - elements;
    bool is_padding = p->has_padding || deep_padding_between(p->shape[0], elements / p->shape[0], more - 1, more) == more;
    return status == LP_OK ? add(a, layer->name, is_padding, LP_CAUSE_FRAME_PADDING, more) : status;
}

/* A vector of so many bytes a channel; what is more is repeated along the row. */
static lp_status add_vector(struct accounting *a, const struct lp_build_param *p, const struct lp_build_layer *layer,
                            enum lp_cause cause, int64_t channel_bytes)
{
    int64_t size = (int64_t)p->size_bytes, plain = layer->outputs * channel_bytes;
    if (layer->outputs == 0 || size <= plain)
        plain = size;
    lp_status status = add(a, layer->name, true, cause, plain);
    return status == LP_OK ? add(a, layer->name, true, LP_CAUSE_ROW_VECTORS, size - plain) : status;
}

/* A bias vector takes the place of the model's biases, 4 bytes each in both; a single value stands for the zero point only. */
static lp_status add_bias(struct accounting *a, const struct lp_build_param *p, struct lp_build_layer *layer)
{
    bool is_vector = (int64_t)p->size_bytes >= (layer->outputs > 1 ? 2 : 4) * layer->outputs;
    layer->has_bias_vector = layer->has_bias_vector || is_vector;
    return is_vector ? add_vector(a, p, layer, LP_CAUSE_MODEL_CONSTANTS, 4)
                     : add(a, layer->name, true, LP_CAUSE_ZERO_POINT_TERMS, (int64_t)p->size_bytes);
}

/* The layer has the very same bytes already: a unit or a pool of its own reads them. */
static bool is_copy(const struct accounting *a, const struct lp_build_param *p)
{
    const uint8_t *bytes = bytes_of(a, p);
    if ((p->kind != LP_BUILD_KERNEL && p->kind != LP_BUILD_SCALE && p->kind != LP_BUILD_BIAS) || bytes == NULL ||
        p->size_bytes < LEAST_COPY_BYTES)
        return false;
    for (const struct lp_build_param *q = a->build->params; q < p; q++) {
        const uint8_t *other = q->kind == p->kind && q->size_bytes == p->size_bytes ? bytes_of(a, q) : NULL;
        if (other != NULL && other != bytes && strcmp(q->layer, p->layer) == 0 && memcmp(other, bytes, p->size_bytes) == 0)
            return true;
    }
    return false;
}

static lp_status add_param(struct accounting *a, const struct lp_build_param *p)
{
    static const enum lp_cause causes[] = {
        [LP_BUILD_ZERO_POINT] = LP_CAUSE_ZERO_POINT_TERMS, [LP_BUILD_PAD_KERNEL] = LP_CAUSE_PAD_KERNELS,
        [LP_BUILD_TABLE] = LP_CAUSE_ACTIVATION_TABLES,     [LP_BUILD_SCALAR] = LP_CAUSE_IO,
        [LP_BUILD_COPY] = LP_CAUSE_LAYOUT_PADDING,
    };
    struct lp_build_layer *layer = layer_of(a, p->layer);
    enum lp_build_kind kind = is_copy(a, p) ? LP_BUILD_COPY : p->kind;
    switch (kind) {
    case LP_BUILD_KERNEL: return add_kernel(a, p, layer);
    case LP_BUILD_SCALE: return add_vector(a, p, layer, LP_CAUSE_SCALE_VECTORS, 2);
    case LP_BUILD_BIAS: return add_bias(a, p, layer);
    case LP_BUILD_UNKNOWN: {
        const uint8_t *bytes = bytes_of(a, p);
        bool is_identity = bytes != NULL && p->rank == 4 && all_ones(bytes, p->size_bytes);
        return add(a, layer->name, is_identity, is_identity ? LP_CAUSE_PAD_KERNELS : LP_CAUSE_COUNT, (int64_t)p->size_bytes);
    }
    default: return add(a, layer->name, true, causes[kind], (int64_t)p->size_bytes);
    }
}

/* A deep kernel's buffer may be listed without what fills its frames; then its last bytes stand in the gap behind it. */
static int64_t deep_padding(const struct accounting *a, const struct lp_build_param *p, int64_t gap)
{
    const struct lp_build_param behind = {.address = p->address + p->size_bytes, .size_bytes = (uint64_t)gap};
    const uint8_t *bytes = bytes_of(a, &behind);
    int64_t taken = gap, elements = elements_of(p);
    if (p->kind != LP_BUILD_KERNEL || p->has_padding || elements == 0 || elements != (int64_t)p->size_bytes || p->rank < 4 ||
        p->shape[2] * p->shape[3] != 1)
        return 0;
    while (bytes != NULL && taken > 0 && bytes[taken - 1] == 0)
        taken--;
    for (uint32_t i = 0; i < a->build->convolution_count; i++) {
        const struct lp_build_convolution *c = &a->build->convolutions[i];
        if (!c->is_deep || strcmp(c->layer, p->layer) != 0 || c->nKernels <= 0 || c->batchDepth <= 0)
            continue;
        int64_t padding = deep_padding_of(p->shape[0], elements / p->shape[0], c->nKernels, c->batchDepth);
        return padding <= gap ? padding : 0;
    }
    int64_t least = gap < a->alignment ? 0 : gap - a->alignment;
    if (gap < a->alignment && (bytes == NULL || taken == 0))
        return 0;
    return deep_padding_between(p->shape[0], elements / p->shape[0], bytes != NULL && taken - 1 > least ? taken - 1 : least, gap);
}

/* A gap is made of zeros, where the bytes are there to be looked at. */
static bool is_empty(const struct accounting *a, uint64_t address, int64_t size)
{
    const struct lp_build_param gap = {.address = address, .size_bytes = (uint64_t)size};
    const uint8_t *bytes = bytes_of(a, &gap);
    for (int64_t i = 0; bytes != NULL && i < size; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static lp_status add_gap(struct accounting *a, const struct lp_build_param *before, int64_t gap)
{
    uint64_t end = before->address + before->size_bytes;
    int64_t padding = deep_padding(a, before, gap);
    bool is_gap = gap - padding < a->alignment && is_empty(a, end + (uint64_t)padding, gap - padding);
    const char *layer = layer_of(a, before->layer)->name;
    if (!is_gap)
        return add(a, layer, false, LP_CAUSE_COUNT, gap);
    lp_status status = add(a, layer, true, LP_CAUSE_FRAME_PADDING, padding);
    return status == LP_OK ? add(a, layer, true, LP_CAUSE_ALIGNMENT, gap - padding) : status;
}

/* Where an image goes on behind the last parameter of its pool, somebody wrote these bytes. Zeros alone are the place of the
 * activations that share the pool: they are nobody's constants and do not count. */
static lp_status add_behind(struct accounting *a, const struct lp_build_param *last)
{
    uint64_t end = last->address + last->size_bytes;
    for (uint32_t i = 0; i < a->image_count; i++) {
        const struct lp_build_image *image = &a->images[i];
        if (image->pool != last->pool || end < image->address || end - image->address >= image->size_bytes)
            continue;
        int64_t rest = (int64_t)(image->size_bytes - (end - image->address)), written = rest;
        while (written > 0 && image->bytes[end - image->address + (uint64_t)written - 1] == 0)
            written--;
        if (written == 0)
            return LP_OK;
        /* What fills the last frame of a kernel may end with zeros. */
        rest = rest < written + a->alignment - 1 ? rest : written + a->alignment - 1;
        a->out->total_bytes += rest;
        return add_gap(a, last, rest);
    }
    return LP_OK;
}

static int by_address(const void *a, const void *b)
{
    const struct lp_build_param *p = a, *q = b;
    if (p->address != q->address)
        return p->address < q->address ? -1 : 1;
    return p->size_bytes < q->size_bytes ? 1 : p->size_bytes > q->size_bytes ? -1 : strcmp(p->name, q->name);
}

/* Tables may list a parameter twice, and views of a part of one. */
static bool is_same_or_within(const struct lp_build_param *outer, const struct lp_build_param *p)
{
    return p->address >= outer->address && p->address + p->size_bytes <= outer->address + outer->size_bytes;
}

static lp_status account_all(struct accounting *a, struct lp_build_param *params, uint32_t count)
{
    lp_status status = LP_OK;
    const struct lp_build_param *before = NULL;
    for (uint32_t i = 0; i < count && status == LP_OK; i++) {
        const struct lp_build_param *p = &params[i];
        bool follows = before != NULL && before->pool == p->pool;
        if (before != NULL && !follows)
            status = add_behind(a, before);
        if (follows && is_same_or_within(before, p))
            continue;
        uint64_t end = follows ? before->address + before->size_bytes : p->address;
        if (p->address < end)
            return lp_error(a->diag, LP_BAD_INPUT,
                            "%s: the parameters '%s' and '%s' overlap: the files belong to different builds",
                            a->build->params_from, before->name, p->name);
        if (follows && status == LP_OK)
            status = add_gap(a, before, (int64_t)(p->address - end));
        if (status == LP_OK)
            status = add_param(a, p);
        a->out->total_bytes += (int64_t)(p->address + p->size_bytes - end);
        before = p;
    }
    return status == LP_OK && before != NULL ? add_behind(a, before) : status;
}

/* Kernels first: the length of the vectors is read with their number of channels in mind. */
static void know_outputs(struct accounting *a)
{
    for (uint32_t i = 0; i < a->build->param_count; i++) {
        const struct lp_build_param *p = &a->build->params[i];
        struct lp_build_layer *layer = layer_of(a, p->layer);
        if (p->kind == LP_BUILD_KERNEL && p->rank > 0 && p->shape[0] > layer->outputs)
            layer->outputs = p->shape[0];
    }
}

static void sum_layers(struct accounting *a)
{
    for (uint32_t i = 0; i < a->out->row_count; i++)
        if (a->out->rows[i].layer != NULL)
            layer_of(a, a->out->rows[i].layer)->bytes += a->out->rows[i].bytes;
}

lp_status lp_build_account(struct lp_arena *arena, struct lp_diag *diag, struct lp_build *build,
                           const struct lp_build_image *images, uint32_t image_count, struct lp_build_ledger *out)
{
    struct accounting a = {
        .arena = arena, .diag = diag, .build = build, .images = images, .image_count = image_count, .out = out};
    *out = (struct lp_build_ledger){0};
    a.row_capacity = build->param_count * 4 + 8;
    a.alignment = (int64_t)lp_build_alignment(build);
    out->rows = LP_NEW_ARRAY(arena, a.row_capacity, struct lp_build_row);
    out->layers = LP_NEW_ARRAY(arena, (size_t)build->param_count + 1, struct lp_build_layer);
    if (out->rows == NULL || out->layers == NULL)
        return lp_no_memory(diag);
    if (build->param_count == 0)
        return LP_OK;
    qsort(build->params, build->param_count, sizeof *build->params, by_address);
    know_outputs(&a);
    lp_status status = account_all(&a, build->params, build->param_count);
    if (status == LP_OK)
        sum_layers(&a);
    return status;
}

int64_t lp_build_cause_bytes(const struct lp_build_ledger *ledger, enum lp_cause cause)
{
    int64_t bytes = 0;
    for (uint32_t i = 0; i < ledger->row_count; i++)
        if (ledger->rows[i].cause == cause)
            bytes += ledger->rows[i].bytes;
    return bytes;
}
