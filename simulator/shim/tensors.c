#include "simulator/shim/operators.h"

#include <math.h>

size_t lp_shim_extent(uint32_t n)
{
    return n == 0 ? 1 : n;
}

size_t lp_shim_count(const Tensor_info *t)
{
    return lp_shim_extent(t->dim.tensor_b) * lp_shim_extent(t->dim.tensor_h) * lp_shim_extent(t->dim.tensor_w) *
           lp_shim_extent(t->dim.tensor_c);
}

/* Element i as a position in each dimension. */
struct position {
    size_t b, h, w, c;
};

static struct position position_of(const Tensor_info *t, size_t i)
{
    size_t c = lp_shim_extent(t->dim.tensor_c), w = lp_shim_extent(t->dim.tensor_w), h = lp_shim_extent(t->dim.tensor_h);
    return (struct position){i / (c * w * h), i / (c * w) % h, i / c % w, i % c};
}

uintptr_t lp_shim_element(const Tensor_info *t, size_t i)
{
    struct position p = position_of(t, i);
    return (uintptr_t)t->mem.start_offset + p.b * t->stride.b + p.h * t->stride.h + p.w * t->stride.w + p.c * t->stride.c;
}

size_t lp_shim_broadcast(const Tensor_info *t, const Tensor_info *out, size_t i)
{
    struct position p = position_of(out, i);
    size_t c = lp_shim_extent(t->dim.tensor_c), w = lp_shim_extent(t->dim.tensor_w), h = lp_shim_extent(t->dim.tensor_h);
    size_t b = lp_shim_extent(t->dim.tensor_b);
    return ((p.b % b * h + p.h % h) * w + p.w % w) * c + p.c % c;
}

bool lp_shim_fits_broadcast(struct lp_shim_session *s, const char *name, const Tensor_info *t, const Tensor_info *out)
{
    const uint32_t sizes[4][2] = {{t->dim.tensor_b, out->dim.tensor_b},
                                  {t->dim.tensor_h, out->dim.tensor_h},
                                  {t->dim.tensor_w, out->dim.tensor_w},
                                  {t->dim.tensor_c, out->dim.tensor_c}};
    for (int k = 0; k < 4; k++)
        if (lp_shim_extent(sizes[k][0]) != 1 && lp_shim_extent(sizes[k][0]) != lp_shim_extent(sizes[k][1])) {
            lp_shim_fail(s, LP_BAD_INPUT,
                         "ll_sw_forward_%s: an operand has %u where its result has %u in dimension %c; allowed is "
                         "1 or the same",
                         name, sizes[k][0], sizes[k][1], "bhwc"[k]);
            return false;
        }
    return true;
}

struct lp_shim_axis lp_shim_axis_of(const Tensor_info *t, int axis)
{
    /* Of N, C, H, W the position in memory order b, h, w, c. */
    static const int places[4] = {0, 3, 1, 2};
    const size_t sizes[4] = {lp_shim_extent(t->dim.tensor_b), lp_shim_extent(t->dim.tensor_h), lp_shim_extent(t->dim.tensor_w),
                             lp_shim_extent(t->dim.tensor_c)};
    int place = places[axis < 0 ? (axis + 4) & 3 : axis & 3];
    struct lp_shim_axis a = {.depth = sizes[place], .inner = 1, .outer = 1};
    for (int k = place + 1; k < 4; k++)
        a.inner *= sizes[k];
    for (int k = 0; k < place; k++)
        a.outer *= sizes[k];
    return a;
}

void *lp_shim_room(struct lp_shim_session *s, size_t count, size_t bytes)
{
    void *memory = lp_arena_alloc(&s->scratch, count, bytes);
    if (memory == NULL)
        s->status = lp_no_memory(&s->diag);
    return memory;
}

double *lp_shim_floats(struct lp_shim_session *s, const Tensor_info *t)
{
    size_t count = lp_shim_count(t);
    double *values = lp_shim_room(s, count, sizeof *values);
    for (size_t i = 0; values != NULL && i < count; i++) {
        float value;
        lp_shim_get(s, lp_shim_element(t, i), &value, sizeof value);
        values[i] = (double)value;
    }
    return s->status == LP_OK ? values : NULL;
}

double *lp_shim_list(struct lp_shim_session *s, const Tensor_info *t, size_t count)
{
    double *values = lp_shim_room(s, count, sizeof *values);
    for (size_t i = 0; values != NULL && i < count; i++) {
        float value;
        lp_shim_get(s, (uintptr_t)t->mem.start_offset + i * sizeof value, &value, sizeof value);
        values[i] = (double)value;
    }
    return s->status == LP_OK ? values : NULL;
}

double *lp_shim_bytes(struct lp_shim_session *s, const Tensor_info *t)
{
    size_t count = lp_shim_count(t);
    double *values = lp_shim_room(s, count, sizeof *values);
    for (size_t i = 0; values != NULL && i < count; i++) {
        uint8_t byte;
        lp_shim_get(s, lp_shim_element(t, i), &byte, 1);
        values[i] = t->format.is_signed ? (int8_t)byte : byte;
    }
    return s->status == LP_OK ? values : NULL;
}

int32_t lp_shim_int32_at(struct lp_shim_session *s, const Tensor_info *t, size_t i)
{
    int32_t value = 0;
    if (t->mem.start_offset != NULL)
        lp_shim_get(s, (uintptr_t)t->mem.start_offset + i * sizeof value, &value, sizeof value);
    return value;
}

void lp_shim_put_float(struct lp_shim_session *s, const Tensor_info *t, size_t i, float value)
{
    lp_shim_put(s, lp_shim_element(t, i), &value, sizeof value);
}

void lp_shim_put_int32(struct lp_shim_session *s, const Tensor_info *t, size_t i, int32_t value)
{
    lp_shim_put(s, lp_shim_element(t, i), &value, sizeof value);
}

void lp_shim_put_byte(struct lp_shim_session *s, const Tensor_info *t, size_t i, double value)
{
    double low = t->format.is_signed ? -128 : 0, high = t->format.is_signed ? 127 : 255;
    double limited = value > low ? (value < high ? value : high) : low;
    uint8_t byte = (uint8_t)(int32_t)limited;
    lp_shim_put(s, lp_shim_element(t, i), &byte, 1);
}

float lp_shim_scale_at(struct lp_shim_session *s, const Tensor_info *t, size_t i)
{
    float value = 0;
    size_t index = t->dim.num_elem > 1 ? i : 0;
    lp_shim_get(s, (uintptr_t)t->mem.start_offset + index * sizeof value, &value, sizeof value);
    return value;
}

int32_t lp_shim_zero_at(struct lp_shim_session *s, const Tensor_info *t, size_t i, bool is_signed)
{
    uint8_t byte = 0;
    if (t->mem.start_offset != NULL)
        lp_shim_get(s, (uintptr_t)t->mem.start_offset + (t->dim.num_elem > 1 ? i : 0), &byte, 1);
    return is_signed ? (int8_t)byte : byte;
}

double *lp_shim_reals(struct lp_shim_session *s, const Tensor_info *t, const Tensor_info *scale, const Tensor_info *zero)
{
    double *values = lp_shim_bytes(s, t);
    if (values == NULL)
        return NULL;
    double factor = (double)lp_shim_scale_at(s, scale, 0);
    int32_t offset = lp_shim_zero_at(s, zero, 0, zero->format.is_signed);
    for (size_t i = 0; i < lp_shim_count(t); i++)
        values[i] = (values[i] - offset) * factor;
    return s->status == LP_OK ? values : NULL;
}

void lp_shim_put_real(struct lp_shim_session *s, const Tensor_info *t, size_t i, double value, const Tensor_info *scale,
                      const Tensor_info *zero)
{
    double rounded = round(value / (double)lp_shim_scale_at(s, scale, 0));
    lp_shim_put_byte(s, t, i, rounded + lp_shim_zero_at(s, zero, 0, zero->format.is_signed));
}

void lp_shim_op_lacks(struct lp_shim_session *s, const char *name, const char *what, int value)
{
    lp_shim_fail(s, LP_UNSUPPORTED, "ll_sw_forward_%s with %s %d, which limpid does not have", name, what, value);
}

void lp_shim_op_lacks_type(struct lp_shim_session *s, const char *name, NodeType type)
{
#define NAME_OF(name) "LL_SW_" #name,
    static const char *const names[] = {LP_SHIM_NODE_TYPES(NAME_OF)};
    if ((size_t)type < LP_COUNT(names))
        lp_shim_fail(s, LP_UNSUPPORTED, "ll_sw_forward_%s of type %s, which limpid does not have", name, names[type]);
    else
        lp_shim_op_lacks(s, name, "type", (int)type);
}
