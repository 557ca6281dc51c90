/* The kernels that take one element and give one: requantize, quantize, dequantize, copy. */
#include <stdbool.h>

#include "runtime/kernels/reference/naive_test.h"

#include <math.h>
#include <string.h>

enum { COUNT = 256, ROUNDS = 2000 };

static void requantize_s8_as_naively(void **state)
{
    (void)state;
    int8_t in[COUNT];
    int8_t out[COUNT];
    for (int round = 0; round < ROUNDS; round++) {
        struct lp_requantize_s8 p = {.in = in,
                                     .out = out,
                                     .count = COUNT,
                                     .in_offset = random_in(-127, 128),
                                     .out_offset = random_in(-128, 127),
                                     .multiplier = random_in(1 << 30, INT32_MAX),
                                     .shift = (int8_t)random_in(-6, 4),
                                     .rounding = (uint8_t)random_in(0, 1)};
        random_range(&p.act_min, &p.act_max);
        for (int i = 0; i < COUNT; i++)
            in[i] = (int8_t)(i - 128);
        bool in_place = random_in(0, 1) == 0;
        p.out = in_place ? in : out;
        assert_int_equal(lp_requantize_s8__reference(&p), LP_OK);
        for (int i = 0; i < COUNT; i++) {
            int32_t scaled = naive_requantize(i - 128 + p.in_offset, p.multiplier, p.shift, p.rounding);
            assert_int_equal(p.out[i], naive_clamp(scaled + p.out_offset, p.act_min, p.act_max));
        }
    }
}

union elements {
    int8_t s8[COUNT];
    uint8_t u8[COUNT];
    int16_t s16[COUNT];
    int32_t s32[COUNT];
};

static void put(union elements *e, uint8_t element, int i, int32_t value)
{
    switch (element) {
    case LP_ELEMENT_INT8: e->s8[i] = (int8_t)value; break;
    case LP_ELEMENT_UINT8: e->u8[i] = (uint8_t)value; break;
    case LP_ELEMENT_INT16: e->s16[i] = (int16_t)value; break;
    default: e->s32[i] = value; break;
    }
}

static int32_t get(const union elements *e, uint8_t element, int i)
{
    switch (element) {
    case LP_ELEMENT_INT8: return e->s8[i];
    case LP_ELEMENT_UINT8: return e->u8[i];
    case LP_ELEMENT_INT16: return e->s16[i];
    default: return e->s32[i];
    }
}

/* int8, uint8, int16, int32 in the order of enum lp_element */
static const int32_t lowest[] = {-128, 0, -32768, -100000000};
static const int32_t highest[] = {127, 255, 32767, 100000000};

static void requantize_between_all_types_as_naively(void **state)
{
    (void)state;
    union elements in;
    union elements out;
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t from = (uint8_t)random_in(LP_ELEMENT_INT8, LP_ELEMENT_INT32);
        uint8_t to = (uint8_t)random_in(LP_ELEMENT_INT8, LP_ELEMENT_INT32);
        struct lp_requantize p = {.in = &in,
                                  .out = &out,
                                  .count = COUNT,
                                  .in_element = from,
                                  .out_element = to,
                                  .in_offset = -random_in(lowest[from], highest[from]),
                                  .out_offset = random_in(lowest[to], highest[to]),
                                  .multiplier = random_in(1 << 30, INT32_MAX),
                                  .rounding = (uint8_t)random_in(0, 1)};
        p.shift = (int8_t)(from == LP_ELEMENT_INT32 ? random_in(-20, 0) : random_in(-10, 6));
        for (int i = 0; i < COUNT; i++)
            put(&in, from, i, random_in(lowest[from], highest[from]));
        const union elements before = in;
        bool in_place = from == to || (to <= LP_ELEMENT_UINT8 && random_in(0, 1) == 0);
        p.out = in_place ? &in : &out;
        assert_int_equal(lp_requantize__reference(&p), LP_OK);
        for (int i = 0; i < COUNT; i++) {
            int32_t scaled = naive_requantize(get(&before, from, i) + p.in_offset, p.multiplier, p.shift, p.rounding) +
                             p.out_offset;
            int32_t low = to == LP_ELEMENT_INT32 ? INT32_MIN : lowest[to];
            int32_t high = to == LP_ELEMENT_INT32 ? INT32_MAX : highest[to];
            assert_int_equal(get(p.out, to, i), naive_clamp(scaled, low, high));
        }
    }
}

/* A number of every type, which long double holds exactly. */
static long double number_of(const void *data, uint8_t element, int i)
{
    switch (element) {
    case LP_ELEMENT_INT64: return (long double)((const int64_t *)data)[i];
    case LP_ELEMENT_FLOAT32: return ((const float *)data)[i];
    case LP_ELEMENT_BOOL: return ((const uint8_t *)data)[i] != 0;
    default: return get(data, element, i);
    }
}

static int64_t random_wide(void)
{
    const uint64_t high = (uint64_t)random_bits() << 32;
    return (int64_t)(high | random_bits()) >> random_in(0, 63);
}

static void put_number(void *data, uint8_t element, int i)
{
    static const float reals[8] = {0, -0.75f, 127.5f, -129, 3e9f, -3e9f, 1e19f, -1e19f};
    const int64_t number = random_wide();
    switch (element) {
    case LP_ELEMENT_INT64: ((int64_t *)data)[i] = number; break;
    case LP_ELEMENT_FLOAT32: ((float *)data)[i] = i < 8 ? reals[i] : (float)number / 4; break;
    case LP_ELEMENT_BOOL: ((uint8_t *)data)[i] = (uint8_t)(i % 3); break;
    default: put(data, element, i, (int32_t)number); break;
    }
}

/* Integers wrap around; what was real is cut and clamped. */
static long double naive_cast(long double number, uint8_t from, uint8_t to)
{
    static const int bits[] = {8, 8, 16, 32, 64};
    if (to == LP_ELEMENT_FLOAT32)
        return (float)number;
    if (to == LP_ELEMENT_BOOL)
        return number != 0;
    const long double size = ldexpl(1, bits[to]), least = to == LP_ELEMENT_UINT8 ? 0 : -size / 2;
    if (from == LP_ELEMENT_FLOAT32)
        return fminl(fmaxl(truncl(number), least), least + size - 1);
    return number - size * floorl((number - least) / size);
}

static void cast_between_all_types_as_naively(void **state)
{
    (void)state;
    static const size_t bytes[] = {1, 1, 2, 4, 8, 4, 1};
    int64_t in[COUNT], out[COUNT];
    for (int round = 0; round < ROUNDS; round++) {
        const uint8_t from = (uint8_t)random_in(LP_ELEMENT_INT8, LP_ELEMENT_BOOL);
        const uint8_t to = (uint8_t)random_in(LP_ELEMENT_INT8, LP_ELEMENT_BOOL);
        for (int i = 0; i < COUNT; i++)
            put_number(in, from, i);
        int64_t before[COUNT];
        memcpy(before, in, sizeof in);
        struct lp_cast p = {.in = in, .out = out, .count = COUNT, .in_element = from, .out_element = to};
        if (bytes[to] <= bytes[from] && random_in(0, 1) == 0)
            p.out = in;
        assert_int_equal(lp_cast__reference(&p), LP_OK);
        for (int i = 0; i < COUNT; i++)
            assert_true(number_of(p.out, to, i) == naive_cast(number_of(before, from, i), from, to));
    }
    const struct lp_cast unknown = {.in = in, .out = out, .count = 1, .in_element = LP_ELEMENT_BOOL + 1};
    assert_int_equal(lp_cast__reference(&unknown), LP_BAD_ARGUMENT);
}

static void requantize_wraps_at_the_ends_of_int32(void **state)
{
    (void)state;
    int32_t in[2] = {INT32_MIN, INT32_MAX};
    int16_t out[2];
    struct lp_requantize p = {.in = in,
                              .out = out,
                              .count = 2,
                              .in_offset = -1,
                              .multiplier = 1 << 30,
                              .shift = -15,
                              .in_element = LP_ELEMENT_INT32,
                              .out_element = LP_ELEMENT_INT16};
    assert_int_equal(lp_requantize__reference(&p), LP_OK);
    assert_int_equal(out[0], 32767);
    assert_int_equal(out[1], 32767);
    p.in_offset = 0;
    assert_int_equal(lp_requantize__reference(&p), LP_OK);
    assert_int_equal(out[0], -32768);
}

static void other_types_are_refused(void **state)
{
    (void)state;
    int8_t byte = 0;
    float number = 0;
    struct lp_requantize r = {.in = &byte, .out = &byte, .count = 1, .in_element = LP_ELEMENT_FLOAT32};
    assert_int_equal(lp_requantize__reference(&r), LP_BAD_ARGUMENT);
    r = (struct lp_requantize){.in = &byte, .out = &byte, .count = 1, .out_element = LP_ELEMENT_INT64};
    assert_int_equal(lp_requantize__reference(&r), LP_BAD_ARGUMENT);
    struct lp_quantize q = {.in = &number, .out = &byte, .count = 1, .scale = 1, .out_element = LP_ELEMENT_INT32};
    assert_int_equal(lp_quantize__reference(&q), LP_BAD_ARGUMENT);
    struct lp_dequantize d = {.in = &byte, .out = &number, .count = 1, .scale = 1, .in_element = LP_ELEMENT_BOOL};
    assert_int_equal(lp_dequantize__reference(&d), LP_BAD_ARGUMENT);
}

static void quantize_as_the_mathematics_library(void **state)
{
    (void)state;
    float in[COUNT];
    union elements out;
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t to = (uint8_t)random_in(LP_ELEMENT_INT8, LP_ELEMENT_INT16);
        struct lp_quantize p = {
            .in = in, .out = &out, .count = COUNT, .zero_point = random_in(lowest[to], highest[to]), .out_element = to};
        /* every other time a power of two, so that exact halves occur */
        p.scale = random_in(0, 1) == 0 ? 0.25f : (float)random_in(1, 100000) / 65536.0f;
        for (int i = 0; i < COUNT; i++)
            in[i] = (float)random_in(-300000, 300000) / (random_in(0, 1) == 0 ? 8.0f : 1024.0f);
        assert_int_equal(lp_quantize__reference(&p), LP_OK);
        for (int i = 0; i < COUNT; i++) {
            double steps = fmin(fmax((double)roundf(in[i] / p.scale), -1e6), 1e6);
            assert_int_equal(get(&out, to, i), naive_clamp((int32_t)steps + p.zero_point, lowest[to], highest[to]));
        }
    }
}

static void quantize_survives_every_float(void **state)
{
    (void)state;
    const float in[] = {INFINITY, -INFINITY, NAN, 3e38f, -3e38f, 0.49999997f, -0.49999997f, 0.5f, -0.5f, 8388609.0f, 1e-45f};
    const int8_t expected[] = {127, -128, 3, 127, -128, 3, 3, 4, 2, 127, 3};
    int8_t out[sizeof expected];
    struct lp_quantize p = {
        .in = in, .out = out, .count = (int32_t)sizeof expected, .zero_point = 3, .scale = 1, .out_element = LP_ELEMENT_INT8};
    assert_int_equal(lp_quantize__reference(&p), LP_OK);
    assert_same_bytes(out, expected, p.count);
}

/* The reference multiplies in double and rounds to float32 then. */
static void dequantize_as_in_double(void **state)
{
    (void)state;
    union elements in;
    float out[COUNT];
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t from = (uint8_t)random_in(LP_ELEMENT_INT8, LP_ELEMENT_INT16);
        struct lp_dequantize p = {.in = &in,
                                  .out = out,
                                  .count = COUNT,
                                  .zero_point = random_in(lowest[from], highest[from]),
                                  .scale = (float)random_bits() / 4e9f,
                                  .in_element = from};
        for (int i = 0; i < COUNT; i++)
            put(&in, from, i, random_in(lowest[from], highest[from]));
        assert_int_equal(lp_dequantize__reference(&p), LP_OK);
        for (int i = 0; i < COUNT; i++) {
            float expected = (float)((double)p.scale * (get(&in, from, i) - p.zero_point));
            assert_memory_equal(&out[i], &expected, sizeof expected);
        }
    }
}

static void copy_moves_bytes_and_may_stand_still(void **state)
{
    (void)state;
    const char in[] = "weights";
    char out[sizeof in] = "";
    struct lp_copy p = {.in = in, .out = out, .size_bytes = sizeof in};
    assert_int_equal(lp_copy__reference(&p), LP_OK);
    assert_string_equal(out, in);
    p.in = out;
    assert_int_equal(lp_copy__reference(&p), LP_OK);
    assert_string_equal(out, in);
}

static void copy_moves_between_places_that_overlap(void **state)
{
    (void)state;
    enum { MOST = 70 };
    for (uint32_t count = 0; count <= MOST / 2; count++)
        for (uint32_t from = 0; from <= MOST / 2; from++)
            for (uint32_t to = 0; to <= MOST / 2; to++) {
                uint8_t memory[MOST], expected[MOST];
                for (int i = 0; i < MOST; i++)
                    memory[i] = expected[i] = (uint8_t)(i * 7 + 1);
                for (uint32_t i = 0; i < count; i++)
                    expected[to + i] = (uint8_t)((from + i) * 7 + 1);
                const struct lp_copy p = {.in = memory + from, .out = memory + to, .size_bytes = count};
                assert_int_equal(lp_copy__reference(&p), LP_OK);
                assert_memory_equal(memory, expected, MOST);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requantize_s8_as_naively),
        cmocka_unit_test(requantize_between_all_types_as_naively),
        cmocka_unit_test(cast_between_all_types_as_naively),
        cmocka_unit_test(requantize_wraps_at_the_ends_of_int32),
        cmocka_unit_test(other_types_are_refused),
        cmocka_unit_test(quantize_as_the_mathematics_library),
        cmocka_unit_test(quantize_survives_every_float),
        cmocka_unit_test(dequantize_as_in_double),
        cmocka_unit_test(copy_moves_bytes_and_may_stand_still),
        cmocka_unit_test(copy_moves_between_places_that_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
