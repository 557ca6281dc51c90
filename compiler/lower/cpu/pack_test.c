/* Packed constants, byte by byte, at places computed from contract/packing.h's description by another way than the writer's. */
#include "compiler/lower/cpu/pack.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 23, WEIGHTS = 23 * 100 };

static int8_t weights[WEIGHTS];
static int32_t bias[CHANNELS], multiplier[CHANNELS];
static int8_t shift[CHANNELS];

static struct lp_pack shape(int32_t channels)
{
    for (int i = 0; i < WEIGHTS; i++)
        weights[i] = (int8_t)(i * 7 % 251 - 125);
    for (int32_t c = 0; c < CHANNELS; c++) {
        bias[c] = -1000000 * c + 17;
        multiplier[c] = (1 << 30) + 123457 * c;
        shift[c] = (int8_t)(-2 - c);
    }
    return (struct lp_pack){
        .weights = weights, .bias = bias, .multiplier = multiplier, .shift = shift, .channels = channels, .per_channel = true};
}

/* Exactly as many bytes as were announced; the caller frees them. */
static int8_t *packed(const struct lp_pack *p, lp_pack_constants *write, size_t *count)
{
    *count = write(p, NULL);
    int8_t *bytes = malloc(*count);
    assert_non_null(bytes);
    memset(bytes, 0x55, *count);
    assert_int_equal(write(p, bytes), *count);
    return bytes;
}

static int32_t word_at(const int8_t *bytes, int32_t offset)
{
    const uint8_t *b = (const uint8_t *)bytes + offset;
    return (int32_t)(b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24);
}

static void check_groups(int32_t channels, int32_t rows, int32_t row_bytes, bool per_channel, uint8_t rounding)
{
    struct lp_pack p = shape(channels);
    const int32_t taps = rows * row_bytes;
    p.channel_stride = taps;
    p.tap_stride = 1;
    p.rows = rows;
    p.row_bytes = row_bytes;
    p.per_channel = per_channel;
    p.rounding = rounding;
    size_t count;
    int8_t *bytes = packed(&p, lp_pack_groups, &count);
    const int32_t head = per_channel ? 36 : 16, group = head + 4 * taps, whole = channels / 4 * 4, rest = channels - whole;
    for (int32_t c = 0; c < whole; c++) {
        const int32_t start = c / 4 * group;
        assert_int_equal(word_at(bytes, start + c % 4 * 4), bias[c]);
        if (per_channel) {
            assert_int_equal(word_at(bytes, start + 16 + c % 4 * 4), multiplier[c]);
            assert_int_equal(bytes[start + 32 + c % 4], shift[c] + (rounding == 0 ? 1 : 0));
        }
        for (int32_t k = 0; k < taps; k++) {
            const int32_t vector = k % row_bytes / 16, left = row_bytes - 16 * vector, width = left < 16 ? left : 16;
            const int32_t at = start + head + 4 * (k / row_bytes * row_bytes + 16 * vector) + c % 4 * width + k % row_bytes % 16;
            assert_int_equal(bytes[at], weights[c * taps + k]);
        }
    }
    const int32_t rest_start = whole / 4 * group, rest_head = per_channel ? 8 * rest + 4 : 4 * rest;
    for (int32_t r = 0; r < rest; r++) {
        assert_int_equal(word_at(bytes, rest_start + 4 * r), bias[whole + r]);
        if (per_channel) {
            assert_int_equal(word_at(bytes, rest_start + 4 * (rest + r)), multiplier[whole + r]);
            assert_int_equal(bytes[rest_start + 8 * rest + r], shift[whole + r]);
        }
        for (int32_t k = 0; k < taps; k++)
            assert_int_equal(bytes[rest_start + rest_head + r * taps + k], weights[(whole + r) * taps + k]);
    }
    /* Room behind the last vector of the groups, and nothing more. */
    const int32_t end = rest_start + (rest == 0 ? 0 : rest_head + rest * taps), tail = row_bytes % 16;
    const int32_t readable = whole == 0 || tail == 0 ? 0 : rest_start - tail + 16;
    assert_int_equal(count, end > readable ? end : readable);
    free(bytes);
}

static void groups_of_four_channels(void **state)
{
    (void)state;
    for (int32_t channels = 1; channels <= 9; channels++)
        for (int32_t rows = 1; rows <= 3; rows++)
            for (int32_t row_bytes = 1; row_bytes <= 33; row_bytes += 4)
                for (int flags = 0; flags < 4; flags++)
                    check_groups(channels, rows, row_bytes, flags % 2 != 0, (uint8_t)(flags / 2));
}

static void check_blocks(int32_t channels, int32_t taps, int32_t repeat, uint8_t rounding)
{
    static const int32_t lane_at_place[16] = {0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15};
    struct lp_pack p = shape(channels);
    p.channel_stride = 1;
    p.tap_stride = channels;
    p.taps = taps;
    p.repeat = repeat;
    p.rounding = rounding;
    size_t count;
    int8_t *bytes = packed(&p, lp_pack_blocks, &count);
    const int32_t lanes = channels * repeat;
    int32_t start = 0;
    for (int32_t first = 0; first < lanes; first += 16) {
        const int32_t width = lanes - first < 16 ? lanes - first : 16;
        for (int32_t place = 0; place < 16; place++) {
            const bool exists = lane_at_place[place] < width;
            const int32_t c = (first + lane_at_place[place]) % channels;
            assert_int_equal(bytes[start + place], exists ? shift[c] + (rounding == 0 ? 1 : 0) : 0);
            assert_int_equal(word_at(bytes, start + 16 + 4 * place), exists ? bias[c] : 0);
            assert_int_equal(word_at(bytes, start + 80 + 4 * place), exists ? multiplier[c] : 0);
        }
        for (int32_t k = 0; k < taps; k++)
            for (int32_t lane = 0; lane < width; lane++)
                assert_int_equal(bytes[start + 144 + k * width + lane], weights[k * channels + (first + lane) % channels]);
        start += 144 + taps * width;
    }
    assert_int_equal(count, start);
    free(bytes);
}

static void blocks_of_sixteen_channels(void **state)
{
    (void)state;
    for (int32_t channels = 1; channels <= CHANNELS; channels++)
        for (int32_t taps = 1; taps <= 9; taps += 2)
            check_blocks(channels, taps, 1, (uint8_t)(taps / 2 % 2));
    check_blocks(8, 9, 2, 0);
    check_blocks(4, 9, 4, 1);
    check_blocks(1, 9, 16, 0);
}

static void a_single_scale_serves_every_channel(void **state)
{
    (void)state;
    struct lp_pack p = shape(5);
    size_t count;
    p.channel_stride = 1;
    p.tap_stride = 5;
    p.taps = 3;
    p.repeat = 1;
    p.is_single_scale = true;
    int8_t *bytes = packed(&p, lp_pack_blocks, &count);
    for (int32_t place = 0; place < 16; place += 4) /* lanes 0, 2, 1, 3 */
        assert_int_equal(word_at(bytes, 80 + 4 * place), multiplier[0]);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_of_four_channels),
        cmocka_unit_test(blocks_of_sixteen_channels),
        cmocka_unit_test(a_single_scale_serves_every_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
