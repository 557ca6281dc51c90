#include "modbus/registers.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const double plain_scale = 1.0;

static float decode(enum lp_register_type type, enum lp_register_order order, uint16_t first, uint16_t second)
{
    const struct lp_register_format format = {type, order, plain_scale, 0.0};
    const uint16_t words[2] = {first, second};
    return lp_register_decode(&format, words);
}

static void the_four_orders_are_those_of_the_field(void **state)
{
    (void)state;

    assert_true(decode(LP_REGISTER_UINT32, LP_ORDER_ABCD, 0x1234, 0x5678) == (float)0x12345678);
    assert_true(decode(LP_REGISTER_UINT32, LP_ORDER_CDAB, 0x5678, 0x1234) == (float)0x12345678);
    assert_true(decode(LP_REGISTER_UINT32, LP_ORDER_BADC, 0x3412, 0x7856) == (float)0x12345678);
    assert_true(decode(LP_REGISTER_UINT32, LP_ORDER_DCBA, 0x7856, 0x3412) == (float)0x12345678);
    assert_true(decode(LP_REGISTER_FLOAT32, LP_ORDER_ABCD, 0xc2f7, 0x0000) == -123.5f);
    assert_true(decode(LP_REGISTER_FLOAT32, LP_ORDER_CDAB, 0x0000, 0xc2f7) == -123.5f);
    assert_true(decode(LP_REGISTER_FLOAT32, LP_ORDER_BADC, 0xf7c2, 0x0000) == -123.5f);
    assert_true(decode(LP_REGISTER_FLOAT32, LP_ORDER_DCBA, 0x0000, 0xf7c2) == -123.5f);
    assert_true(decode(LP_REGISTER_UINT16, LP_ORDER_CDAB, 0x1234, 0) == (float)0x1234);
    assert_true(decode(LP_REGISTER_UINT16, LP_ORDER_BADC, 0x1234, 0) == (float)0x3412);
    assert_true(decode(LP_REGISTER_UINT16, LP_ORDER_DCBA, 0x1234, 0) == (float)0x3412);
}

static void signs_and_ends_are_right(void **state)
{
    (void)state;
    assert_true(decode(LP_REGISTER_INT16, LP_ORDER_ABCD, 0xffff, 0) == -1.0f);
    assert_true(decode(LP_REGISTER_INT16, LP_ORDER_ABCD, 0x8000, 0) == -32768.0f);
    assert_true(decode(LP_REGISTER_INT16, LP_ORDER_ABCD, 0x7fff, 0) == 32767.0f);
    assert_true(decode(LP_REGISTER_UINT16, LP_ORDER_ABCD, 0xffff, 0) == 65535.0f);
    assert_true(decode(LP_REGISTER_INT32, LP_ORDER_ABCD, 0xffff, 0xffff) == -1.0f);
    assert_true(decode(LP_REGISTER_INT32, LP_ORDER_ABCD, 0x8000, 0x0000) == -2147483648.0f);
    assert_true(decode(LP_REGISTER_UINT32, LP_ORDER_ABCD, 0xffff, 0xffff) == 4294967296.0f);
    assert_true(isnan(decode(LP_REGISTER_FLOAT32, LP_ORDER_ABCD, 0x7fc0, 0x0000)));
    assert_true(isinf(decode(LP_REGISTER_FLOAT32, LP_ORDER_CDAB, 0x0000, 0xff80)));
}

static void scale_and_offset_are_rounded_once(void **state)
{
    (void)state;
    const struct lp_register_format format = {LP_REGISTER_INT32, LP_ORDER_ABCD, 0.001, -40.0};
    const uint16_t words[2] = {0x0001, 0x86a1}; /* 100001: as float32 already 100001, times 0.001 minus 40 is 60.001 */
    assert_true(lp_register_decode(&format, words) == 60.001f);
    const struct lp_register_format tenth = {LP_REGISTER_INT16, LP_ORDER_ABCD, 0.1, 0.0};
    const uint16_t word[1] = {613};
    assert_true(lp_register_decode(&tenth, word) == 61.3f);
}

static void encoding_and_decoding_are_inverse(void **state)
{
    (void)state;
    for (int type = LP_REGISTER_INT16; type <= LP_REGISTER_FLOAT32; type++)
        for (int order = LP_ORDER_ABCD; order <= LP_ORDER_DCBA; order++) {
            struct lp_register_format format = {(enum lp_register_type)type, (enum lp_register_order)order, 0.25, 3.0};
            for (int raw = 0; raw < 65536; raw += 97) {
                double value = 0.25 * (type == LP_REGISTER_INT16 ? raw - 32768 : raw) + 3.0;
                uint16_t words[2] = {0, 0};
                lp_register_encode(&format, value, words);
                assert_true(lp_register_decode(&format, words) == (float)value);
            }
        }
}

static uint16_t encoded(enum lp_register_type type, double value)
{
    const struct lp_register_format format = {type, LP_ORDER_ABCD, 1.0, 0.0};
    uint16_t words[2] = {0, 0};
    lp_register_encode(&format, value, words);
    return words[0];
}

static void encoding_saturates_and_rounds_to_even(void **state)
{
    (void)state;
    assert_int_equal(encoded(LP_REGISTER_INT16, 1e9), 0x7fff);
    assert_int_equal(encoded(LP_REGISTER_INT16, -1e9), 0x8000);
    assert_int_equal(encoded(LP_REGISTER_INT16, -1), 0xffff);
    assert_int_equal(encoded(LP_REGISTER_UINT16, -0.6), 0);
    assert_int_equal(encoded(LP_REGISTER_UINT16, 1e300), 0xffff);
    assert_int_equal(encoded(LP_REGISTER_UINT16, 2.5), 2);
    assert_int_equal(encoded(LP_REGISTER_UINT16, 3.5), 4);
    assert_int_equal(encoded(LP_REGISTER_INT16, -2.5), 0xfffe);
    assert_int_equal(encoded(LP_REGISTER_INT16, -3.5), 0xfffc);
    assert_int_equal(encoded(LP_REGISTER_INT16, (double)NAN), 0);
    assert_int_equal(encoded(LP_REGISTER_UINT16, (double)NAN), 0);
    assert_int_equal(encoded(LP_REGISTER_INT32, -1e300), 0x8000);
    assert_int_equal(encoded(LP_REGISTER_UINT32, (double)INFINITY), 0xffff);
    assert_int_equal(encoded(LP_REGISTER_FLOAT32, (double)NAN) & 0x7f80, 0x7f80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_four_orders_are_those_of_the_field), cmocka_unit_test(signs_and_ends_are_right),
        cmocka_unit_test(scale_and_offset_are_rounded_once),      cmocka_unit_test(encoding_and_decoding_are_inverse),
        cmocka_unit_test(encoding_saturates_and_rounds_to_even),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
