/* What is left of the images when kernels and vectors of the model are found: copies, identity kernels, scalars, the unknown. */
#include "cli/explain/search.h"

#include "diagnose/vendor_layer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How many scalars the model gives reason for. */
struct budget {
    uint32_t zeros;     /* one byte, 0: zero points that the units apply by themselves */
    uint32_t constants; /* two bytes: one for each layer whose constants are no vector */
};

static bool all_are(const uint8_t *bytes, uint64_t count, uint8_t value)
{
    for (uint64_t i = 0; i < count; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

static const uint8_t *bytes_of(const struct lp_search *s, const struct lp_build_param *p)
{
    for (uint32_t i = 0; i < s->folder->image_count; i++)
        if (s->folder->images[i].pool == p->pool)
            return s->folder->images[i].bytes + (p->address - s->folder->images[i].address);
    return NULL;
}

/* A compiler may store a parameter once for each unit or pool that reads it. */
static lp_status find_copies(struct lp_search *s)
{
    lp_status status = LP_OK;
    uint32_t count = s->folder->build.param_count;
    for (uint32_t p = 0; p < count && status == LP_OK; p++) {
        struct lp_build_param param = s->folder->build.params[p];
        const uint8_t *bytes = bytes_of(s, &param);
        if (bytes == NULL || param.size_bytes < LP_SEARCH_STEP || all_are(bytes, param.size_bytes, bytes[0]))
            continue;
        uint64_t key = lp_search_key(bytes);
        param.kind = LP_BUILD_COPY;
        for (size_t i = lp_search_first(s, key); i < s->place_count && s->places[i].key == key && status == LP_OK; i++) {
            const uint8_t *here = lp_search_free(s, &s->places[i], param.size_bytes);
            if (here != NULL && memcmp(here, bytes, param.size_bytes) == 0)
                status = lp_search_add(s, &s->places[i], param);
        }
    }
    return status;
}

static bool is_close(double value, double expected)
{
    return fabs(value - expected) <= ldexp(fabs(expected), -20);
}

/* A scale of a tensor of the model, or one divided by it, as float32. */
static bool is_scale(const struct lp_search *s, const uint8_t *bytes)
{
    float value;
    memcpy(&value, bytes, sizeof value);
    for (uint32_t t = 0; t < s->graph->tensor_count; t++) {
        const struct lp_quant *q = &s->graph->tensors[t].quant;
        if (q->count == 1 && (is_close((double)value, (double)q->scale[0]) || is_close((double)value, 1 / (double)q->scale[0])))
            return true;
    }
    return false;
}

static bool is_zero_point(const struct lp_search *s, uint8_t byte)
{
    for (uint32_t t = 0; t < s->graph->tensor_count; t++) {
        const struct lp_quant *q = &s->graph->tensors[t].quant;
        if (q->count == 1 && ((uint8_t)q->zero_point[0] == byte || (uint8_t)(q->zero_point[0] + 128) == byte))
            return true;
    }
    return false;
}

/* Bytes of a scalar at the beginning of `bytes`, followed by nothing but zeros; 0: none that the model gives reason for. */
static uint64_t scalar_bytes(const struct lp_search *s, const uint8_t *bytes, uint64_t left, struct budget *budget,
                             enum lp_build_kind *kind)
{
    *kind = LP_BUILD_ZERO_POINT;
    if (all_are(bytes, left, 0)) {
        /* An image is not padded at its end: there a scalar has the size of what is left. */
        if (budget->zeros == 0)
            return 0;
        budget->zeros--;
        return left < sizeof(float) ? left : 1;
    }
    if (left >= sizeof(float) && all_are(bytes + sizeof(float), left - sizeof(float), 0) && is_scale(s, bytes)) {
        *kind = LP_BUILD_SCALAR;
        return sizeof(float);
    }
    if (all_are(bytes + 1, left - 1, 0) && is_zero_point(s, bytes[0]))
        return 1;
    if (left >= 2 && all_are(bytes + 2, left - 2, 0) && budget->constants != 0) {
        budget->constants--;
        return 2;
    }
    return 0;
}

/* Bytes of an identity kernel, a run of ones, filled with zeros to the next place. */
static uint64_t identity_bytes(const uint8_t *bytes, uint64_t left)
{
    uint64_t ones = 0;
    while (ones < left && bytes[ones] == 1)
        ones++;
    uint64_t end = (ones + LP_SEARCH_STEP - 1) / LP_SEARCH_STEP * LP_SEARCH_STEP;
    end = end < left ? end : left;
    return ones >= 2 && all_are(bytes + ones, end - ones, 0) ? ones : 0;
}

static uint64_t end_of(const struct lp_search *s, const struct lp_build_image *image, uint64_t offset, uint64_t *next)
{
    const struct lp_build *b = &s->folder->build;
    uint64_t end = 0;
    *next = image->size_bytes;
    for (uint32_t i = 0; i < b->param_count; i++) {
        const struct lp_build_param *p = &b->params[i];
        uint64_t from = p->address - image->address;
        if (p->pool != image->pool)
            continue;
        if (from <= offset && from + p->size_bytes > offset)
            end = from + p->size_bytes;
        if (from > offset && from < *next)
            *next = from;
    }
    return end;
}

/* Walks over what nobody has taken, place by place. */
static lp_status take_scalars(struct lp_search *s, uint32_t image_index, uint64_t step, struct budget *budget)
{
    const struct lp_build_image *image = &s->folder->images[image_index];
    lp_status status = LP_OK;
    for (uint64_t at = 0, next; at < image->size_bytes && status == LP_OK;) {
        uint64_t end = end_of(s, image, at, &next), size;
        struct lp_build_param param = {.name = "scalar", .layer = "scalars"};
        if (end > at) {
            at = (end + step - 1) / step * step;
            continue;
        }
        uint64_t slot = next - at < step ? next - at : step;
        size = identity_bytes(image->bytes + at, next - at);
        param.kind = LP_BUILD_PAD_KERNEL;
        if (size == 0)
            size = scalar_bytes(s, image->bytes + at, slot, budget, &param.kind);
        param.size_bytes = size;
        if (size != 0)
            status = lp_search_add(s, &(struct lp_search_place){.image = image_index, .offset = at}, param);
        at += size > slot ? (size + step - 1) / step * step : step;
    }
    return status;
}

static struct budget budget_of(const struct lp_search *s)
{
    const struct lp_build *b = &s->folder->build;
    struct budget out = {.zeros = s->graph->op_count + 2 * (s->graph->input_count + s->graph->output_count)};
    for (uint32_t i = 0; i < s->graph->op_count; i++)
        out.constants += lp_vendor_layer_is_known(s->graph, &s->graph->ops[i]);
    for (uint32_t i = 0; i < b->param_count; i++)
        out.constants -= b->params[i].kind == LP_BUILD_BIAS && out.constants != 0;
    out.zeros += out.constants; /* such a constant may be zero */
    return out;
}

/* What stands before the first parameter and behind the last of an image is nobody's. */
static lp_status add_rest(struct lp_search *s, uint32_t image_index)
{
    const struct lp_build *b = &s->folder->build;
    const struct lp_build_image *image = &s->folder->images[image_index];
    uint64_t first = image->size_bytes, last = 0;
    struct lp_build_param rest = {.name = "rest", .layer = "the image", .kind = LP_BUILD_UNKNOWN};
    for (uint32_t i = 0; i < b->param_count; i++) {
        const struct lp_build_param *p = &b->params[i];
        uint64_t from = p->address - image->address;
        if (p->pool != image->pool)
            continue;
        first = from < first ? from : first;
        last = from + p->size_bytes > last ? from + p->size_bytes : last;
    }
    rest.size_bytes = first;
    lp_status status = first == 0 ? LP_OK : lp_search_add(s, &(struct lp_search_place){.image = image_index}, rest);
    rest.size_bytes = image->size_bytes - last;
    return status != LP_OK || rest.size_bytes == 0 || last == 0
               ? status
               : lp_search_add(s, &(struct lp_search_place){.image = image_index, .offset = last}, rest);
}

static int by_address(const void *a, const void *b)
{
    const struct lp_build_param *p = a, *q = b;
    return p->address < q->address ? -1 : p->address > q->address;
}

lp_status lp_search_leftovers(struct lp_search *s)
{
    lp_status status = find_copies(s);
    if (s->folder->build.param_count != 0)
        qsort(s->folder->build.params, s->folder->build.param_count, sizeof *s->folder->build.params, by_address);
    struct budget budget = budget_of(s);
    uint64_t step = lp_build_alignment(&s->folder->build);
    for (uint32_t i = 0; i < s->folder->image_count && status == LP_OK; i++)
        status = take_scalars(s, i, step, &budget);
    for (uint32_t i = 0; i < s->folder->image_count && status == LP_OK; i++)
        status = add_rest(s, i);
    return status;
}
