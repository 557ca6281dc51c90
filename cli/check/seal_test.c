#include "cli/check/constants.h"
#include "cli/check/seal.h"
#include "compiler/base/arena.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void every_change_is_found_where_it_is(void **state)
{
    (void)state;
    enum { SIZE = 3000 };
    uint8_t data[SIZE + 1];
    struct lp_seal_difference d;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7 + i / 256);
    json_t *seal = lp_seal_make(data, SIZE);
    assert_non_null(seal);
    assert_false(lp_seal_differs(seal, data, SIZE, &d));
    for (size_t i = 0; i < SIZE; i += 131) {
        data[i] ^= 0x10;
        assert_true(lp_seal_differs(seal, data, SIZE, &d));
        assert_true(d.first_byte <= i && i <= d.last_byte && d.last_byte - d.first_byte < 512);
        assert_int_equal(d.added_bytes, 0);
        data[i] ^= 0x10;
    }
    assert_true(lp_seal_differs(seal, data, SIZE + 1, &d));
    assert_int_equal(d.added_bytes, 1);
    assert_int_equal(d.first_byte, SIZE);
    assert_true(lp_seal_differs(seal, data, SIZE - 1, &d));
    assert_int_equal(d.added_bytes, -1);
    assert_true(lp_seal_differs(seal, data, 0, &d));
    assert_int_equal(d.first_byte, 0);
    json_object_set_new(seal, "crc32", json_string("00"));
    assert_true(lp_seal_differs(seal, data, SIZE, &d));
    assert_true(d.is_damaged);
    json_decref(seal);
    seal = lp_seal_make("", 0);
    assert_false(lp_seal_differs(seal, "", 0, &d));
    assert_true(lp_seal_differs(seal, "x", 1, &d));
    json_decref(seal);
}

static bool read_one(const char *text, enum lp_element element, uint32_t count, uint8_t *out)
{
    struct lp_constants_text t;
    return lp_constants_start(&t, text, strlen(text)) && lp_constants_member(&t, "a", element, count, out) &&
           lp_constants_end(&t);
}

static void constants_are_read_back(void **state)
{
    (void)state;
    uint8_t out[16];
    int32_t wide[2];
    int64_t widest;
    float real[2];
    assert_true(read_one("x_weights = {\n .a = {\n -128, 127,\n },\n};\n", LP_ELEMENT_INT8, 2, out));
    assert_true(out[0] == 0x80 && out[1] == 0x7f);
    assert_true(read_one("x_weights = {.a = {-2147483647 - 1, 5,},};", LP_ELEMENT_INT32, 2, out));
    memcpy(wide, out, sizeof wide);
    assert_true(wide[0] == INT32_MIN && wide[1] == 5);
    assert_true(read_one("x_weights = {.a = {-9223372036854775807 - 1,},};", LP_ELEMENT_INT64, 1, out));
    memcpy(&widest, out, sizeof widest);
    assert_true(widest == INT64_MIN);
    assert_true(read_one("x_weights = {.a = {0.5f, -1e-05f,},};", LP_ELEMENT_FLOAT32, 2, out));
    memcpy(real, out, sizeof real);
    assert_true(real[0] == 0.5f && real[1] == -1e-05f);
    static const char *const wrong[] = {"x_weights = {.a = {1, 2,},};",      "x_weights = {.a = {1, 2, 3,},",
                                        "x_weights = {.b = {1, 2, 3,},};",   "x_weights = {.a = {1, 2, 3, 4,},};",
                                        "x_weights = {.a = {1, 2, 128,},};", "x_weights = {.a = {1, 2, 99999999999999999999,},};",
                                        "x_weights = {.a = {1, 2, 3,},};x",  "weights = {",
                                        "x_weights = {.a = {1, -, 3,},};"};
    for (size_t i = 0; i < LP_COUNT(wrong); i++)
        if (read_one(wrong[i], LP_ELEMENT_INT8, 3, out))
            fail_msg("taken: %s", wrong[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_change_is_found_where_it_is),
                                       cmocka_unit_test(constants_are_read_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
