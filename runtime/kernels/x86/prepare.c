#include "runtime/kernels/kernels.h"
#include "runtime/kernels/x86/variants.h"

#include <string.h>

void *lp_x86_take(struct lp_x86_room *room, size_t bytes)
{
    void *memory = room->memory == NULL ? NULL : room->memory + room->used_bytes;
    room->used_bytes += (bytes + LP_X86_ALIGN_BYTES - 1) / LP_X86_ALIGN_BYTES * LP_X86_ALIGN_BYTES;
    return memory;
}

static void put_word(int8_t *tile, int32_t word, int32_t lane, int32_t value)
{
    memcpy(tile + 4 * (LP_X86_LANES * word + lane), &value, sizeof value);
}

static void pack_channel(const struct lp_x86_weights *w, bool adds_128, const struct lp_x86_tiles *tiles, int32_t place,
                         int8_t *tile)
{
    const int32_t channel = place % w->channels, lane = place % LP_X86_LANES, scale = w->per_channel ? channel : 0;
    int8_t *to = tile + LP_X86_HEAD_BYTES + LP_X86_STEP * lane;
    int64_t sum = 0;
    for (int32_t r = 0; r < w->rows; r++, to += tiles->row_steps * LP_X86_STEP_BYTES)
        for (int32_t k = 0; k < w->row_weights; k++) {
            const int8_t weight =
                w->weight[(ptrdiff_t)channel * w->channel_stride + (ptrdiff_t)r * w->row_stride + (ptrdiff_t)k * w->tap_stride];
            to[k / LP_X86_STEP * LP_X86_STEP_BYTES + k % LP_X86_STEP] = weight;
            sum += weight;
        }
    const int64_t bias = w->bias == NULL ? 0 : w->bias[channel];
    put_word(tile, 0, lane, (int32_t)(uint32_t)(bias + (w->in_offset - (adds_128 ? 128 : 0)) * sum));
    put_word(tile, 1, lane, w->multiplier[scale]);
    put_word(tile, 2, lane, w->shift[scale]);
}

void lp_x86_pack(struct lp_x86_room *room, const struct lp_x86_weights *w, bool adds_128, struct lp_x86_tiles *tiles)
{
    const int32_t steps = (w->row_weights + LP_X86_STEP - 1) / LP_X86_STEP;
    const int32_t tile_bytes = LP_X86_HEAD_BYTES + w->rows * steps * LP_X86_STEP_BYTES;
    const int32_t lanes = w->channels * w->repeat;
    const size_t count = (size_t)(lanes + LP_X86_LANES - 1) / LP_X86_LANES;
    int8_t *first = lp_x86_take(room, count * (size_t)tile_bytes);
    if (first == NULL)
        return;
    memset(first, 0, count * (size_t)tile_bytes);
    *tiles = (struct lp_x86_tiles){first, tile_bytes, lanes, w->rows, steps, w->rows * steps};
    for (int32_t c = 0; c < lanes; c++)
        pack_channel(w, adds_128, tiles, c, first + c / LP_X86_LANES * tile_bytes);
}

enum lp_x86_rounding lp_x86_rounding_of_all(const struct lp_x86_weights *w, uint8_t rounding)
{
    int32_t largest = w->shift[0];
    for (int32_t c = 1; w->per_channel && c < w->channels; c++)
        largest = w->shift[c] > largest ? w->shift[c] : largest;
    return lp_x86_rounding_of(rounding, largest);
}

void lp_x86_columns_inside(int32_t in_w, int32_t out_w, int32_t stride_w, int32_t pad_left, int32_t reach, int32_t *first,
                           int32_t *end)
{
    const int32_t last_start = in_w - reach;
    *first = (pad_left + stride_w - 1) / stride_w;
    *end = last_start < 0 ? 0 : (last_start + pad_left) / stride_w + 1;
    if (*end > out_w)
        *end = out_w;
    if (*end <= *first)
        *first = *end = out_w;
}

#if defined(__x86_64__)

static const struct variant {
    lp_kernel *reference;
    lp_kernel *run;
    lp_x86_prepare_run *prepare;
} variants[] = {
    {lp_conv2d_s8__reference, lp_conv2d_s8__x86, lp_x86_prepare_conv2d},
    {lp_depthwise_conv2d_s8__reference, lp_depthwise_conv2d_s8__x86, lp_x86_prepare_depthwise},
    {lp_fully_connected_s8__reference, lp_conv2d_s8__x86, lp_x86_prepare_fully_connected},
    {lp_add_s8__reference, lp_add_s8__avx2, lp_x86_prepare_add},
    {lp_average_pool_s8__reference, lp_average_pool_s8__avx2, lp_x86_prepare_pool},
    {lp_max_pool_s8__reference, lp_max_pool_s8__avx2, lp_x86_prepare_pool},
    {lp_mean_s8__reference, lp_mean_s8__avx2, lp_x86_prepare_mean},
};

static const struct variant *variant_of(lp_kernel *reference)
{
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
        if (variants[i].reference == reference)
            return &variants[i];
    return NULL;
}

static const struct lp_x86_ops *ops_of(enum lp_x86_level level)
{
    return level == LP_X86_VNNI ? &lp_x86_ops_vnni : &lp_x86_ops_avx2;
}

size_t lp_x86_bytes(enum lp_x86_level level, lp_kernel *reference, const void *args)
{
    const struct variant *variant = level == LP_X86_NONE ? NULL : variant_of(reference);
    struct lp_x86_room room = {NULL, 0};
    return variant != NULL && variant->prepare(ops_of(level), args, &room) ? room.used_bytes : 0;
}

lp_kernel *lp_x86_prepare(enum lp_x86_level level, lp_kernel *reference, const void *args, void *memory)
{
    struct lp_x86_room room = {memory, 0};
    const struct variant *variant = variant_of(reference);
    (void)variant->prepare(ops_of(level), args, &room);
    return variant->run;
}

#else

size_t lp_x86_bytes(enum lp_x86_level level, lp_kernel *reference, const void *args)
{
    (void)level, (void)reference, (void)args;
    return 0;
}

lp_kernel *lp_x86_prepare(enum lp_x86_level level, lp_kernel *reference, const void *args, void *memory)
{
    (void)level, (void)args, (void)memory;
    return reference;
}

#endif
